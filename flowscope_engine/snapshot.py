"""Snapshots: a value as it is now, sharing every unchanged part with the snapshot before.

`freeze` runs no code of the user's: no `__eq__`, no property, no overridden `items`. Scalars are their own
snapshot; containers become a `Tree`; what cannot be looked into safely stays by reference, as `Opaque`; what
is beyond the budget is `Unscanned`, which says nothing about it.
"""

from __future__ import annotations

import sys
import sysconfig
from collections import deque
from collections.abc import Iterator
from enum import Enum
from operator import is_
from types import MemberDescriptorType, SimpleNamespace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from .families import root_of

Frozen = Any
"""A scalar, Tree, Opaque, Unscanned or Cycle."""

SCALARS = frozenset({type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented)})
MAX_ITEMS = 100_000  # of one snapshot
MAX_DEPTH = 100
MAX_CHANGES = 1_000  # of one diff; beyond it the whole value counts as set

_SEQUENCES = (list, tuple, deque)
_QUICK = frozenset({list, tuple, dict})
_BUILTIN = {cls: cls.__name__ for cls in (dict, list, tuple, set, frozenset, deque)}


class Tree:
    """A container: its parts frozen, and its keys where it has some."""

    __slots__ = ("keys", "kind", "parts", "source")

    def __init__(self, kind: str, source: Any, keys: tuple[Any, ...] | None, parts: tuple[Any, ...]) -> None:
        self.kind = kind  # list, tuple, deque, set, frozenset, dict, object
        self.source = source  # the container itself
        self.keys = keys  # of a dict; the names of fields of an object
        self.parts = parts


class Opaque:
    """Something kept by reference."""

    __slots__ = ("source",)

    def __init__(self, source: Any) -> None:
        self.source = source


class Unscanned(Opaque):
    """A container over the budget: nothing is known of its parts."""

    __slots__ = ()


class Cycle(Opaque):
    """A container within itself."""

    __slots__ = ()


class Change(NamedTuple):
    """One difference: op is set, add or remove. Changes of a list apply one after another."""

    path: tuple[Any, ...]
    op: str
    old: Frozen
    new: Frozen


def freeze(value: Any, previous: Frozen = None, max_items: int = MAX_ITEMS) -> Frozen:
    """The snapshot of `value`; `previous` itself, or parts of it, wherever nothing is different."""
    if type(value) is dict and type(previous) is Tree and previous.source is value:  # flat, and the same
        parts, keys = list(value.values()), list(value)
        same = len(parts) == len(previous.parts) <= max_items and all(map(is_, parts, previous.parts))
        if same and all(map(is_, keys, previous.keys or ())):
            return previous
    return _Freezer(max_items).freeze(value, previous, 0)


