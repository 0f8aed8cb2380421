"""The lanes of a region as rows: sorted, filtered, equal ones as one, many as blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, overload

from .lanes import Lane
from .regions import BLOCK, Member, Region
from .text import one_line
from .values import preview

SORTS = ("index", "duration", "state")
MANY = 1_000
"""From so many lanes on, blocks read better than rows."""

_URGENCY = ("failed", "held", "running", "ready", "awaiting", "cancelled", "unfinished", "done")
_MOST_VALUE = 60  # characters of an item


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the lanes view: a lane, or several that are alike or neighbours."""

    members: Sequence[Member]
    label: str
    """`Work[3]`, `Work[0…49]`, `12 × Work`."""
    state: str
    """The lane's; of several the most urgent one."""
    note: str
    """Why it is not running, or where it is: `Work.exec, attempt 2`."""
    begin: int
    end: int | None
    """ts; None while one lives."""

    @property
    def first(self) -> Member:
        """The lane, or the first of several."""
        return self.members[0]


class Rows(Sequence[Row]):
    """Rows that are made when they are looked at: of thousands, a screen shows a few."""

    def __init__(self, groups: list[list[Member]]) -> None:
        self.groups = groups
        """The lanes of each row."""

    def __len__(self) -> int:
        return len(self.groups)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return [row(group) for group in self.groups[at]]
        return row(self.groups[at])


def ordered(region: Region, now: int, sort: str, words: str) -> list[Member]:
    """The lanes with all of the words, sorted."""
    wanted = words.lower().split()
    members = [member for member in region.members if not wanted or _matches(member, wanted)]
    members.sort(key=_KEYS[sort](now))
    return members


def rows(region: Region, now: int, sort: str = "index", words: str = "", equal: bool = False) -> Rows:
    """One row a lane; those without one of the words in label, state, note or item are left out.

    With `equal`, lanes that do the same in the same state share a row.
    """
    members = ordered(region, now, sort, words)
    if not equal:
        return Rows([[member] for member in members])
    groups: dict[tuple[str, str, str], list[Member]] = {}
    for member in members:
        groups.setdefault((member.span.label, member.state, note(member)), []).append(member)
    return Rows(list(groups.values()))


def blocks(region: Region) -> Rows:
    """One row for each BLOCK lanes in begin order; `region.blocks[n]` is the density of the n-th."""
    members = region.members
    return Rows([members[at : at + BLOCK] for at in range(0, len(members), BLOCK)])


def cells(member: Member, begin: int, end: int, width: int, now: int) -> str:
    """A letter of `paint.STATES` for each of `width` equal parts of the time."""
    return member.lane.strip.cells(begin, end, width, now)


def label(member: Member) -> str:
    """`Work[3]`; `Flow (lane 4)` for a run."""
    span = member.span
    return span.name if span.kind == "item" else f"{span.label} (lane {span.lane})"


def lane_name(id: int, lane: Lane | None) -> str:
    """Its label in the region it runs in; outside of all, `main` or `lane 4`."""
    if lane is None or lane.member is None:
        return "main" if id == 0 else f"lane {id}"
    return label(lane.member)


def note(member: Member) -> str:
    """Why the lane is not running, or where it is; of one that has failed, its error."""
    span = member.span
    if member.over:
        return "" if span.error is None else one_line(str(span.error), 120)
    if why := member.lane.why:
        return why
    current = member.lane.current
    if current is None:
        return ""
    attempt = f", attempt {current.attempt}" if (current.attempt or 1) > 1 else ""
    return f"{current.visit.label}.{current.kind}{attempt}" if current.kind != "item" else current.visit.label


def row(members: Sequence[Member]) -> Row:
    """Several lanes as one row, or a single one."""
    first = members[0]
    if len(members) == 1:
        return Row(members, label(first), first.state, note(first), first.span.begin, first.span.end)
    states = {member.state for member in members}
    ends = [member.span.end for member in members]
    are_neighbours = all(member.number == first.number + at for at, member in enumerate(members))
    if are_neighbours and first.span.kind == "item":
        name = f"{first.span.label}[{_index(first)}…{_index(members[-1])}]"
    else:
        name = f"{len(members):,} × {first.span.label}"
    return Row(
        members,
        name,
        min(states, key=_urgency),
        note(first) if len(states) == 1 else _counted(members),
        min(member.span.begin for member in members),
        None if None in ends else max(end for end in ends if end is not None),
    )


def _counted(members: Sequence[Member]) -> str:
    states = [member.state for member in members]
    return ", ".join(f"{count} {state}" for state in _URGENCY if (count := states.count(state)))


def _index(member: Member) -> int:
    return member.number if member.span.item is None else member.span.item


def _urgency(state: str) -> int:
    return _URGENCY.index(state) if state in _URGENCY else len(_URGENCY)


def _matches(member: Member, words: list[str]) -> bool:
    text = f"{label(member)} {member.state} {note(member)}".lower()
    return all(word in text or word in preview(member.span.value, _MOST_VALUE).lower() for word in words)


_KEYS: dict[str, Callable[[int], Callable[[Member], Any]]] = {
    "index": lambda now: _index,
    "duration": lambda now: lambda member: -member.elapsed(now),
    "state": lambda now: lambda member: (_urgency(member.state), _index(member)),
}
