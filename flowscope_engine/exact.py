"""Values as tagged JSON that loses nothing, and back: for results that are to be given again.

Only what comes back as the very same value is written: builtin types themselves, no subclass, nothing that is
held by reference in two places. The tags are those of docs/protocol.md, VALUE.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Any

MAX_ITEMS = 200_000
MAX_TEXT = 16 * 1024 * 1024  # characters and bytes of one value

_BIGGEST = 2**53
_GROUPS: dict[str, Any] = {"tuple": tuple, "set": set, "frozenset": frozenset}


class NotExact(ValueError):
    """A value that tagged JSON cannot hold exactly."""


def to_exact(value: Any) -> Any:
    """The value as tagged JSON. Raises NotExact."""
    return _Writer().write(value, 0)


def from_exact(tagged: Any) -> Any:
    """The value that was written. Raises NotExact for what was cut or is only shown."""
    if tagged is None or isinstance(tagged, (bool, int, float, str)):
        return tagged
    if isinstance(tagged, list):
        return [from_exact(part) for part in tagged]
    if not isinstance(tagged, dict):
        raise NotExact(type(tagged).__name__)
    if "$" not in tagged:
        if "…" in tagged and isinstance(tagged["…"], dict) and tagged["…"].get("$") == "more":
            raise NotExact("cut")
        return {key: from_exact(part) for key, part in tagged.items()}
    return _untag(tagged)


def _untag(tagged: dict[str, Any]) -> Any:
    kind = tagged["$"]
    try:
        if kind in _GROUPS:
            return _GROUPS[kind](from_exact(part) for part in tagged["items"])
        if kind == "deque" and "maxlen" in tagged:
            return deque((from_exact(part) for part in tagged["items"]), tagged["maxlen"])
        if kind == "dict":
            return {from_exact(key): from_exact(part) for key, part in tagged["items"]}
        if kind in ("float", "int", "complex"):
            return {"float": float, "int": int, "complex": complex}[kind](tagged["repr"])
        if kind in ("bytes", "bytearray"):
            data = bytes.fromhex(tagged["hex"])
            if len(data) == tagged["len"]:
                return data if kind == "bytes" else bytearray(data)
    except (KeyError, TypeError, ValueError):
        pass
    raise NotExact(str(kind))


class _Writer:
    def __init__(self) -> None:
        self._items = MAX_ITEMS
        self._text = MAX_TEXT
        self._met: set[int] = set()  # what can be changed, and would no longer be shared

    def write(self, value: Any, depth: int) -> Any:
        cls = type(value)
        self._items -= 1
        if self._items < 0 or depth > 100:
            raise NotExact("too large")
        if value is None or cls is bool:
            return value
        if cls is int:
            return value if -_BIGGEST <= value <= _BIGGEST else _number(value)
        if cls is float:
            return value if math.isfinite(value) else {"$": "float", "repr": repr(value)}
        if cls is complex:
            return {"$": "complex", "repr": repr(value)}
        if cls is str:
            self._spend(len(value))
            return value
        if cls is bytes or cls is bytearray:
            self._spend(len(value))
            return {"$": cls.__name__, "len": len(value), "hex": value.hex()}
        return self._container(value, depth + 1)

    def _container(self, value: Any, depth: int) -> Any:
        cls = type(value)
        if cls not in (tuple, frozenset):
            if id(value) in self._met:
                raise NotExact("held in two places")
            self._met.add(id(value))
        if cls is list:
            return [self.write(part, depth) for part in value]
        if cls is dict:
            return self._dict(value, depth)
        if cls is deque:
            items = [self.write(part, depth) for part in value]
            return {"$": "deque", "items": items, "maxlen": value.maxlen}
        if cls in (tuple, set, frozenset):
            return {"$": cls.__name__, "items": [self.write(part, depth) for part in value]}
        raise NotExact(cls.__qualname__)

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        if all(type(key) is str and not key.startswith("$") and key != "…" for key in value):
            return {key: self.write(part, depth) for key, part in value.items()}
        pairs = [[self.write(key, depth), self.write(part, depth)] for key, part in value.items()]
        return {"$": "dict", "items": pairs}

    def _spend(self, count: int) -> None:
        self._text -= count
        if self._text < 0:
            raise NotExact("too large")


def _number(value: int) -> Any:
    if value.bit_length() > 10_000:  # Python refuses longer ones as decimal text
        raise NotExact("too large")
    return {"$": "int", "repr": repr(value)}
