"""Break specs: where to stop, in one line of text. Both houses read them.

    Work   Work.exec   Work[2]   Work#3   Copies[2]/Work   Work -> retry   shared.user.name   raise
    … *3   … if EXPRESSION   … log MESSAGE with {expression}

A node is named by label (`Work (2)`), class, variable (`nodes[0]` and `nodes['a']` too) or id. `Work[2]` is
item 2 of Work, `Work#3` its third visit, `Copies[2]/Work` is Work within item 2 of Copies: in that lane only.
`*3` stops at exactly the third hit, counting only hits whose
condition holds. A name or action that would read as something else stands in quotes: `'a -> b' -> "x if y"`.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, Literal

Kind = Literal["node", "action", "shared", "raise"]

PHASES = ("prep", "exec", "post", "item", "attempt", "fallback")
"""What may follow the dot: the kinds of span below a visit."""

_MAX_PART = 2000  # characters of one {expression} in a log line

_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_HEAD = re.compile(rf"(?:{_QUOTED}|(?!(?<!->)\s(?:if|log)(?:\s|$))[^'\"])*", re.DOTALL)
_ARROW = re.compile(rf"((?:{_QUOTED}|(?!->)[^'\"])*)->(.*)", re.DOTALL)
_HITS = re.compile(r"(.*?)\s*\*\s*(\d+)", re.DOTALL)
_NAMED = rf"(?:{_QUOTED}|[^'\"\[\]#*]+?(?:\[(?:{_QUOTED})\])?)"
_INSIDE = re.compile(rf"({_NAMED})\s*\[(\d+)\]/", re.DOTALL)
_NODE = re.compile(
    rf"(?P<name>{_NAMED})\s*(?:\[(?P<item>\d+)\])?(?:\#(?P<visit>\d+))?(?:\.(?P<phase>{'|'.join(PHASES)}))?",
    re.DOTALL,
)
_KEY = re.compile(rf"\.([^\W\d]\w*)|\[\s*(-?\d+|{_QUOTED})\s*\]", re.DOTALL)
_NAME = re.compile(r"[^\W\d]\w*")


class ConditionError(Exception):
    """A condition raised; the text says what."""


@dataclass
class Breakpoint:
    """One place to stop, or to log. Raises ValueError when condition or log message do not compile."""

    kind: Kind
    node: str | None = None
    inside: tuple[tuple[str, int], ...] = ()  # only within these items, each by its node and index
    item: int | None = None  # index of a batch's item
    visit: int | None = None  # from 1, within a run
    phase: str | None = None  # one of PHASES; None: the visit
    action: str | None = None
    path: tuple[str | int, ...] | None = None  # below shared; () is shared itself
    hits: int | None = None  # stop at this hit only, from 1
    condition: str | None = None
    log: str | None = None  # write this message and do not stop
    enabled: bool = True
    id: int = 0
    hit_count: int = 0
    placed: bool | None = None  # does the program have such a node? None: not known yet
    code: CodeType | None = field(init=False, default=None, compare=False, repr=False)
    parts: list[str | CodeType] = field(init=False, default_factory=list, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.hits is not None and self.hits < 1:
            raise ValueError("A hit count begins at 1.")
        if self.condition is not None:
            self.code = _compile(self.condition, "condition")
        if self.log is not None:
            self.parts = _message_parts(self.log)


def parse(spec: str) -> Breakpoint:
    """The breakpoint that `spec` describes. Raises ValueError, one sentence, when it is none."""
    head = _HEAD.match(spec)
    place = head.group().strip() if head else ""
    condition, log = _split_options(spec[head.end() if head else 0 :])
    hits = None
    if counted := _HITS.fullmatch(place):
        place, hits = counted.group(1), int(counted.group(2))
    if not place:
        raise ValueError(
            f"Break spec {spec!r} names no place; try Node, Node.exec, Node -> action, shared.key or raise."
        )
    return Breakpoint(**_place(place), hits=hits, condition=condition, log=log)


def format(bp: Breakpoint) -> str:
    """The spec of `bp`: `parse` gives the same breakpoint again."""
    if bp.kind == "raise":
        text = "raise"
    elif bp.kind == "shared":
        text = "shared" + "".join(f".{k}" if _is_name(k) else f"[{k!r}]" for k in bp.path or ())
    else:
        text = _format_node(bp)
    if bp.hits is not None:
        text += f"*{bp.hits}"
    if bp.condition is not None:
        text += f" if {bp.condition}"
    if bp.log is not None:
        text += f" log {bp.log}"
    return text


def matches_node(bp: Breakpoint, names: set[str]) -> bool:
    """Whether `bp` is about the node that goes by `names`: its label, class, variable and id."""
    return bp.node in names or (bp.item is not None and f"{bp.node}[{bp.item}]" in names)


def unknown_name(bp: Breakpoint, known: set[str]) -> str | None:
    """The first node that `bp` names and that is not among those known."""
    around = next((name for name, _ in bp.inside if name not in known), None)
    return bp.node if around is None and not matches_node(bp, known) else around


def matches_change(bp: Breakpoint, path: Sequence[Any]) -> bool:
    """Whether a change at `path` below shared touches what `bp` watches: at it, inside it, or around it."""
    return bp.path is not None and all(a == b for a, b in zip(bp.path, path, strict=False))


def evaluate_condition(bp: Breakpoint, namespace: Mapping[str, Any]) -> bool:
    """Whether the condition holds; True without one. Raises ConditionError when it raises."""
    if bp.code is None:
        return True
    try:
        return bool(_evaluate(bp.code, namespace))
    except (Exception, SystemExit) as error:
        raise ConditionError(f"condition {bp.condition!r} raised {_described(error)}") from None


def count_hit(bp: Breakpoint) -> bool:
    """Count one hit, its condition being true; whether this is the one to act on."""
    bp.hit_count += 1
    return bp.hits is None or bp.hit_count == bp.hits


def render_log(bp: Breakpoint, namespace: Mapping[str, Any]) -> str:
    """The log message; a part that raises shows its error in braces."""
    return "".join(part if isinstance(part, str) else _render(part, namespace) for part in bp.parts)


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `name` was probably meant to be."""
    import difflib  # only for somebody who mistyped

    by_lower: dict[str, list[str]] = {}
    for other in sorted(known):
        by_lower.setdefault(other.lower(), []).append(other)
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    spellings = by_lower[close[0]] if close else []
    return max(spellings, key=lambda other: sum(map(str.__eq__, other, name)), default=None)


