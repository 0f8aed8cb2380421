"""The program's time, told by what the engine keeps of lanes, against a clock that is stopped by hand."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from flowscope.model import Region
from flowscope_engine import standstill
from flowscope_engine.intervals import Intervals

from .story import Story

MS = 1_000_000


class Lane(standstill.Still):
    """A lane that waits for those begun from it, while there are any; and what a stopwatch says of it."""

    __slots__ = ("before", "began", "children", "held", "id", "region", "span", "took", "wall")

    def __init__(self, above: Lane | None, id: int, span: int, began: int) -> None:
        super().__init__(above)
        self.id = id
        self.span = span
        self.began = began
        self.held = False
        self.children: list[Lane] = []
        self.took = 0
        self.before = -1  # what it had taken when the first lane began from it
        self.wall = 0  # what it took from then until the latest one ended

    def rests(self) -> bool:
        return self.held or self.below > 0

    def goes(self) -> bool:
        return any(child.goes() for child in self.children) if self.children else not self.held


class Program:
    """Lanes that begin, end, are held and stopped; their events go into a model."""

    def __init__(self) -> None:
        self.story = Story()
        run = self.story.begin("run", "n1", ts=0)
        self.main = Lane(None, 0, self.story.begin("exec", "n1", run, ts=0), 0)
        self.run = run
        self.lanes = [self.main]  # that live
        self.all = [self.main]
        self.now = 0
        self.stopped = False

    def wait(self, ms: int) -> None:
        self.now += ms * MS
        for lane in self.lanes:
            lane.took += ms * MS * (lane.goes() and not self.stopped)

    def begin(self, pick: int) -> None:
        above = self.lanes[pick % len(self.lanes)]
        id = len(self.all)
        span = self.story.begin("item", "n1", above.span, lane=id, item=id, ts=self.now)
        lane = Lane(above, id, span, self.now)
        lane.enter(self.now)
        if above.before < 0:
            above.before = above.took
        above.children.append(lane)
        self.lanes.append(lane)
        self.all.append(lane)

    def end(self, pick: int) -> None:
        leaves = [lane for lane in self.lanes if not lane.children and lane is not self.main]
        if leaves:
            self._end(leaves[pick % len(leaves)])

    def _end(self, lane: Lane) -> None:
        lane.held = False
        lane.look(self.now)
        lane.leave(self.now)
        self.lanes.remove(lane)
        above = next((each for each in self.lanes if lane in each.children), None)
        if above is not None:
            above.children.remove(lane)
            above.wall = above.took - above.before
        self.story.end(lane.span, ts=self.now, held=self.lost(lane))
        self.story.tell("lane", id=lane.id, status="ok", still=lane.tell_still())

    def lost(self, lane: Lane) -> int:
        return standstill.pauses.within(lane.began, self.now) + lane.still_within(lane.began, self.now)

    def hold(self, pick: int) -> None:
        lane = self.lanes[pick % len(self.lanes)]
        lane.held = not lane.held
        lane.look(self.now)

    def stop(self, pick: int) -> None:
        """Or go on."""
        self.stopped = not self.stopped
        if self.stopped:
            standstill.pauses.begin(self.now)
            self.story.tell("stopped", lane=0, span=self.main.span, ts=self.now)
        else:
            standstill.pauses.end(self.now)
            self.story.tell("resumed", ts=self.now)

    def tell(self, pick: int) -> None:
        """All lanes tell of themselves: from now on the model knows what the stopwatch does."""
        for lane in self.lanes:
            if not lane.is_told:
                self.story.tell("lane", id=lane.id, still=lane.tell_still())
        for lane in self.lanes:
            assert self.story.model.elapsed(self.story.span(lane.span), self.now) == lane.took
            if (region := self.region(lane)) is not None:
                assert region.wall(self.now) == (lane.took - lane.before if lane.children else lane.wall)
                assert region.lane_time(self.now) == self.sum(region)
                for member in region.members:
                    assert member.elapsed(self.now) == self.all[member.lane.id].took

    def region(self, lane: Lane) -> Region | None:
        return self.story.model.regions.get(lane.span)

    def sum(self, region: Region) -> int:
        return sum(self.all[member.lane.id].took for member in region.members)

    def finish(self) -> None:
        if self.stopped:
            self.stop(0)
        while len(self.lanes) > 1:
            self.end(0)
        self._end(self.main)


OPERATIONS = ("begin", "begin", "end", "hold", "hold", "stop", "tell")


@given(
    st.lists(
        st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 9), st.integers(0, 5)), min_size=15, max_size=60
    ),
)
def test_durations_are_what_a_stopwatch_says_that_is_stopped_with_the_program(
    operations: list[tuple[str, int, int]],
) -> None:
    with patch.object(standstill, "pauses", Intervals()):
        program = Program()
        for name, pick, ms in operations:
            program.wait(ms)
            getattr(program, name)(pick)
        program.finish()
    model = program.story.model
    for lane in program.all:
        span = model.spans[lane.span]
        assert span.duration == lane.took
        region = program.region(lane)
        if region is not None:
            assert region.wall(10**15) == lane.wall
            assert region.lane_time(10**15) == program.sum(region)
            assert lane.wall >= max(member.span.duration or 0 for member in region.members)