class _Freezer:
    def __init__(self, left: int) -> None:
        self._left = left  # items that may still be looked at
        self._open: set[int] = set()  # containers around the current one
        self._done: dict[int, Tree] = {}  # containers already frozen: shared ones stay shared

    def freeze(self, value: Any, previous: Frozen, depth: int) -> Frozen:
        cls = type(value)
        if cls in SCALARS:
            return previous if type(previous) is cls and _same_scalar(previous, value) else value
        is_known = type(previous) is Tree and previous.source is value and id(value) not in self._done
        if is_known and self._is_unchanged(previous):  # mostly it is: ask before anything else
            return previous
        kind = _BUILTIN.get(cls) or _kind(cls)
        if kind is None:
            return previous if type(previous) is Opaque and previous.source is value else Opaque(value)
        key = id(value)
        if key in self._done:
            return self._done[key]
        if key in self._open:
            return previous if type(previous) is Cycle and previous.source is value else Cycle(value)
        keys, parts = _parts(kind, value)
        self._left -= len(parts)
        if self._left < 0 or depth >= MAX_DEPTH:
            return previous if type(previous) is Unscanned and previous.source is value else Unscanned(value)
        self._open.add(key)
        tree = self._tree(kind, value, keys, parts, previous, depth)
        self._open.discard(key)
        self._done[key] = tree
        return tree

    def _is_unchanged(self, tree: Tree) -> bool:
        """Does the source of this tree still hold what it held? False where that takes a closer look."""
        source, parts = tree.source, tree.parts
        cls, count = type(source), len(parts)
        if cls not in _QUICK or len(source) != count or count > self._left:
            return False
        self._left -= count
        values = source
        if cls is dict:
            if not all(map(is_, list(source), tree.keys or ())):
                return False
            values = list(source.values())
        if all(map(is_, values, parts)):
            self._done[id(source)] = tree
            return True
        for part, was in zip(values, parts, strict=False):
            if part is was:
                continue
            kind = type(was)
            if kind is Tree:
                if was.source is not part or not (id(part) in self._done or self._is_unchanged(was)):
                    return False
            elif kind is Opaque or kind is Cycle:
                if was.source is not part:
                    return False
            elif kind not in SCALARS or type(part) is not kind or not _same_scalar(part, was):
                return False
        self._done[id(source)] = tree
        return True

    def _tree(
        self,
        kind: str,
        source: Any,
        keys: tuple[Any, ...] | None,
        parts: list[Any],
        previous: Frozen,
        depth: int,
    ) -> Tree:
        """`parts` is ours: its elements are replaced by their snapshots."""
        alike = type(previous) is Tree and previous.kind == kind and type(previous.source) is type(source)
        if alike and _same_keys(keys, previous.keys):
            before = previous.parts
            is_new = len(before) != len(parts) or previous.source is not source
            shared = min(len(before), len(parts))
            for at in range(shared):
                part, was = parts[at], before[at]
                if part is not was:
                    now = parts[at] = self.freeze(part, was, depth + 1)
                    is_new = is_new or now is not was
            if not is_new:
                return previous  # type: ignore[no-any-return]
            if len(before) == len(parts):
                keys = previous.keys  # shared, which also tells that they are the same
            for at in range(shared, len(parts)):
                parts[at] = self.freeze(parts[at], None, depth + 1)
        else:
            known = _by_text(previous) if alike else {}
            for at, part in enumerate(parts):
                was = known.get(keys[at]) if known and keys and type(keys[at]) is str else None
                parts[at] = self.freeze(part, was, depth + 1)
        return Tree(kind, source, keys, tuple(parts))


def _same_scalar(a: Any, b: Any) -> bool:
    return a is b or (a == b and (type(a) is not float or str(a) == str(b)))  # 0.0 is not -0.0


def _by_text(tree: Tree) -> dict[str, Frozen]:
    return {key: part for key, part in zip(tree.keys or (), tree.parts, strict=False) if type(key) is str}


def _same_keys(a: tuple[Any, ...] | None, b: tuple[Any, ...] | None) -> bool:
    if a is None or b is None:
        return a is b
    if a is b or len(a) != len(b):
        return a is b
    return all(map(is_, a, b)) or all(
        x is y or (type(x) is type(y) and type(x) in SCALARS and x == y) for x, y in zip(a, b, strict=True)
    )


def _parts(kind: str, value: Any) -> tuple[tuple[Any, ...] | None, list[Any]]:
    """Keys and parts, by the builtin's own methods: another thread may be at work, a subclass may lie."""
    if kind == "dict":
        items = dict.copy(value)
        return tuple(items), list(items.values())
    if kind == "object":
        fields = _fields(value)
        return tuple(fields), list(fields.values())
    if kind == "deque":
        return None, list(deque.copy(value) if type(value) is deque else deque.__iter__(value))
    base = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind]
    return None, list(base.__iter__(value))  # type: ignore[attr-defined]


def parts_of(value: Any) -> tuple[tuple[Any, ...] | None, list[Any]] | None:
    """Keys (None: by index) and parts of a value that can be looked into; None for any other."""
    kind = None if type(value) in SCALARS else _kind(type(value))
    return None if kind is None else _parts(kind, value)


_kinds: WeakKeyDictionary[type, str | None] = WeakKeyDictionary()


def _kind(cls: type) -> str | None:
    try:
        return _kinds[cls]
    except KeyError:
        kind = _kinds[cls] = _find_kind(cls)
        return kind


