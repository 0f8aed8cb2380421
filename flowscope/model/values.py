"""VALUEs for the eye: one line of text, children of a tree, names of types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .patch import MORE, Value, is_more
from .text import one_line

_BRACKETS = {
    "tuple": ("(", ")"),
    "set": ("{", "}"),
    "frozenset": ("frozenset({", "})"),
    "deque": ("deque([", "])"),
}
_LEAVES = ("str", "bytes", "float", "int", "opaque", "unscanned", "cycle", "more")

Child = tuple[str, Any, Value]
"""What a tree shows before the value, its element of a path (None: no path leads there), the value."""


def type_name(value: Value) -> str:
    """The name of the Python type: `list`, `Order`; empty for elements that were left out."""
    form = _form(value)
    if form == "stale":
        return type_name(value.get("value"))
    if form == "more":
        return ""
    if form is None:
        return type(value).__name__
    return str(value["type"]).rpartition(".")[2] if "type" in value else form


def is_container(value: Value) -> bool:
    """Whether a tree can unfold it."""
    if _form(value) == "stale":
        return is_container(value.get("value"))
    return isinstance(value, (list, dict)) and bool(children(value))


def is_stale(value: Value) -> bool:
    """Whether this is a last known value: later changes of it could not be followed."""
    return _form(value) == "stale"


def children(value: Value) -> list[Child]:
    """What the value holds; the last one says how many were left out, if any were."""
    if isinstance(value, list):
        return [_element(at, held, at) for at, held in enumerate(value)]
    form = _form(value)
    if form is None:
        return list(_entries(value)) if isinstance(value, dict) else []
    if form == "stale":
        return children(value.get("value"))
    if form == "object":
        return list(_entries(value.get("fields") or {}))
    if form == "dict":
        return [_keyed(pair) for pair in value.get("items", ())]
    if form in _BRACKETS:
        ordered = form in ("tuple", "deque")
        return [_element(at, held, at if ordered else None) for at, held in enumerate(value.get("items", ()))]
    return []


def path_text(path: Sequence[Any]) -> str:
    """A path of `shared` as a break spec names it: `user.name`, `facts[2]`, `['odd key']`."""
    text = ""
    for key in path:
        if isinstance(key, str) and key.isidentifier():
            text += f".{key}" if text else key
        else:
            text += f"[{preview(key, 40)}]"
    return text


def preview(value: Value, width: int) -> str:
    """One line, much as Python would write it, of at most `width` characters; a cut ends with `…`."""
    text = ""
    for piece in _pieces(value, width):
        text += piece
        if len(text) > width:
            return text[: max(width - 1, 0)] + "…"
    return text


def _form(value: Value) -> str | None:
    """What the tag says; None for what stands for itself."""
    return str(value["$"]) if isinstance(value, dict) and "$" in value else None


def _entries(held: dict[str, Value]) -> Iterator[Child]:
    for key, value in held.items():
        if key == MORE and is_more(value):
            yield MORE, None, value
        else:
            yield (key if key.isidentifier() else preview(key, 60)), key, value


def _element(at: int, value: Value, element: Any) -> Child:
    return (MORE, None, value) if is_more(value) else (str(at), element, value)


def _keyed(pair: Value) -> Child:
    if isinstance(pair, list) and len(pair) == 2:
        return preview(pair[0], 60), pair[0], pair[1]
    return MORE, None, pair


def _pieces(value: Value, width: int) -> Iterator[str]:
    """The text piece by piece, so that only as much of a value is read as is shown."""
    form = _form(value)
    if isinstance(value, str):
        yield repr(value[: width + 1])
    elif isinstance(value, list):
        yield from _row("[", (("", held) for held in value), "]", width)
    elif form is None and isinstance(value, dict):
        keyed = (("" if key == MORE and is_more(held) else f"{key!r}: ", held) for key, held in value.items())
        yield from _row("{", keyed, "}", width)
    elif form is None:
        yield repr(value)
    elif form in _LEAVES:
        yield _leaf(form, value, width)
    elif form == "dict":
        pairs = (_keyed(pair) for pair in value.get("items", ()))
        named = (("" if name == MORE else f"{name}: ", held) for name, _, held in pairs)
        yield from _row("{", named, "}", width)
    elif form in _BRACKETS:
        yield from _collection(form, value.get("items", ()), width)
    elif form == "object":
        yield from _object(value, width)
    elif form == "stale":
        yield from _row("(stale) ", [("", value.get("value"))], "", width)
    else:
        yield f"<{form}>"


def _row(opening: str, entries: Iterable[tuple[str, Value]], closing: str, width: int) -> Iterator[str]:
    """Values in brackets, each with the text that stands before it."""
    yield opening
    between = ""
    for name, held in entries:
        yield between + name
        yield from _pieces(held, width)
        between = ", "
    yield closing


def _collection(form: str, held: list[Value], width: int) -> Iterator[str]:
    opening, closing = _BRACKETS[form]
    if not held and form in ("set", "frozenset"):
        opening, closing = f"{form}(", ")"
    elif form == "tuple" and len(held) == 1:
        closing = ",)"
    yield from _row(opening, (("", each) for each in held), closing, width)


def _object(value: Value, width: int) -> Iterator[str]:
    fields = value.get("fields") or {}
    if not fields and value.get("repr"):
        yield one_line(str(value["repr"]), width + 1)
        return
    named = (("" if key is None else f"{name}=", held) for name, key, held in _entries(fields))
    yield from _row(f"{type_name(value)}(", named, ")", width)


def _leaf(form: str, value: Value, width: int) -> str:
    if form == "str":
        return f"{value.get('text', '')[: width + 1]!r}… {value.get('len', 0):,} characters"
    if form == "bytes":
        beginning = bytes.fromhex(value.get("hex", ""))[: width + 1]
        length = value.get("len", len(beginning))
        return repr(beginning) + (f"… {length:,} bytes" if length > len(beginning) else "")
    if form == "opaque":
        shape = value.get("shape")
        text = " ".join(str(value.get("repr") or f"<{type_name(value)}>").split())
        return one_line(f"{type_name(value)} {shape} {text}" if shape else text, width + 1)
    if form == "unscanned":
        return f"<{type_name(value)}: not scanned, too large>"
    if form == "cycle":
        return f"<{type_name(value)}: contains itself>"
    if form == "more":
        return f"… {value.get('count', 0):,} more"
    return str(value.get("repr", form))


def expression(value: Value, path: Sequence[Any], root: str = "shared") -> str:
    """How a program names what stands at a path below `value`: `shared['user'].name`, `shared['log'][0]`."""
    text = root
    for key in path:
        is_field = _form(value) == "object" or (_form(value) == "stale" and _form(value["value"]) == "object")
        text += f".{key}" if is_field and isinstance(key, str) else f"[{key!r}]"
        value = next((held for _, element, held in children(value) if element == key), None)
    return text
