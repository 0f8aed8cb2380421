"""Snapshots as tagged JSON (docs/protocol.md, VALUE), and values as one line of text; both bounded."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any

from .parts import SCALARS
from .snapshot import Cycle, Frozen, Opaque, Tree, Unscanned, freeze

_BIGGEST = 2**53  # whole numbers beyond are not exact in JSON
_MORE = "…"
_TABLES = frozenset({"pandas", "polars", "xarray", "pyarrow"})  # whose `shape` is a property that only reads


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a value is encoded; what is left out is marked."""

    text: int = 2_000  # characters of a string
    items: int = 200  # parts of one container
    total: int = 5_000  # parts of one value
    depth: int = 12


_LIMITS = Limits()


def encode(frozen: Frozen, limits: Limits = _LIMITS) -> Any:
    """A snapshot as tagged JSON."""
    if type(frozen) in SCALARS:
        return _scalar(frozen, limits.text)
    return _Encoder(limits).encode(frozen, 0)


def encode_value(value: Any, limits: Limits = _LIMITS) -> Any:
    """A live value as tagged JSON."""
    if type(value) in SCALARS:
        return _scalar(value, limits.text)
    if type(value) is dict and not value:
        return {}
    return encode(freeze(value, max_items=limits.total * 10), limits)


def type_name(cls: type) -> str:
    """`module.Class`, without the module of builtins."""
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


class _Encoder:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.total

    def encode(self, frozen: Frozen, depth: int) -> Any:
        cls = type(frozen)
        if cls in SCALARS:
            return _scalar(frozen, self._limits.text)
        if cls is Unscanned or (cls is Tree and (depth >= self._limits.depth or self._left <= 0)):
            return {"$": "unscanned", "type": type_name(type(frozen.source))}
        if cls is Cycle:
            return {"$": "cycle", "type": type_name(type(frozen.source))}
        if cls is Opaque:
            return _opaque(frozen.source)
        return self._tree(frozen, depth + 1)

    def _tree(self, tree: Tree, depth: int) -> Any:
        shown = max(0, min(len(tree.parts), self._limits.items, self._left))
        self._left -= shown
        parts = [self.encode(part, depth) for part in tree.parts[:shown]]
        left_out = len(tree.parts) - shown
        more = [{"$": "more", "count": left_out}] if left_out else []
        if tree.keys is None:
            items = parts + more
            return items if tree.kind == "list" else {"$": tree.kind, "items": items}
        keys = tree.keys[:shown]
        if tree.kind == "object":
            named = dict(zip(map(str, keys), parts, strict=True)) | ({_MORE: more[0]} if more else {})
            return {"$": "object", "type": type_name(type(tree.source)), "fields": named}
        if all(type(key) is str and not key.startswith("$") for key in keys):
            return dict(zip(keys, parts, strict=True)) | ({_MORE: more[0]} if more else {})
        encoded = [self.encode(freeze(key), depth) for key in keys]
        pairs: list[Any] = [[key, part] for key, part in zip(encoded, parts, strict=True)]
        return {"$": "dict", "items": pairs + more}


def _scalar(value: Any, text: int) -> Any:
    if value is None or value is True or value is False:
        return value
    cls = type(value)
    if cls is str:
        return value if len(value) <= text else {"$": "str", "text": value[:text], "len": len(value)}
    if cls is float and not math.isfinite(value):
        return {"$": "float", "repr": repr(value)}
    if cls is int and not -_BIGGEST <= value <= _BIGGEST:
        bits = value.bit_length()  # huge numbers are slow, or refused, as decimal text
        return {"$": "int", "repr": repr(value) if bits < 10_000 else f"<int of {bits} bits>"}
    if cls is bytes:
        return {"$": "bytes", "len": len(value), "hex": value[:64].hex()}
    if cls is int or cls is float:
        return value
    return {"$": "opaque", "type": type_name(cls), "repr": repr(value)}


def _opaque(source: Any) -> Any:
    found = {"$": "opaque", "type": type_name(type(source)), "repr": safe_repr(source)}
    shape = _shape(source)
    return {**found, "shape": shape} if shape else found


def _shape(source: Any) -> str | None:
    """The shape of an array or a table: builtin descriptors are asked, never a property of the user's."""
    cls = type(source)
    descriptor = next((vars(base)["shape"] for base in cls.__mro__ if "shape" in vars(base)), None)
    is_builtin = isinstance(descriptor, (GetSetDescriptorType, MemberDescriptorType))
    if not is_builtin and str(cls.__module__).partition(".")[0] not in _TABLES:
        return None
    try:
        return str(tuple(source.shape))
    except Exception:
        return None


def safe_repr(value: Any, limit: int = 200) -> str:
    """`repr(value)`, cut to `limit` characters; a `__repr__` that raises is named instead."""
    try:
        text = repr(value)
    except Exception as error:
        return f"<repr failed: {type(error).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def preview(value: Any, width: int = 80) -> str:
    """One line much as Python would write it, of at most `width` characters; the end may be a `…`."""
    return line_of(freeze(value, max_items=10 * width), width)


def line_of(frozen: Frozen, width: int = 80) -> str:
    """A snapshot as `preview` shows it."""
    pieces: list[str] = []
    _write(frozen, pieces, [width])
    text = "".join(pieces)
    return text if len(text) <= width else text[: width - 1] + "…"


_CONTAINERS: tuple[Any, ...] = (dict, list, tuple, set, frozenset, deque)
_BRACES = ("{", "}")
_SQUARE = ("[", "]")
_BRACKETS = {"list": _SQUARE, "deque": _SQUARE, "set": _BRACES, "frozenset": _BRACES, "dict": _BRACES}


def _write(frozen: Frozen, pieces: list[str], left: list[int]) -> None:
    if left[0] < 0:
        return
    if type(frozen) is Tree:
        _write_tree(frozen, pieces, left)
    else:
        if type(frozen) in SCALARS:
            cut = frozen[: left[0] + 1] if type(frozen) in (str, bytes) else frozen
            text = str(_scalar(cut, 1)["repr"]) if type(cut) is int and abs(cut) > _BIGGEST else repr(cut)
        elif type(frozen) is Opaque:
            text = safe_repr(frozen.source)
        else:
            text = _left_out(frozen.source)
        pieces.append(text)
        left[0] -= len(text)


def _left_out(source: Any) -> str:
    """A container that is over the budget, or within itself: how large it is."""
    base = next((base for base in _CONTAINERS if issubclass(type(source), base)), None)
    if base is None:
        return "…"
    start, end = _BRACKETS.get(base.__name__, ("(", ")"))
    return f"{start}… {base.__len__(source)} items{end}"


def _write_tree(tree: Tree, pieces: list[str], left: list[int]) -> None:
    start, end = _BRACKETS.get(tree.kind, ("(", ")"))
    if tree.kind in ("object", "deque", "frozenset"):
        start = f"{type(tree.source).__name__}{start}"
    pieces.append(start)
    left[0] -= len(start) + 1
    for at, part in enumerate(tree.parts):
        if left[0] < 0:
            break
        pieces.append(", " if at else "")
        if tree.keys is not None:
            key = tree.keys[at]
            pieces.append(f"{key}=" if tree.kind == "object" else f"{safe_repr(key, 40)}: ")
        left[0] -= len(pieces[-1]) + 2
        _write(part, pieces, left)
    pieces.append("," + end if tree.kind == "tuple" and len(tree.parts) == 1 else end)
