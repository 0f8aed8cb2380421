"""What runs at once: lanes, the regions they are in, the stops that hold them, and whose time that is not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from . import events
from .events import Blocked, Stopped
from .holds import Holds
from .lanes import Lane
from .regions import Regions
from .spans import Span


class AtOnce:
    """Folds what the events tell of lanes and stops.

    A span's time, the program's, leaves out the stops of the whole program and what its lane stood still.
    """

    def __init__(self) -> None:
        self.lanes: dict[int, Lane] = {}
        self.stopped: dict[int, Stopped] = {}
        self.blocked: list[Blocked] = []
        self._pauses = Holds()  # of the whole program
        self.regions = Regions(self._pauses.worked)

    # The program's time.

    def elapsed(self, span: Span, now: int) -> int:
        """Nanoseconds of the program's that the span has taken, at `now` if it is open."""
        duration = span.duration
        return max(0, now - span.begin - self.held(span, now)) if duration is None else duration

    def held(self, span: Span, until: int) -> int:
        """Nanoseconds from its begin that are not the program's, as far as is told."""
        lane = self.lanes[span.lane]
        alone = lane.still_within(self._pauses.worked(span.begin), self._pauses.worked(until))
        return alone + self._pauses.within(span.begin, until)

    def worked(self, begin: int, end: int) -> int:
        """Nanoseconds between the two times, without stops of the whole program."""
        return max(0, end - begin - self._pauses.within(begin, end))

    def parts(self, begin: int, bounds: Sequence[int]) -> list[tuple[int, int]]:
        """When it was between each two of these times worked since `begin`; of a part with a stop, the
        longer side."""
        base = self._pauses.worked(begin)
        found = []
        for left, right in pairwise(bounds):
            part = self._pauses.when(base + left, True), self._pauses.when(base + right, False)
            if (held := self._pauses.around(*part)) is not None:
                before, behind = (part[0], held[0]), (held[1], part[1])
                part = max(before, behind, key=lambda each: each[1] - each[0])
            found.append(part)
        return found

    # Lanes.

    def begin(self, span: Span) -> Lane:
        """A span begins: its lane, which may begin with it."""
        parent = span.parent
        if (lane := self.lanes.get(span.lane)) is None:
            above = None if parent is None else parent.lane
            lane = self.lanes[span.lane] = Lane(span.lane, parent=above, item=span.item)
        if parent is None or parent.lane != span.lane:
            lane.span = span
        lane.current, lane.status = span, ""
        return lane

    def start(self, lane: Lane, span: Span) -> None:
        """The first span of a lane has begun."""
        above = None if span.parent is None else self.lanes[span.parent.lane]
        self.regions.began(lane, span, above)
        lane.since = span.begin
        lane.paint(span.begin, "r")

    def finish(self, lane: Lane, status: str, ts: int | None) -> None:
        """The lane has ended."""
        lane.finish(status, ts)
        lane.count()
        if lane.span is not None:
            self.regions.ended(lane, lane.span)

    def reopen(self, span: Span, ts: int | None) -> None:
        """A span that had ended goes on after all."""
        lane = self.lanes[span.lane]
        lane.current, lane.status = span, ""
        if ts is not None:
            lane.paint(ts, "r")
        lane.count()

    def tell(self, event: events.Lane) -> None:
        """The engine tells of a lane."""
        lane = self.lanes.setdefault(event.id, Lane(event.id))
        if event.parent is not None:
            lane.parent = event.parent
        lane.tell(event)
        lane.count()
        for begin, end in event.still:
            lane.rest(self._pauses.worked(begin))
            if end is not None:
                lane.wake(self._pauses.worked(end))
        if event.status is not None and lane.since is not None:
            lane.wake(self._pauses.worked(lane.since))

    def block(self, event: Blocked, span: Span | None) -> None:
        """A lane kept the loop from others, in this span."""
        self.blocked.append(event)
        self.regions.blocked(self.lanes.get(event.lane), span, event)

    # Stops.

    def stop(self, event: Stopped) -> None:
        """A lane stands at a step, with the whole program or alone."""
        lane = self.lanes.setdefault(event.lane, Lane(event.lane))
        lane.stop = self.stopped[event.lane] = event
        lane.count()
        if event.ts is not None:
            lane.paint(event.ts, "h")
            if event.all:
                self._pauses.begin(event.ts)
            else:
                lane.rest(self._pauses.worked(event.ts))

    def resume(self, event: events.Resumed) -> None:
        """A lane goes on from its stop, or all do."""
        for id in list(self.stopped) if event.lane is None else [event.lane]:
            if (stop := self.stopped.pop(id, None)) is not None:
                lane = self.lanes[id]
                lane.go_on(event.ts)
                lane.count()
                if event.ts is not None and not stop.all:
                    lane.wake(self._pauses.worked(event.ts))
        if event.ts is not None and not self.stands_still:
            self._pauses.end(event.ts)

    @property
    def stands_still(self) -> bool:
        """Is the whole program held, not only lanes of it?"""
        return any(stop.all for stop in self.stopped.values())
