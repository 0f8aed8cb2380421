"""VALUEs in full, over many lines, for reading and copying."""

from __future__ import annotations

from collections.abc import Iterator

from .patch import MORE, Value
from .values import children, is_container, is_stale, preview, type_name

_WIDE = 88
_BRACKETS = {"list": ("[", "]"), "dict": ("{", "}"), "tuple": ("(", ")"), "set": ("{", "}")}


def pretty(value: Value, wide: int = _WIDE) -> str:
    """The text of a string itself; anything else much as Python would write it.

    What is wider than so many columns has an element a line.
    """
    if (text := text_of(value)) is not None:
        return text
    return "\n".join(_lines("", value, "", 0, wide))


def text_of(value: Value) -> str | None:
    """The string, or the beginning that is known of a long one; None for what is no string."""
    if isinstance(value, dict) and value.get("$") == "str":
        return str(value.get("text", ""))
    return value if isinstance(value, str) else None


def is_cut(value: Value) -> bool:
    """Whether a string or bytes are longer than what is known of them."""
    if not isinstance(value, dict):
        return False
    known = {"str": "text", "bytes": "hex"}.get(str(value.get("$")))
    size = len(value.get(known, "")) // (2 if known == "hex" else 1) if known else 0
    return known is not None and int(value.get("len", 0)) > size


def _lines(name: str, value: Value, tail: str, depth: int, wide: int) -> Iterator[str]:
    indent = "    " * depth
    room = max(wide - len(indent) - len(name) - len(tail), 20)
    if not is_container(value) or len(preview(value, room + 1)) <= room:
        yield f"{indent}{name}{preview(value, 10_000)}{tail}"
        return
    kind = type_name(value)
    opening, closing = _BRACKETS.get(kind, ("(", ")"))
    before = "" if kind in _BRACKETS else kind
    yield f"{indent}{name}{'(stale) ' if is_stale(value) else ''}{before}{opening}"
    keyed, fields = kind == "dict", kind not in (*_BRACKETS, "frozenset", "deque")
    for label, element, held in children(value):
        if label == MORE:
            yield f"{indent}    {preview(held, 80)}"
        elif fields:
            yield from _lines(f"{label}=", held, ",", depth + 1, wide)
        elif keyed:
            yield from _lines(f"{preview(element, 200)}: ", held, ",", depth + 1, wide)
        else:
            yield from _lines("", held, ",", depth + 1, wide)
    yield f"{indent}{closing}{tail}"