def _find_kind(cls: type) -> str | None:
    for base in (dict, list, tuple, deque, set, frozenset):
        if issubclass(cls, base):
            return "object" if base is tuple and hasattr(cls, "_fields") else base.__name__
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


def _fields(value: Any) -> dict[str, Any]:
    """The attributes that an object stores, without its properties and pydantic's own bookkeeping."""
    cls = type(value)
    if issubclass(cls, tuple):
        return dict(zip(cls._fields, tuple.__iter__(value), strict=False))  # type: ignore[attr-defined]
    fields: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            slot = base.__dict__.get(name)
            if isinstance(slot, MemberDescriptorType) and not name.startswith("__pydantic_"):
                try:
                    fields[name] = slot.__get__(value)
                except AttributeError:
                    pass  # a slot without a value
    try:
        fields |= object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        pass
    return fields


def diff(old: Frozen, new: Frozen) -> list[Change]:
    """What leads from one snapshot to the other; a single `set` of the whole where it is very much."""
    changes: list[Change] = []
    for change in _diff(old, new, ()):
        changes.append(change)
        if len(changes) > MAX_CHANGES:
            return [Change((), "set", old, new)]
    return changes


def _diff(old: Frozen, new: Frozen, path: tuple[Any, ...]) -> Iterator[Change]:
    if old is new:
        return
    if not (type(old) is type(new) is Tree and old.kind == new.kind and type(old.source) is type(new.source)):
        yield Change(path, "set", old, new)
    elif old.keys is not None and new.keys is not None:
        yield from _diff_keys(old, new, path)
    elif isinstance(new.source, _SEQUENCES):
        yield from _diff_items(old.parts, new.parts, path)
    elif set(map(_identity, old.parts)) != set(map(_identity, new.parts)):
        yield Change(path, "set", old, new)  # a set has no places


def _diff_keys(old: Tree, new: Tree, path: tuple[Any, ...]) -> Iterator[Change]:
    if old.keys is new.keys:
        for key, was, now in zip(old.keys or (), old.parts, new.parts, strict=True):
            if was is not now:
                yield from _diff(was, now, (*path, path_key(key)))
        return
    before = {_identity(key): (key, part) for key, part in zip(old.keys or (), old.parts, strict=True)}
    after = {_identity(key): (key, part) for key, part in zip(new.keys or (), new.parts, strict=True)}
    for mark, (key, part) in before.items():
        if mark not in after:
            yield Change((*path, path_key(key)), "remove", part, None)
    for mark, (key, part) in after.items():
        if mark not in before:
            yield Change((*path, path_key(key)), "add", None, part)
        else:
            yield from _diff(before[mark][1], part, (*path, path_key(key)))


def _diff_items(old: tuple[Any, ...], new: tuple[Any, ...], path: tuple[Any, ...]) -> Iterator[Change]:
    shortest = min(len(old), len(new))
    first = 0
    while first < shortest and _is_same(old[first], new[first]):
        first += 1
    last = 0
    while last < shortest - first and _is_same(old[-1 - last], new[-1 - last]):
        last += 1
    before, after = old[first : len(old) - last], new[first : len(new) - last]
    for at, (was, now) in enumerate(zip(before, after, strict=False)):
        yield from _diff(was, now, (*path, first + at))
    for at in range(len(before) - 1, len(after) - 1, -1):
        yield Change((*path, first + at), "remove", before[at], None)
    for at in range(len(before), len(after)):
        yield Change((*path, first + at), "add", None, after[at])


def _is_same(a: Frozen, b: Frozen) -> bool:
    return a is b or next(_diff(a, b, ()), None) is None


def _identity(key: Any) -> Any:
    """What tells keys apart without asking the user's `__eq__`."""
    if type(key) in SCALARS:
        return type(key), key
    return (Opaque, id(key.source)) if isinstance(key, Opaque) else id(key)


def path_key(key: Any) -> str | int:
    """A key as an element of a path: text and whole numbers as they are, anything else as its text."""
    if type(key) in (str, int):
        return key  # type: ignore[no-any-return]
    return repr(key) if type(key) in SCALARS else f"<{type(key).__name__}>"
