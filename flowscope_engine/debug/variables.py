"""Values by reference for DAP: looked into lazily, page by page, without running code of the user's."""

from __future__ import annotations

from typing import Any

from ..encode import preview, type_name
from ..families import is_node
from ..parts import parts_of

RESULTS = ("prep_res", "exec_res")
EDITABLE = ("params", *RESULTS)
"""What can be set at a stop, beside `shared`."""

_WIDTH = 200  # characters of a value


class Result(dict[str, Any]):
    """The scope of a phase's result: setting it gives the phases that follow another one."""


NOT_YET = object()
"""In the place of a result that its phase has not returned."""


class Handles:
    """References to live values, good until the program goes on."""

    def __init__(self) -> None:
        self._values: dict[int, tuple[Any, str | None]] = {}
        self._next = 1

    def clear(self) -> None:
        """Forget every value; numbers are never used again."""
        self._values.clear()

    def add(self, value: Any, expression: str | None = None) -> int:
        """A reference to a value with parts, 0 for one without; `expression` is how a program names it."""
        if not _size(value):
            return 0
        self._values[self._next] = (value, expression)
        self._next += 1
        return self._next - 1

    def is_result(self, reference: int) -> bool:
        """Is this the scope of a phase's result?"""
        return type(self._value(reference)[0]) is Result

    def expression(self, reference: int, name: str) -> str | None:
        """How a program names the variable `name` inside a reference."""
        value, expression = self._value(reference)
        key = next((key for key, _ in _children(value) if _name(key) == name), None)
        return None if key is None or expression is None else expression + _step(value, key)

    def page(
        self, reference: int, start: int = 0, count: int | None = None, kind: str | None = None
    ) -> list[dict[str, Any]]:
        """DAP variables of a reference: `count` from `start`; kind is `indexed`, `named` or None for both."""
        value, expression = self._value(reference)
        is_indexed = isinstance(value, (list, tuple)) and not hasattr(type(value), "_fields")
        if kind is not None and (kind == "indexed") != is_indexed:
            return []
        end = None if count is None else start + count
        return [
            self._variable(_name(key), part, None if expression is None else expression + _step(value, key))
            for key, part in _children(value, start, end)
        ]

    def set(self, reference: int, name: str, new: Any) -> dict[str, Any]:
        """Set a variable inside a reference; DAP's answer. Raises ValueError where that cannot be."""
        value, expression = self._value(reference)
        key = next((key for key, _ in _children(value) if _name(key) == name), None)
        if key is None:
            raise ValueError(f"There is no variable {name!r} here.")
        if isinstance(value, (dict, list)):
            value[key] = new
        elif isinstance(value, (tuple, set, frozenset)):
            raise ValueError(f"A {type(value).__name__} cannot be changed in place.")
        else:
            object.__setattr__(value, str(key), new)
        return self._variable(name, new, None if expression is None else expression + _step(value, key))

    def _value(self, reference: int) -> tuple[Any, str | None]:
        if reference not in self._values:
            raise ValueError("This value is gone: the program went on.")
        return self._values[reference]

    def _variable(self, name: str, value: Any, expression: str | None) -> dict[str, Any]:
        if value is NOT_YET:
            return {"name": name, "value": "not known yet", "variablesReference": 0}
        size = _size(value)
        variable: dict[str, Any] = {
            "name": name,
            "value": preview(value, _WIDTH),
            "type": type_name(type(value)),
            "variablesReference": self.add(value, expression),
        }
        if size:
            variable["indexedVariables" if isinstance(value, (list, tuple)) else "namedVariables"] = size
        if expression is not None:
            variable["evaluateName"] = expression
        return variable


def _size(value: Any) -> int:
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        return len(value)
    parts = _parts(value)
    return 0 if parts is None else len(parts[1])


def _parts(value: Any) -> tuple[Any, list[Any]] | None:
    if is_node(value):  # opaque in a snapshot, but here somebody looks
        attributes = object.__getattribute__(value, "__dict__")
        return tuple(attributes), list(attributes.values())
    return parts_of(value)


def _children(value: Any, start: int = 0, end: int | None = None) -> list[tuple[Any, Any]]:
    parts = _parts(value)
    if parts is None:
        return []
    keys, values = parts
    return list(zip(range(len(values)) if keys is None else keys, values, strict=False))[start:end]


def _name(key: Any) -> str:
    return key if type(key) is str else preview(key, 80)


def _step(value: Any, key: Any) -> str:
    """What follows the expression of a container to name one of its parts."""
    return f"[{key!r}]" if isinstance(value, (dict, list, tuple)) else f".{key}"
