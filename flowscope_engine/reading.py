"""What the latest look has read of a value, kept so that the next one costs little where nothing changed.

All is compared by identity, in C, and very many parts in one call. What was read is kept alive, so that an
identity always means the same object.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from operator import is_
from typing import Any

from .parts import SCALARS, Keys, different, holds, slots_of

MOST = 64  # containers of a run: with more of them a look costs less, and a change costs more

_flat = chain.from_iterable
_attribute = object.__getattribute__
_DICT = repeat("__dict__")
_MAPS = frozenset({dict, defaultdict})
_ROWS = frozenset({list, deque, set})


class Reading:
    """Of one container: the keys and parts that it had, and in stretches what was read below its parts.

    A stretch is (begin, end, what was read of the parts from begin to end): a run of small ones, the reading
    of a large one, or None for one to be looked at each time. In parts of no stretch nothing can change.
    """

    __slots__ = ("keys", "kind", "parts", "source", "stretches")

    def __init__(
        self, kind: str, source: Any, keys: Keys, parts: Sequence[Any], stretches: Sequence[Stretch] = ()
    ) -> None:
        self.kind = kind
        self.source = source
        self.keys = keys
        self.parts = parts
        self.stretches = stretches

    def is_unchanged(self, known: set[int]) -> bool:
        """Does the value still hold all that was read? `known` has what does: it is asked once."""
        if not self.is_held(known):
            return False
        for _, _, below in self.stretches:  # noqa: SIM110
            if below is None or not below.is_unchanged(known):
                return False
        return True

    def is_held(self, known: set[int]) -> bool:
        """Has the container itself the same keys and parts?"""
        if id(self) in known:
            return True
        if not holds(self.kind, self.source, self.keys, self.parts):
            return False
        known.add(id(self))
        return True

    def compared(self, keys: Keys, parts: Sequence[Any]) -> tuple[Sequence[Stretch], int, int]:
        """The stretches of the keys and parts read now, None for what is no longer the same; between the two
        numbers all is new, or comes from another place.
        """
        if parts is self.parts:
            return self.stretches, 0, 0
        if keys is self.keys and len(parts) == len(self.parts):
            places = _places(parts, self.parts)
            if not self.stretches:
                return [(at, at + 1, None) for at in places], 0, 0
            plain: list[Stretch] = []
            others = []
            for at in places:
                if type(parts[at]) in SCALARS and type(self.parts[at]) in SCALARS:
                    plain.append((at, at + 1, None))  # the run around it, if any, is not concerned
                else:
                    others.append(at)
            return plain + self._with(others), 0, 0
        first, last = _ends(parts, self.parts)
        if keys is not None and self.keys is not None:
            of_keys = _ends(keys, self.keys)
            first, last = min(first, of_keys[0]), min(last, of_keys[1])
        moved = len(parts) - len(self.parts)
        last = min(last, min(len(parts), len(self.parts)) - first)
        begin, end = first, len(parts) - last
        heads, tails = [], []
        for stretch in self.stretches:
            if stretch[1] <= first:
                heads.append(stretch)
            elif stretch[0] + moved >= len(parts) - last:
                tails.append((stretch[0] + moved, stretch[1] + moved, stretch[2]))
            else:
                begin, end = min(begin, stretch[0]), max(end, stretch[1] + moved)
        return [*heads, (begin, end, None), *tails], begin, end

    def _with(self, places: list[int]) -> list[Stretch]:
        """The stretches, and between them these places; none of a run is the same if one of them is in it."""
        found: list[Stretch] = []
        at = 0
        for begin, end, below in self.stretches:
            first = bisect_left(places, begin, at)
            found += [(place, place + 1, None) for place in places[at:first]]
            at = bisect_left(places, end, first)
            found.append((begin, end, None if type(below) is Run and first < at else below))
        return found + [(place, place + 1, None) for place in places[at:]]


class Run:
    """Up to MOST containers, neighbours in the value, with all that was read from them side by side."""

    __slots__ = (
        "count",
        "dicts",
        "items",
        "keys",
        "map_sizes",
        "maps",
        "members",
        "objects",
        "odd",
        "row_sizes",
        "rows",
        "values",
    )

    def __init__(self) -> None:
        self.count = 0  # containers
        self.items = 0  # parts of all
        self.maps: list[Any] = []  # dicts …
        self.map_sizes: list[int] = []
        self.keys: list[Any] = []  # … with all their keys …
        self.values: list[Any] = []  # … and values
        self.rows: list[Any] = []  # lists, deques and sets …
        self.row_sizes: list[int] = []
        self.members: list[Any] = []  # … with all that is in them
        self.objects: list[Any] = []
        self.dicts: list[Any] = []  # of objects: they are maps as well
        self.odd: list[tuple[str, Any, Keys, Sequence[Any]]] = []  # all others: kind, source, keys, parts

    def add(self, kind: str, source: Any, keys: Keys, parts: Sequence[Any]) -> None:
        """One more container, from which this was read."""
        self.count += 1
        self.items += len(parts)
        if kind == "object" and (fields := _only_fields(source)) is not None:
            self.objects.append(source)
            self.dicts.append(fields)
            source = fields
        if type(source) in _MAPS:
            self.maps.append(source)
            self.map_sizes.append(len(parts))
            self.keys += keys or ()
            self.values += parts
        elif type(source) in _ROWS:
            self.rows.append(source)
            self.row_sizes.append(len(parts))
            self.members += parts
        else:
            self.odd.append((kind, source, keys, parts))

    def joined(self, other: Run) -> Run:
        """Both in one."""
        run = Run()
        for name in Run.__slots__:
            setattr(run, name, getattr(self, name) + getattr(other, name))
        return run

    def is_unchanged(self, known: set[int]) -> bool:
        """Do all of them still hold what was read?"""
        if id(self) in known:
            return True
        if list(map(len, self.maps)) != self.map_sizes or list(map(len, self.rows)) != self.row_sizes:
            return False
        try:
            same = (
                all(map(is_, _flat(map(dict.values, self.maps)), self.values))
                and all(map(is_, _flat(self.maps), self.keys))
                and all(map(is_, _flat(self.rows), self.members))
                and (not self.objects or all(map(is_, map(_attribute, self.objects, _DICT), self.dicts)))
                and (not self.odd or all(holds(*odd) for odd in self.odd))
            )
        except RuntimeError:  # another thread changes one of them
            return False
        if same:
            known.add(id(self))
        return same


Stretch = tuple[int, int, Run | Reading | None]


class Stretches:
    """The stretches of a reading in the making, from the first part to the last."""

    def __init__(self) -> None:
        self.done: list[Stretch] = []
        self._is_open = False  # is the last one a run of ours, which may grow?

    def keep(self, begin: int, end: int, run: Run) -> None:
        """A run in which nothing has changed."""
        if (last := self._run_before(run.count)) is not None:
            begin, run = self.done.pop()[0], last.joined(run)
        self.done.append((begin, end, run))
        self._is_open = False

    def put(self, at: int, reading: Reading | None) -> None:
        """A large container, or one to be looked at each time."""
        self.done.append((at, at + 1, reading))

    def add(self, at: int, count: int, containers: Iterable[tuple[str, Any, Keys, Sequence[Any]]]) -> None:
        """A part with so many containers: kind, source, keys and parts of each."""
        last = self._run_before(count)
        begin = at
        if last is None:
            last = Run()
        else:
            begin = self.done.pop()[0]
            last = last if self._is_open else last.joined(Run())
        for container in containers:
            last.add(*container)
        self.done.append((begin, at + 1, last))
        self._is_open = True

    def _run_before(self, count: int) -> Run | None:
        """The run that this is next to, if it has room for so many."""
        last = self.done[-1][2] if self.done else None
        return last if type(last) is Run and last.count + count <= MOST else None


def _only_fields(source: Any) -> dict[str, Any] | None:
    """The `__dict__` of an object that stores all its attributes there."""
    if slots_of(type(source)):
        return None
    try:
        fields = _attribute(source, "__dict__")
    except AttributeError:
        return None
    return fields if type(fields) is dict else None


def _places(now: Sequence[Any], before: Sequence[Any]) -> list[int]:
    """Where these two, of the same length, do not have the very same element."""
    same = bytes(map(is_, now, before))
    places = []
    at = same.find(0)
    while at >= 0:
        places.append(at)
        at = same.find(0, at + 1)
    return places


def _ends(now: Sequence[Any], before: Sequence[Any]) -> tuple[int, int]:
    """How many elements at the begin, and how many at the end, are the very same."""
    shortest = min(len(now), len(before))
    return next(different(now, before), shortest), next(different(now[::-1], before[::-1]), shortest)
