"""Snapshots: a value as it is now, sharing every unchanged part with the snapshot before.

`freeze` runs no code of the user's. Scalars are their own snapshot; containers become a `Tree`; what cannot
be looked into safely stays by reference, as `Opaque`; what is beyond the budget is `Unscanned`, which says
nothing about it.

The latest snapshot of a value also has a `Reading`, which tells in C where to look again: what a step costs
follows what has changed. The next snapshot takes it over, so those of the past are trees and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import is_
from typing import Any

from .parts import SCALARS, Keys, different, holds, is_lasting, kind_of, length, read
from .reading import MOST, Reading, Run, Stretch, Stretches

Frozen = Any
"""A scalar, Tree, Opaque, Unscanned or Cycle."""

MAX_ITEMS = 100_000  # of one snapshot
MAX_DEPTH = 100


class Tree:
    """A container: its parts frozen, and its keys where it has some."""

    __slots__ = ("count", "keys", "kind", "parts", "reading", "source")

    def __init__(
        self, kind: str, source: Any, keys: Keys, parts: tuple[Any, ...], count: int = MOST + 1
    ) -> None:
        self.kind = kind  # list, tuple, deque, set, frozenset, dict, object
        self.source = source  # the container itself
        self.keys = keys  # of a dict; the names of fields of an object
        self.parts = parts
        self.count = count  # of containers in it that can change, itself included
        self.reading: Reading | None = None  # of all of it, while it is the latest snapshot


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


def freeze(value: Any, previous: Frozen = None, max_items: int = MAX_ITEMS) -> Frozen:
    """The snapshot of `value`; `previous` itself, or parts of it, wherever nothing is different."""
    if type(previous) is not Tree:
        return _Freezer(max_items, None).freeze(value, previous)
    reading = previous.reading
    known: set[int] = set()
    if reading is not None and previous.source is value and reading.is_unchanged(known):
        return previous
    frozen: Frozen = _with_scalars(value, previous, known)
    if frozen is None:
        freezer = _Freezer(max_items, known)
        frozen = freezer.freeze(value, previous, reading)
        if type(frozen) is Tree:
            frozen.reading = freezer.readings.get(id(frozen))
    if frozen is not previous:
        previous.reading = None
    return frozen


def _with_scalars(value: Any, previous: Tree, known: set[int]) -> Tree | None:
    """The snapshot, if all that has changed are scalars that stand in the value itself, as most steps do."""
    reading = previous.reading
    if reading is None or previous.source is not value or type(value) is not dict:
        return None
    parts, keys = list(value.values()), reading.keys
    if len(parts) != len(reading.parts) or not all(map(is_, value, keys or ())):
        return None
    frozen = list(previous.parts)
    for at in different(parts, reading.parts):
        part = parts[at]
        if type(part) not in SCALARS or type(reading.parts[at]) not in SCALARS:
            return None
        if type(frozen[at]) is not type(part) or not _same_scalar(frozen[at], part):
            frozen[at] = part
    for _, _, below in reading.stretches:
        if below is None or not below.is_unchanged(known):
            return None
    tree = previous
    if not all(map(is_, frozen, previous.parts)):
        tree = Tree(previous.kind, value, previous.keys, tuple(frozen), previous.count)
    tree.reading = Reading(previous.kind, value, keys, parts, reading.stretches)
    return tree


class _Freezer:
    """One capture."""

    def __init__(self, left: int, known: set[int] | None) -> None:
        self.readings: dict[int, Reading] = {}  # of the trees looked at, by their id
        self._is_kept = known is not None  # what is read, for the next one
        self._known = known or set()  # what was read and is unchanged: readings and runs, by their id
        self._left = left  # items that may still be looked at
        self._open: set[int] = set()  # containers around the current one
        self._done: dict[int, Tree] = {}  # containers already frozen: shared ones stay shared

    def freeze(self, value: Any, was: Frozen, reading: Reading | None = None) -> Frozen:
        """`was` is the snapshot of what stood here before; its reading is given if it is large."""
        cls = type(value)
        if cls in SCALARS:
            return was if type(was) is cls and _same_scalar(was, value) else value
        key = id(value)
        if (done := self._done.get(key)) is not None:
            return done
        known = was if type(was) is Tree and was.source is value else None
        if known is not None and reading is None and len(known.parts) <= self._left:
            if not known.count:
                return known
            if holds(known.kind, value, known.keys, known.parts):  # there are but scalars below it
                self._left -= len(known.parts)
                self._done[key] = known
                if self._is_kept:
                    self.readings[id(known)] = Reading(known.kind, value, known.keys, known.parts)
                return known
        kind = kind_of(cls)
        if kind is None:
            return _by_reference(Opaque, value, was)
        if key in self._open:
            return _by_reference(Cycle, value, was)
        if len(self._open) >= MAX_DEPTH or length(kind, value) > self._left:
            return _by_reference(Unscanned, value, was)
        if reading is not None and reading.source is value and reading.is_held(self._known):
            keys, parts = reading.keys, reading.parts
        else:
            keys, parts = read(kind, value)
        self._left -= len(parts)
        self._open.add(key)
        if type(was) is Tree and was.kind == kind and type(was.source) is cls:
            tree = self._tree(kind, value, keys, parts, was, reading)
        else:
            tree = self._tree(kind, value, keys, parts, None, None)
        self._open.discard(key)
        self._done[key] = tree
        return tree

    def _tree(
        self,
        kind: str,
        source: Any,
        keys: Keys,
        parts: Sequence[Any],
        was: Tree | None,
        reading: Reading | None,
    ) -> Tree:
        before: Sequence[Frozen] = () if was is None else was.parts
        count = 0 if is_lasting(type(source)) else 1
        is_same = was is not None and was.source is source and len(parts) == len(before)
        same_keys = was is not None and _same_keys(keys, was.keys if reading is None else reading.keys)
        stretches: Sequence[Stretch] = ((0, len(parts), None),)
        if was is None:
            frozen = [None] * len(parts)
            if SCALARS.issuperset(map(type, parts)):
                frozen, stretches = list(parts), ()
        elif reading is None:
            frozen = _earlier(was, (0, len(before)), keys, same_keys, (0, len(parts)))
            count += sum(map(_count, frozen))
        else:
            keys = reading.keys if same_keys else keys
            stretches, begin, end = reading.compared(keys, parts)
            count, frozen = was.count, list(before)
            if begin < end or not is_same:
                until = end - len(parts) + len(before)
                frozen[begin:until] = _earlier(was, (begin, until), keys, same_keys, (begin, end))
                count += sum(map(_count, frozen[begin:end])) - sum(map(_count, before[begin:until]))
        found = Stretches() if self._is_kept and (reading is not None or len(self._open) == 1) else None
        for stretch in stretches:
            count += self._look(stretch, parts, frozen, found)
        if was is not None and is_same and same_keys and all(map(is_, frozen, before)):
            tree = was
        else:
            shared = was.keys if was is not None and same_keys else keys  # which tells that they are the same
            tree = Tree(kind, source, shared, tuple(frozen), count)
        if self._is_kept:
            if found is None and count > MOST:
                found = Stretches()
                for at, part in enumerate(frozen):
                    self._note(at, part, found)
            self.readings[id(tree)] = Reading(kind, source, keys, parts, () if found is None else found.done)
        return tree

    def _look(
        self, stretch: Stretch, parts: Sequence[Any], frozen: list[Frozen], found: Stretches | None
    ) -> int:
        """Replace what stood in these places by what is there now; how many containers there are more."""
        begin, end, below = stretch
        if type(below) is Run and below.items <= self._left and below.is_unchanged(self._known):
            self._left -= below.items
            if found is not None:
                found.keep(begin, end, below)
            return 0
        reading = below if type(below) is Reading else None
        more = 0
        for at in range(begin, end):
            part, was = parts[at], frozen[at]
            if part is not was:
                frozen[at] = now = self.freeze(part, was, reading)
                if now is not was:
                    more += _count(now) - _count(was)
                if found is not None and type(now) not in SCALARS:
                    self._note(at, now, found)
        return more

    def _note(self, at: int, part: Frozen, found: Stretches) -> None:
        """Note what was read below a part."""
        count = _count(part)
        if count > MOST:
            found.put(at, self.readings.get(id(part)))
        elif count:
            found.add(at, count, self._containers(part))

    def _containers(self, tree: Tree) -> Iterator[tuple[str, Any, Keys, Sequence[Any]]]:
        """All that can change in a small tree."""
        pending = [tree]
        while pending:
            tree = pending.pop()
            reading = self.readings.get(id(tree))
            if reading is None:
                parts: Sequence[Any] = [p.source if isinstance(p, (Tree, Opaque)) else p for p in tree.parts]
                keys = tree.keys
            else:
                keys, parts = reading.keys, reading.parts
            own = not is_lasting(type(tree.source))
            if own:
                yield tree.kind, tree.source, keys, parts
            if tree.count > own:  # there are others below it
                pending += [part for part in tree.parts if type(part) is Tree and part.count]


def _by_reference(cls: type[Opaque], value: Any, was: Frozen) -> Opaque:
    return was if type(was) is cls and was.source is value else cls(value)


def _count(part: Frozen) -> int:
    """Of containers in a part that can change; one that is not known counts as very many."""
    if type(part) is Tree:
        return part.count
    return MOST + 1 if type(part) in (Cycle, Unscanned) else 0


def _earlier(
    was: Tree, then: tuple[int, int], keys: Keys, same_keys: bool, now: tuple[int, int]
) -> list[Frozen]:
    """For each place between two: the part between two others that stood there before, or by this key."""
    parts = was.parts[slice(*then)]
    if keys is None or was.keys is None or same_keys:
        count = now[1] - now[0]
        return [*parts[:count], *[None] * (count - len(parts))]
    known = {key: part for key, part in zip(was.keys[slice(*then)], parts, strict=True) if type(key) is str}
    return [known.get(key) if type(key) is str else None for key in keys[slice(*now)]]


def _same_scalar(a: Any, b: Any) -> bool:
    return a is b or (a == b and (type(a) is not float or str(a) == str(b)))  # 0.0 is not -0.0


def _same_keys(a: Keys, b: Keys) -> bool:
    if a is None or b is None:
        return a is b
    if a is b or len(a) != len(b):
        return a is b
    return all(map(is_, a, b)) or all(
        x is y or (type(x) is type(y) and type(x) in SCALARS and x == y) for x, y in zip(a, b, strict=True)
    )
