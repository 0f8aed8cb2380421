"""Parallel regions: where one lane became many, and what that was good for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from .events import Blocked
from .holds import Holds
from .paint import Density
from .spans import Span

if TYPE_CHECKING:
    from .lanes import Lane

Clock = Callable[[int], int]
"""The program's time at a ts: what the whole of it stood still is left out."""
_NAMED = ("item", "visit", "run")
_OF_ITEMS = ("item", "attempt", "fallback")
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
    before: int = 0  # nanoseconds that its lane was ready before it began
    ready: int = 0  # nanoseconds that it waited for the loop
    over: bool = False  # its span has ended
    entered: int = 0  # begin of its span on the program's clock, later by what it has stood still
    still: int | None = None  # since when it stands still, on that clock

    def paint(self, moves: list[tuple[int, str, str]]) -> None:
        """The lane's states over time have changed."""
        block = self.region.blocks[self.number // BLOCK]
        for ts, old, new in moves:
            self.region.density.move(ts, old, new)
            block.move(ts, old, new)

    def count(self) -> None:
        """The lane has told of itself: its state, its times."""
        ready = max(0, (self.lane.ready or 0) - self.before)
        if self.over:  # its last times come after its end, and are exact
            self.region.ready += ready - self.ready
        self.ready = ready
        state = self.lane.state
        if state != self.state:
            counts = self.region.counts
            counts[self.state] -= 1
            counts[state] += 1
            self.state = state

    def rest(self, at: int) -> None:
        """It stands still from then on, on the program's clock."""
        if not self.over:
            self.still = max(at, self.entered)
            self.region.rest(self.still)

    def wake(self, at: int) -> None:
        """It goes on."""
        if self.still is not None:
            since, self.still = self.still, None
            self.entered += max(0, at - since)
            self.region.wake(since, max(at, since))

    def elapsed(self, now: int) -> int:
        """Nanoseconds of the program's that its span has taken, at this ts if it is open."""
        duration = self.span.duration
        if duration is not None:
            return duration
        return max(0, (self.region.clock(now) if self.still is None else self.still) - self.entered)


class Region:
    """The lanes that one span started, or runs that the program gathered (`span` is None).

    Everything is kept up as events come: reading costs nothing, however many lanes there are.
    """

    def __init__(self, span: Span | None, begin: int, clock: Clock, above: Lane | None = None) -> None:
        self.span = span
        self.begin = begin
        self.clock = clock
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
        self.ready = 0
        """Nanoseconds that lanes which have ended only waited for the loop."""
        self._above = above  # the lane that they were begun from, and that waits for them
        self._ended_time = 0  # ns of lanes that have ended
        self._open_begins = 0  # sum of `entered` of lanes that live
        self._resting = 0  # lanes that stand still
        self._rests = 0  # sum of since when
        self._stuck = Holds()  # when only such lanes lived, on the program's clock

    @property
    def name(self) -> str:
        """`Work`, or `Work[2]` within another region; the names of gathered runs."""
        if self.span is not None:
            return next(each.name for each in self.span.path() if each.kind in _NAMED)
        names = list(dict.fromkeys(member.span.label for member in self.members[:4]))
        return " + ".join(names) + (" + …" if len(self.members) > 4 else "")

    def wall(self, now: int) -> int:
        """Nanoseconds from its first lane's begin to its last one's end, or until now.

        While only lanes live that stand still for the user, it does not go on.
        """
        begin, end = self.clock(self.begin), self.clock(now if self.end is None else self.end)
        until = begin if self.span is None else end if self.span.end is None else self.clock(self.span.end)
        stuck = self._stuck.within(until, end)  # nobody waits there
        if self._above is not None:
            stuck += self._above.still_within(begin, min(until, end))
        return max(0, end - begin - stuck)

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
        return (self.lane_time(now) - self.ready) / wall if wall else 1.0

    def _live_time(self, now: int) -> int:
        going = self.open - self._resting
        return max(0, going * self.clock(now) + self._rests - self._open_begins)

    def rest(self, at: int) -> None:
        """One lane more stands still."""
        self._resting += 1
        self._rests += at
        self._look(at)

    def wake(self, since: int, at: int) -> None:
        """One lane goes on that has stood still since then."""
        self._resting -= 1
        self._rests -= since
        self._open_begins += at - since
        self._look(at)

    def _look(self, at: int) -> None:
        """Do only lanes live now that stand still?"""
        if self.open and self._resting == self.open:
            self._stuck.begin(at)
        else:
            self._stuck.end(at)

    def began(self, lane: Lane, span: Span) -> Member:
        """A lane joins, with the span that begins it."""
        member = Member(self, lane, span, len(self.members), before=lane.ready or 0)
        if len(self.members) % BLOCK == 0:
            self.blocks.append(Density())
        self.members.append(member)
        self.counts[member.state] += 1
        self.open += 1
        self.highest = max(self.highest, self.open)
        member.entered = self.clock(span.begin)
        self._open_begins += member.entered
        self.end = None
        self._look(member.entered)
        return member

    def ended(self, member: Member) -> None:
        """A member's span has ended."""
        span = member.span
        end = self.clock(span.end or span.begin)
        time = span.duration or 0
        if member.still is not None:  # since when it went on is told later, but follows
            member.wake(member.still + end - time - member.entered)
        member.over = True
        self.open -= 1
        self._open_begins -= member.entered
        self._ended_time += time
        self.ready += member.ready
        if self.longest is None or time > (self.longest.duration or 0):
            self.longest = span
        if self.open == 0:
            self.end = span.end
        self._look(end)


class Regions(dict[int, Region]):
    """By the id of the span that started the lanes; of gathered runs by minus the id of the first one."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.live: dict[Region, None] = {}
        """Those with lanes that live."""
        self._clock = clock
        self._of_node: defaultdict[str, list[Region]] = defaultdict(list)  # in begin order
        self._outer: dict[int, Lane] = {}  # open runs without a parent, and their lanes
        self._gathered: Region | None = None  # of these

    def began(self, lane: Lane, span: Span, above: Lane | None) -> None:
        """The first span of a lane begins, from the lane above, or a run that nothing is around."""
        parent = span.parent
        if parent is not None:
            region = self.get(parent.id)
            if region is None:
                region = self[parent.id] = Region(parent, span.begin, self._clock, above)
                if parent.kind not in _OF_ITEMS:  # a flow that an item runs is none of its node's lanes
                    self._of_node[parent.node].append(region)
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

    def summary(self, visit: Span) -> str:
        """`12/40 done, 3 failed`: the lanes of this node's latest visit, and of those concurrent with it."""
        above = (span.parent for span in visit.path() if span.parent and span.parent.lane != span.lane)
        begin = min((parent.begin for parent in above), default=visit.begin)
        counts: Counter[str] = Counter()
        for region in takewhile(lambda region: region.begin >= begin, reversed(self._of_node[visit.node])):
            counts.update(region.counts)
        text = f"{counts['done']}/{counts.total()} done" if counts else ""
        for state in ("failed", "cancelled", "unfinished", "held"):
            if count := counts[state]:
                text += f", {count} {state}"
        return text

    def held_up(self) -> Region | None:
        """One that only lanes which the debugger holds keep from its end."""
        return next((region for region in self.live if region.counts["held"] == region.open), None)

    def ended(self, lane: Lane, span: Span) -> None:
        """A span that began a lane has ended."""
        self._outer.pop(span.id, None)
        member = lane.member
        if member is None or member.span is not span or member.over:
            return
        region = member.region
        region.ended(member)
        if region.open == 0:
            self.live.pop(region, None)
        if region is self._gathered and not self._outer:
            self._gathered = None

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
