"""Which lines the lanes view has: main lanes, below them their parallel regions, in these lanes or blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from flowscope.model import Lane, Member, Model, Region, Span
from flowscope.model.lane_rows import MANY, SORTS, blocks, ordered, rows

_UNFOLDED = 8  # regions that are over and still unfolded, from the latest back
_CROWD = 8  # lanes from which on their number is painted over time
_MOST_DEEP = 6


class Line(NamedTuple):
    """One line: `kind` is hand, main, region, crowd, block, group, lane or legend."""

    kind: str
    key: Hashable
    """What it is about, whatever line it stands on."""
    depth: int = 0
    lane: Lane | None = None
    region: Region | None = None
    members: Sequence[Member] = ()
    """The lanes of the region that it stands for."""
    block: int = 0

    @property
    def member(self) -> Member | None:
        """The only one of it."""
        return self.members[0] if self.kind == "lane" else None


LEGEND = Line("legend", "legend")
HAND = Line("hand", "hand")


class Lines:
    """The lines of a model as the user wants them: sorted, filtered, grouped, folded."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.sort = SORTS[0]
        self.words = ""
        self.equal = False
        self.unfolded: dict[Hashable, bool] = {}
        """What the user folded or unfolded, by key."""
        self.runs: defaultdict[int, list[Span]] = defaultdict(list)
        """The outermost runs of each lane."""
        self._made: dict[int, Line] = {}  # of lanes: thousands would be garbage each time
        self._mains: list[Lane] = []
        self._runs = 0  # looked through
        self._now = 0
        self._lanes = 0  # looked through for main ones
        self._within: dict[int, list[tuple[int, Region]]] = {}
        self._is_main = True  # lane 0 has a line of its own

    def build(self, now: int) -> list[Line]:
        """All lines, as they are at `now`."""
        self._now = now
        self._look()
        hand = self.model.by_hand
        lines = [HAND] if hand.holds_new or hand.count else []
        self._is_main = not self._gathered_alone()
        for lane in self._mains:
            if lane.span is not None and (lane.member is None or (lane.id == 0 and self._is_main)):
                lines.append(Line("main", ("main", lane.id), lane=lane))
                lines += self._regions(lane.id, 0)
        for id, region in self._within.get(-1, ()):
            lines += self._region(id, region, 0)
        return [*lines, LEGEND] if lines and lines != [HAND] else []

    def is_open(self, line: Line) -> bool:
        """Is what it stands for shown below it?"""
        return self.unfolded.get(line.key, False)

    def toggle(self, line: Line) -> None:
        """Fold it, or unfold it."""
        self.unfolded[line.key] = not self.is_open(line)

    def _look(self) -> None:
        model = self.model
        for lane in islice(model.lanes.values(), self._lanes, None):
            if lane.parent is None or lane.id == 0 or (lane.span is not None and lane.span.parent is None):
                self._mains.append(lane)
        self._lanes = len(model.lanes)
        for run in islice(model.runs, self._runs, None):
            if run.parent is None:
                self.runs[run.lane].append(run)
        self._runs = len(model.runs)
        found: defaultdict[int, list[tuple[int, Region]]] = defaultdict(list)
        latest = list(model.regions)[-_UNFOLDED:]
        for id, region in model.regions.items():
            found[-1 if region.span is None else region.span.lane].append((id, region))
            key = ("region", id)
            if region.open or id in latest:
                self.unfolded.setdefault(key, True)
        self._within = found

    def _gathered_alone(self) -> bool:
        """Has lane 0 done nothing but what stands among the runs that the program gathered?"""
        firsts = {region.members[0].span.id for _, region in self._within.get(-1, ())}
        return bool(firsts) and all(run.id in firsts for run in self.runs[0])

    def _regions(self, lane: int, depth: int, within: Span | None = None) -> Iterator[Line]:
        for id, region in self._within.get(lane, ()):
            if within is None or (region.span is not None and within in region.span.path()):
                yield from self._region(id, region, depth)

    def _region(self, id: int, region: Region, depth: int) -> Iterator[Line]:
        members = region.members
        head = Line("region", ("region", id), depth, region=region, members=members)
        yield head
        if len(members) >= _CROWD:
            yield Line("crowd", ("crowd", id), depth + 1, region=region, members=members)
        if not self.is_open(head):
            return
        depth = min(depth + 1, _MOST_DEEP)
        if len(members) >= MANY and not (self.words or self.equal or self.sort != SORTS[0]):
            for number, group in enumerate(blocks(region).groups):
                yield from self._group(
                    Line("block", ("block", id, number), depth, None, region, group, number)
                )
            return
        if not self.equal:
            for member in ordered(region, self._now, self.sort, self.words):
                yield from self._lane(member, depth)
            return
        for group in rows(region, self._now, self.sort, self.words, equal=True).groups:
            if len(group) == 1:
                yield from self._lane(group[0], depth)
            else:
                yield from self._group(Line("group", ("group", group[0].span.id), depth, None, region, group))

    def _group(self, line: Line) -> Iterator[Line]:
        yield line
        if self.is_open(line):
            for member in line.members:
                yield from self._lane(member, line.depth + 1)

    def _lane(self, member: Member, depth: int) -> Iterator[Line]:
        lane = member.lane
        line = self._made.get(member.span.id)
        if line is None or line.depth != depth:
            line = Line("lane", ("lane", member.span.id), depth, lane, member.region, (member,))
            self._made[member.span.id] = line
        yield line
        if lane.id in self._within and (lane.id or not self._is_main):
            yield from self._regions(lane.id, depth + 1, member.span)
