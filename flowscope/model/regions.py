"""Parallel regions: where one lane became many, and what that was good for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from .events import Blocked
from .paint import Density
from .spans import Span

if TYPE_CHECKING:
    from .lanes import Lane

Clock = Callable[[int], int]
"""The program's time at a ts: that which the debugger held it is left out."""
BLOCK = 50
"""Lanes that share one row where there are thousands."""


@dataclass(slots=True, eq=False)
class Member:
    """A lane's part in a region: from `span`, its first there, to that span's end."""

    region: Region = field(repr=False)
    lane: Lane = field(repr=False)
    span: Span = field(repr=False)
    number: int  # in the region, in begin order
    state: str = "running"  # as counted
    before: tuple[int, int] = (0, 0)  # its lane's times, as below, before it began
    alone: int = 0  # nanoseconds that it ran or awaited, as counted once its span has ended
    ready: int = 0  # nanoseconds that it waited for the loop
    over: bool = False  # its span has ended
    entered: int = 0  # begin of its span on the program's clock

    def paint(self, moves: list[tuple[int, str, str]]) -> None:
        """The lane's states over time have changed."""
        block = self.region.blocks[self.number // BLOCK]
        for ts, old, new in moves:
            self.region.density.move(ts, old, new)
            block.move(ts, old, new)
            if (old == "h") != (new == "h"):
                self.region.hold(ts, 1 if new == "h" else -1)

    def count(self) -> None:
        """The lane has told of itself: its state, its times."""
        alone, ready = (now - before for now, before in zip(self.lane.times, self.before, strict=True))
        if self.over and self.lane.running is not None:  # its last times come after its end, and are exact
            self.region.settle(self, alone, ready)
            self.alone = alone
            self.span.held = max(0, (self.span.end or 0) - self.span.begin - alone - ready)
        self.ready = ready
        state = self.lane.state
        if state != self.state:
            counts = self.region.counts
            counts[self.state] -= 1
            counts[state] += 1
            self.state = state


class Region:
    """The lanes that one span started, or runs that the program gathered (`span` is None).

    Everything is kept up as events come: reading costs nothing, however many lanes there are.
    """

    def __init__(self, span: Span | None, begin: int, clock: Clock) -> None:
        self.span = span
        self.begin = begin
        self.end: int | None = None
        """When its last lane ended; None while one lives."""
        self.members: list[Member] = []
        self.counts: Counter[str] = Counter()
        """Lanes by state: running, awaiting, ready, held, done, failed, cancelled, unfinished."""
        self.open = 0
        """Lanes that live."""
        self.highest = 0
        """Most lanes that lived at once."""
        self.longest: Span | None = None
        """The first span of the lane that took longest, of those that have ended."""
        self.blocked = 0
        """Nanoseconds in which a lane kept the loop while others were ready."""
        self.blockers: Counter[str] = Counter()
        """These nanoseconds by who did it: `Work[3].exec (work.py:12)`."""
        self.density = Density()
        self.blocks: list[Density] = []
        """One for each BLOCK members."""
        self._ended_time = 0  # ns of lanes that have ended
        self._alone_time = 0  # the same, without what was only waiting for the loop
        self._open_begins = 0  # sum of the begins of lanes that live, on the program's clock
        self._held = 0  # lanes that are held
        self._stuck: int | None = None  # since when only held lanes live, on the program's clock
        self._stuck_time = 0  # ns of that, which are nobody's time
        self._changed = 0  # when a lane began or ended last, on the program's clock
        self._clock = clock

    @property
    def name(self) -> str:
        """`Work`, or `Work[2]` within another region; the names of gathered runs."""
        if self.span is not None:
            return self.span.visit.name if self.span.kind != "item" else self.span.name
        names = list(dict.fromkeys(member.span.label for member in self.members[:4]))
        return " + ".join(names) + (" + …" if len(self.members) > 4 else "")

    def wall(self, now: int) -> int:
        """Nanoseconds from its first lane's begin to its last one's end, or until now.

        While only lanes live that the debugger holds, it does not go on.
        """
        end = self._clock(now if self.end is None else self.end) if self._stuck is None else self._stuck
        return max(0, end - self._clock(self.begin) - self._stuck_time)

    def lane_time(self, now: int) -> int:
        """Nanoseconds of all its lanes together."""
        return self._ended_time + self._live_time(now)

    def mean(self, now: int) -> float:
        """Lanes that lived at once, on average."""
        wall = self.wall(now)
        return self.lane_time(now) / wall if wall else float(self.open)

    def speed_up(self, now: int) -> float:
        """How many times longer the same would have taken one by one; time spent ready is not counted."""
        wall = self.wall(now)
        return (self._alone_time + self._live_time(now)) / wall if wall else 1.0

    def _live_time(self, now: int) -> int:
        at = self._clock(now) if self._stuck is None else self._stuck
        return max(0, self.open * at - self._open_begins)

    def hold(self, ts: int, by: int) -> None:
        """So many lanes more are held."""
        self._held += by
        self._look(ts)

    def _look(self, ts: int) -> None:
        """Do only held lanes live now?"""
        now = self._clock(ts)
        if self.open and self._held >= self.open:
            # A lane's states are told again with each of its events: never before the others have ended.
            self._stuck = max(now, self._changed) if self._stuck is None else self._stuck
        elif self._stuck is not None:
            gone, self._stuck = max(0, now - self._stuck), None
            self._stuck_time += gone
            for member in self.members:
                if not member.over:
                    member.entered += gone
                    self._open_begins += gone

    def summary(self) -> str:
        """`12/40 done, 3 failed`: enough for a node in a graph."""
        text = f"{self.counts['done']}/{len(self.members)} done"
        for state in ("failed", "cancelled", "unfinished", "held"):
            if count := self.counts[state]:
                text += f", {count} {state}"
        return text

    def began(self, lane: Lane, span: Span) -> Member:
        """A lane joins, with the span that begins it."""
        member = Member(self, lane, span, len(self.members), before=lane.times)
        if len(self.members) % BLOCK == 0:
            self.blocks.append(Density())
        self.members.append(member)
        self.counts[member.state] += 1
        self.open += 1
        self.highest = max(self.highest, self.open)
        member.entered = self._clock(span.begin)
        self._open_begins += member.entered
        self.end = None
        self._changed = max(self._changed, member.entered)
        self._look(span.begin)
        return member

    def settle(self, member: Member, alone: int, ready: int) -> None:
        """A lane that has ended has taken more or less than was thought."""
        self._ended_time += alone + ready - member.alone - member.ready
        self._alone_time += alone - member.alone

    def ended(self, member: Member) -> None:
        """A member's span has ended."""
        span = member.span
        member.over = True
        time = span.duration or 0
        self.open -= 1
        self._open_begins -= member.entered
        self._ended_time += time
        member.alone = time - member.ready
        self._alone_time += member.alone
        if self.longest is None or time > (self.longest.duration or 0):
            self.longest = span
        if self.open == 0:
            self.end = span.end
        if span.end is not None:
            self._changed = max(self._changed, self._clock(span.end))
            self._look(span.end)


class Regions(dict[int, Region]):
    """By the id of the span that started the lanes; of gathered runs by minus the id of the first one."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.live: dict[Region, None] = {}
        """Those with lanes that live."""
        self._clock = clock
        self._outer: dict[int, Lane] = {}  # open runs without a parent, and their lanes
        self._gathered: Region | None = None  # of these

    def began(self, lane: Lane, span: Span) -> None:
        """The first span of a lane begins, or a run that nothing is around."""
        parent = span.parent
        if parent is not None:
            region = self.get(parent.id) or self.setdefault(
                parent.id, Region(parent, span.begin, self._clock)
            )
            lane.member = region.began(lane, span)
            self.live[region] = None
            return
        lane.member = None
        if self._outer and self._gathered is None:
            first = next(iter(self._outer))
            self._gathered = Region(None, span.begin, self._clock)
            self[-first] = self._gathered
            for other in list(self._outer.values()):
                if other.span is not None:
                    self._gathered.begin = min(self._gathered.begin, other.span.begin)
                    other.member = self._gathered.began(other, other.span)
        if self._gathered is not None:
            lane.member = self._gathered.began(lane, span)
            self.live[self._gathered] = None
        self._outer[span.id] = lane

    def held_up(self) -> Region | None:
        """One that only lanes which the debugger holds keep from its end."""
        return next((region for region in self.live if region.counts["held"] == region.open), None)

    def ended(self, lane: Lane, span: Span) -> Region | None:
        """A span that began a lane has ended; the region when that was its last lane."""
        self._outer.pop(span.id, None)
        member = lane.member
        if member is None or member.span is not span or member.over:
            return None
        region = member.region
        region.ended(member)
        if region.open == 0:
            self.live.pop(region, None)
        if region is self._gathered and not self._outer:
            self._gathered = None
        return region if region.open == 0 else None

    def blocked(self, lane: Lane | None, span: Span | None, event: Blocked) -> None:
        """A lane kept the loop from others: the regions around it lost that time."""
        if not event.count:
            return
        if lane is not None:
            lane.blocked += event.ns
        if span is None:
            return
        who = blocker(span, event)
        for around in span.path():
            if (region := self.get(around.id)) is not None and around is not span:
                region.blocked += event.ns
                region.blockers[who] += event.ns
        if self._gathered is not None:
            self._gathered.blocked += event.ns
            self._gathered.blockers[who] += event.ns


def culprit(span: Span, event: Blocked) -> Span:
    """The innermost span of the lane in which most of the time went that the loop was kept.

    The engine tells where the lane was when it got the loop.
    """
    begin, end = event.ts, event.ts + event.ns

    def has_most(span: Span) -> bool:
        until = end if span.end is None else min(span.end, end)
        return (until - max(span.begin, begin)) * 2 > event.ns

    while not has_most(span) and span.parent is not None and span.parent.lane == event.lane:
        span = span.parent
    below: Span | None = span
    while below is not None:
        span = below
        latest = takewhile(lambda child: child.end is None or child.end > begin, reversed(span.children))
        below = next((child for child in latest if child.lane == event.lane and has_most(child)), None)
    return span


def blocker(span: Span, event: Blocked) -> str:
    """Who kept the loop: `Work[3].exec (work.py:12)`."""
    if not event.file:
        return span.place
    file = event.file.replace("\\", "/").rpartition("/")[2]
    return f"{span.place} ({file}:{event.line})"