def _place(text: str) -> dict[str, Any]:
    """Kind, node, action and path of the place that `text` names."""
    if text == "raise":
        return {"kind": "raise"}
    if re.match(r"shared(?![^\s.\[])", text) and not text.startswith("shared "):
        return {"kind": "shared", "path": _path(text)}
    if arrow := _ARROW.fullmatch(text):
        node = _node(arrow.group(1).strip())
        if node["phase"]:
            raise ValueError(
                f"{text!r} has both a phase and an action; an action is chosen by the whole node."
            )
        action = arrow.group(2).strip()
        if not action:
            raise ValueError(f"{text!r} names no action behind the arrow.")
        return {**node, "kind": "action", "action": _unquoted(action)}
    return {**_node(text), "kind": "node"}


def _node(text: str) -> dict[str, Any]:
    inside: list[tuple[str, int]] = []
    at = 0
    while around := _INSIDE.match(text, at):
        inside.append((_unquoted(around[1].strip()), int(around[2])))
        at = around.end()
    found = _NODE.fullmatch(text, at)
    if not found or not (name := _unquoted(found["name"].strip())):
        raise ValueError(f"{text!r} is not the name of a node, optionally with [item], #visit and .phase.")
    item, visit = found["item"], found["visit"]
    if visit is not None and int(visit) < 1:
        raise ValueError(f"{text!r}: visits are counted from 1.")
    return {
        "node": name,
        "inside": tuple(inside),
        "item": None if item is None else int(item),
        "visit": None if visit is None else int(visit),
        "phase": found["phase"],
    }


