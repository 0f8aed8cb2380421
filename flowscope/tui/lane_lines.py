"""Which lines the lanes view has: main lanes, below them their parallel regions, in these lanes or blocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import islice

from flowscope.model import Lane, Member, Model, Region, Span
from flowscope.model.lane_rows import MANY, SORTS, Row, blocks, rows

_UNFOLDED = 3  # regions that are over and still unfolded, from the latest back
_CROWD = 8  # lanes from which on their number is painted over time
_MOST_DEEP = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `kind` is main, region, crowd, block, group, lane or legend."""

    kind: str
    key: Hashable
    """What it is about, whatever line it stands on."""
    depth: int = 0
    lane: Lane | None = None
    region: Region | None = None
    row: Row | None = None
    block: int = 0

    @property
    def member(self) -> Member | None:
        """The only one of it."""
        return self.row.members[0] if self.row is not None and self.kind == "lane" else None

    def members(self) -> list[Member]:
        """The lanes of a region that it stands for."""
        if self.row is not None:
            return self.row.members
        return self.region.members if self.region is not None else []


LEGEND = Line("legend", "legend")


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
        self._mains: list[Lane] = []
        self._runs = 0  # looked through
        self._lanes = 0  # looked through for main ones
        self._within: dict[int, list[tuple[int, Region]]] = {}

    def build(self, now: int) -> list[Line]:
        """All lines, as they are at `now`."""
        self._look()
        lines: list[Line] = []
        for lane in self._mains:
            if lane.span is not None and (lane.member is None or lane.id == 0):
                lines.append(Line("main", ("main", lane.id), lane=lane))
                lines += self._regions(lane.id, 0, now)
        for id, region in self._within.get(-1, ()):
            lines += self._region(id, region, 0, now)
        return [*lines, LEGEND] if lines else []

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

    def _regions(self, lane: int, depth: int, now: int) -> Iterator[Line]:
        for id, region in self._within.get(lane, ()):
            yield from self._region(id, region, depth, now)

    def _region(self, id: int, region: Region, depth: int, now: int) -> Iterator[Line]:
        head = Line("region", ("region", id), depth, region=region)
        yield head
        crowd = len(region.members) >= _CROWD
        if crowd:
            yield Line("crowd", ("crowd", id), depth, region=region)
        if not self.is_open(head):
            return
        depth = min(depth + 1, _MOST_DEEP)
        if len(region.members) >= MANY and not (self.words or self.equal or self.sort != SORTS[0]):
            for number, row in enumerate(blocks(region)):
                block = Line("block", ("block", id, number), depth, region=region, row=row, block=number)
                yield block
                if self.is_open(block):
                    for member in row.members:
                        yield from self._lane(Row([member], "", "", "", 0, None), depth + 1, now)
            return
        for row in rows(region, now, self.sort, self.words, self.equal):
            if len(row.members) == 1:
                yield from self._lane(row, depth, now)
                continue
            group = Line("group", ("group", id, row.first.span.id), depth, region=region, row=row)
            yield group
            if self.is_open(group):
                for member in row.members:
                    yield from self._lane(Row([member], "", "", "", 0, None), depth + 1, now)

    def _lane(self, row: Row, depth: int, now: int) -> Iterator[Line]:
        member = row.first
        yield Line("lane", ("lane", member.span.id), depth, member.lane, member.region, row)
        if member.lane.id and member.lane.member is member:
            yield from self._regions(member.lane.id, depth + 1, now)
