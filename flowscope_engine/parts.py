"""What a value holds: its keys and parts, read by the builtin's own methods.

No code of the user's runs: no `__eq__`, no property, no overridden `items`; a subclass may lie, and another
thread may be at work. What cannot be looked into safely has no parts.
"""

from __future__ import annotations

import sys
import sysconfig
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import compress, count
from operator import is_, is_not
from types import MemberDescriptorType, SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from .families import root_of

SCALARS = frozenset({type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented)})

Keys = tuple[Any, ...] | None
"""Of a dict its keys, of an object the names of its fields; None where parts have places only."""

_BASES: dict[str, Any] = {base.__name__: base for base in (dict, list, tuple, deque, set, frozenset)}
_EXACT = {base: kind for kind, base in _BASES.items()}


def kind_of(cls: type) -> str | None:
    """dict, list, tuple, deque, set, frozenset or object; None for what cannot be looked into."""
    if cls in _EXACT:
        return _EXACT[cls]
    try:
        return _kinds[cls]
    except KeyError:
        kind = _kinds[cls] = _find_kind(cls)
        return kind


def is_lasting(cls: type) -> bool:
    """Has a container of this class the same parts all its life?"""
    return cls is tuple or (cls is not dict and cls is not list and issubclass(cls, (tuple, frozenset)))


def read(kind: str, value: Any) -> tuple[Keys, list[Any]]:
    """Keys and parts of a value of this kind; the list is the caller's."""
    if kind == "dict":
        return _items(value)
    if kind == "object":
        fields = _fields(value)
        return tuple(fields), list(fields.values())
    return None, list(_BASES[kind].__iter__(value))


def length(kind: str, value: Any) -> int:
    """How many parts it has; 0 for an object."""
    return 0 if kind == "object" else int(_BASES[kind].__len__(value))


def holds(kind: str, value: Any, keys: Keys, parts: Sequence[Any]) -> bool:
    """Are these, the very same, still its keys and parts?"""
    cls = type(value)
    if cls is not list and cls is not dict:
        found, now = read(kind, value)
        same = len(now) == len(parts) and all(map(is_, now, parts))
        return same and all(map(is_, found or (), keys or ()))
    try:
        values = value if cls is list else value.values()
        if len(value) != len(parts) or not all(map(is_, values, parts)):
            return False
        return cls is list or all(map(is_, value, keys or ()))
    except RuntimeError:  # another thread changes it
        return False


def different(a: Sequence[Any], b: Sequence[Any]) -> Iterator[int]:
    """The places where these do not have the very same element, as far as both go."""
    return compress(count(), map(is_not, a, b))


def parts_of(value: Any) -> tuple[Keys, list[Any]] | None:
    """Keys and parts of a value that can be looked into; None for any other."""
    kind = None if type(value) in SCALARS else kind_of(type(value))
    return None if kind is None else read(kind, value)


def slots_of(cls: type) -> tuple[tuple[str, MemberDescriptorType], ...]:
    """The slots of an object's class, private ones under their mangled names; not pydantic's own."""
    try:
        return _slots[cls]
    except KeyError:
        slots = _slots[cls] = tuple(
            (name, slot)
            for base in reversed(cls.__mro__)
            if base.__flags__ & _HEAP_TYPE
            for name, slot in vars(base).items()
            if type(slot) is MemberDescriptorType and not name.startswith("__pydantic_")
        )
        return slots


_kinds: WeakKeyDictionary[type, str | None] = WeakKeyDictionary()
_slots: WeakKeyDictionary[type, tuple[tuple[str, MemberDescriptorType], ...]] = WeakKeyDictionary()


def _find_kind(cls: type) -> str | None:
    for kind, base in _BASES.items():
        if issubclass(cls, base):
            return "object" if base is tuple and hasattr(cls, "_fields") else kind
    return "object" if _is_plain(cls) else None


def _is_plain(cls: type) -> bool:
    """A record, rather than a resource: a dataclass, a model, or a class of the program's own."""
    if issubclass(cls, (type, BaseException, Enum)):
        return False
    marks = ("__dataclass_fields__", "__attrs_attrs__", "__pydantic_fields__", "model_fields")
    if issubclass(cls, SimpleNamespace) or any(mark in vars(base) for base in cls.__mro__ for mark in marks):
        return True
    if any(not base.__flags__ & _HEAP_TYPE for base in cls.__mro__[:-1]) or root_of(cls) is not None:
        return False  # its state is in C, or it is a node
    path = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return isinstance(path, str) and not path.startswith(_LIBRARIES) and "-packages" not in path


_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement
_LIBRARIES = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})


def _items(value: dict[Any, Any]) -> tuple[Keys, list[Any]]:
    if type(value) is dict:
        copy = dict.copy(value)
        return tuple(copy), list(copy.values())
    pairs = list(dict.items(value))
    if issubclass(type(value), OrderedDict):  # whose order is its own
        places = {id(key): at for at, key in enumerate(OrderedDict.__iter__(value))}
        pairs.sort(key=lambda pair: places.get(id(pair[0]), len(places)))
    return tuple(key for key, _ in pairs), [part for _, part in pairs]


def _fields(value: Any) -> dict[str, Any]:
    """The attributes that an object stores, without its properties and pydantic's own bookkeeping."""
    cls = type(value)
    if issubclass(cls, tuple):
        return dict(zip(cls._fields, tuple.__iter__(value), strict=False))  # type: ignore[attr-defined]
    fields: dict[str, Any] = {}
    for name, slot in slots_of(cls):
        try:
            fields[name] = slot.__get__(value)
        except AttributeError:
            pass  # a slot without a value
    try:
        fields |= object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        pass
    return fields