def _path(text: str) -> tuple[str | int, ...]:
    """The keys of `shared.a['b c'][0]`."""
    keys: list[str | int] = []
    at = len("shared")
    while at < len(text):
        found = _KEY.match(text, at)
        if not found:
            raise ValueError(
                f"{text!r} is not a path; write shared.key, shared['any key'] or shared.list[0]."
            )
        keys.append(found[1] if found[1] is not None else _literal(found[2]))
        at = found.end()
    return tuple(keys)


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise ValueError(f"{text} is not a key.") from None


def _unquoted(text: str) -> str:
    """`text`, read as a string literal when it is quoted."""
    return str(_literal(text)) if re.fullmatch(_QUOTED, text, re.DOTALL) else text


def _format_node(bp: Breakpoint) -> str:
    text = "".join(f"{_quoted(name)}[{item}]/" for name, item in bp.inside) + _quoted(bp.node or "")
    if bp.item is not None:
        text += f"[{bp.item}]"
    if bp.visit is not None:
        text += f"#{bp.visit}"
    if bp.phase is not None:
        text += f".{bp.phase}"
    if bp.action is not None:
        text += f" -> {_quoted(bp.action)}"
    return text


def _quoted(name: str) -> str:
    """`name` as it can stand in a spec: in quotes only when it would read as something else."""
    try:
        clear = parse(f"{name} if x") == Breakpoint("node", node=name, condition="x")
        clear = clear and parse(f"a -> {name}").action == name
    except ValueError:
        clear = False
    return name if clear else repr(name)


def _is_name(key: str | int) -> bool:
    return isinstance(key, str) and _NAME.fullmatch(key) is not None


def _split_options(text: str) -> tuple[str | None, str | None]:
    """Condition and log message of what follows the place: ` if …`, ` log …`, or both."""
    text = text.strip()
    if not text:
        return None, None
    if text[0] in "'\"":
        raise ValueError(f"{text!r} begins with a quote that is not closed.")
    word, _, rest = text.partition(" ")
    rest = rest.strip()
    if word == "log" and rest:
        return None, rest
    if word != "if" or not rest:
        raise ValueError(f"{text!r} is neither `if EXPRESSION` nor `log MESSAGE`.")
    for found in re.finditer(r"\slog\s", rest):  # the first one that is not inside the expression
        if _compiles(rest[: found.start()]):
            return rest[: found.start()].strip(), rest[found.end() :].strip()
    return rest, None


def _compile(source: str, what: str) -> CodeType:
    try:
        return compile(source.strip(), f"<{what}>", "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        raise ValueError(f"The {what} {source!r} is not a Python expression: {reason}.") from None


def _compiles(source: str) -> bool:
    try:
        _compile(source, "condition")
    except ValueError:
        return False
    return True


def _message_parts(message: str) -> list[str | CodeType]:
    """Literal texts and compiled expressions; `{{` and `}}` are braces."""
    parts: list[str | CodeType] = []
    text, at = "", 0
    while at < len(message):
        char = message[at]
        if message[at : at + 2] in ("{{", "}}"):
            text, at = text + char, at + 2
        elif char == "{":
            end = _expression_end(message, at + 1)
            parts += [text, _compile(message[at + 1 : end], "log expression")]
            text, at = "", end + 1
        elif char == "}":
            raise ValueError(f"The log message {message!r} has a }} without {{; write }}}} for a brace.")
        else:
            text, at = text + char, at + 1
    return [*parts, text]


def _expression_end(message: str, start: int) -> int:
    """Where the `}` stands that ends the expression at `start`: braces may be part of it."""
    ends = [at for at in range(start, len(message)) if message[at] == "}"]
    if not ends:
        raise ValueError(f"The log message {message!r} has a {{ without }}; write {{{{ for a brace.")
    return next((end for end in ends if _compiles(message[start:end])), ends[0])


def _evaluate(code: CodeType, namespace: Mapping[str, Any]) -> Any:
    # One dict for all names: a comprehension inside an expression sees globals only.
    return eval(code, {"__builtins__": builtins, **namespace})


def _render(code: CodeType, namespace: Mapping[str, Any]) -> str:
    try:
        text = str(_evaluate(code, namespace))
    except (Exception, SystemExit) as error:
        return f"{{{_described(error)}}}"
    return text if len(text) <= _MAX_PART else text[:_MAX_PART] + "…"


def _described(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:
        return type(error).__name__
