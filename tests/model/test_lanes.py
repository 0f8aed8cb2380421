"""Lanes and regions: what runs concurrently, and what it was good for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowscope.model.lane_rows import blocks, cells, rows
from flowscope.model.paint import Density, Strip
from flowscope.summary import summary

from .story import BOOM, Story, node


def fan(count: int) -> tuple[Story, int, list[int]]:
    """A parallel node whose items have begun, one nanosecond after another, on lanes 10, 11, …"""
    story = Story()
    story.graph(1, [node("n1", "Work", "AsyncParallelBatchNode", None)])
    phase = story.begin("exec", "n1", story.begin("run", "n1"))
    items = []
    for index in range(count):
        story.tell("lane", id=10 + index, parent=0, item=index)
        items.append(story.begin("item", "n1", phase, item=index, lane=10 + index, value=f"v{index}"))
    return story, phase, items


def tell(story: Story, lane: int, **fields: Any) -> None:
    story.tell("lane", id=lane, parent=0, **fields)


def test_a_region_counts_its_lanes_by_state() -> None:
    story, phase, items = fan(4)
    region = story.model.regions[phase]
    tell(story, 10, state="awaiting", since=50, on="sleep(1)")
    tell(story, 11, state="ready", since=60, behind=12)
    assert +region.counts == {"running": 2, "awaiting": 1, "ready": 1}
    assert story.model.lanes[10].why == "awaits sleep(1)"
    assert story.model.lanes[11].why == "behind lane 12"
    story.end(items[0])
    story.end(items[1], "failed", error=BOOM)
    story.tell("stopped", lane=12, span=items[2], reason="breakpoint", ts=100)
    assert story.model.regions.summary(region.span.visit) == "1/4 done, 1 failed, 1 held"
    story.tell("resumed", ts=200)
    story.tell("exit", code=1)
    assert +region.counts == {"done": 1, "failed": 1, "unfinished": 2}
    assert region.open == 0 and region.end is not None


def test_the_lanes_of_a_node_in_concurrent_copies_are_counted_together() -> None:
    story = Story()
    nodes = [
        node("f1", "Copies", "AsyncParallelBatchFlow", None),
        node("n1", "Work", "AsyncParallelBatchNode"),
    ]
    run = story.begin("run", "f1")
    story.graph(run, nodes)
    lane = 10
    for copy, count in enumerate((2, 1, 3)):
        item = story.begin("item", "f1", run, item=copy, lane=copy + 1)
        phase = story.begin("exec", "n1", story.begin("visit", "n1", item))
        for index in range(count):
            lane += 1
            work = story.begin("item", "n1", phase, item=index, lane=lane)
            if copy:
                story.end(work)
    attempt = story.begin("attempt", "n1", work, attempt=1)
    story.begin("run", "f1", attempt, lane=40)  # a flow that an item runs in a task is none of these
    model = story.model
    assert model.regions.summary(model.tally.latest["n1"]) == "4/6 done"
    assert model.regions[attempt].name == "Work[2]"


def test_a_region_that_only_held_lanes_keep_from_its_end() -> None:
    story, phase, items = fan(2)
    tell(story, 10, state="held", since=50)
    assert story.model.regions.held_up() is None
    story.end(items[1], "cancelled")
    assert story.model.regions.held_up() is story.model.regions[phase]
    story.end(items[0])
    assert story.model.regions.held_up() is None


def test_the_numbers_of_a_region() -> None:
    story, phase, items = fan(2)
    region = story.model.regions[phase]
    begin = region.begin
    story.end(items[0], ts=begin + 1_000)
    story.end(items[1], ts=begin + 2_002)
    tell(story, 11, status="ok", running=900, awaiting=600, ready=500, held=0)
    assert region.wall(now=10**9) == 2_002
    assert region.lane_time(now=10**9) == 3_000
    assert region.highest == 2
    assert round(region.mean(10**9), 2) == 1.5
    assert round(region.speed_up(10**9), 2) == 1.25  # what was ready was only waiting for the other
    assert region.longest is story.span(items[1])


def test_time_held_on_one_lane_is_not_the_programs() -> None:
    story, phase, items = fan(2)
    region = story.model.regions[phase]
    begin = story.span(items[0]).begin
    attempt = story.begin("attempt", "n1", items[0], attempt=1, ts=begin)
    tell(story, 10, state="held", since=begin + 100, still=[(begin + 100, None)])
    assert region.counts["held"] == 1 and story.model.lanes[10].why == "held by you"
    for open_span in (items[0], attempt):
        assert story.model.elapsed(story.span(open_span), begin + 900) == 100
    assert [row.label for row in rows(region, begin + 900, "duration")] == ["Work[1]", "Work[0]"]
    other = story.span(items[1])
    assert region.lane_time(begin + 900) == 100 + begin + 900 - other.begin
    story.end(attempt, ts=begin + 1_000, held=800)
    story.end(items[0], ts=begin + 1_000, held=800)
    tell(
        story,
        10,
        status="ok",
        running=100,
        awaiting=50,
        ready=50,
        held=800,
        still=[(begin + 100, begin + 900)],
    )
    assert story.span(items[0]).duration == story.span(attempt).duration == 200
    assert region.lane_time(begin + 1_000) == 200 + begin + 1_000 - other.begin
    assert region.speed_up(begin + 1_000) == (region.lane_time(begin + 1_000) - 50) / region.wall(
        begin + 1_000
    )


def test_time_stands_where_only_held_lanes_are_left() -> None:
    story, phase, items = fan(2)
    region, exec_, run = story.model.regions[phase], story.span(phase), story.model.runs[0]
    begin = region.begin
    tell(story, 10, state="held", since=begin + 100, still=[(begin + 100, None)])
    story.end(items[1], ts=begin + 1_000)
    tell(story, 11, status="ok")
    story.tell("lane", id=0, still=[(begin + 1_000, None)])
    assert region.wall(begin + 60_000) == 1_000
    assert story.model.elapsed(exec_, begin + 60_000) == begin + 1_000 - exec_.begin
    assert story.model.elapsed(run, begin + 60_000) == begin + 1_000 - run.begin
    assert region.lane_time(begin + 60_000) == 100 + begin + 1_000 - story.span(items[1]).begin
    story.tell("lane", id=0, still=[(begin + 1_000, begin + 61_000)])
    tell(story, 10, state="awaiting", since=begin + 61_000, still=[(begin + 100, begin + 61_000)])
    assert region.wall(begin + 61_500) == 1_500
    story.end(items[0], ts=begin + 62_000, held=60_900)
    tell(story, 10, status="ok", running=500, awaiting=600, ready=0, held=60_900)
    assert region.wall(10**9) == 2_000
    story.end(phase, ts=begin + 62_000, held=60_000)
    assert exec_.duration == begin + 2_000 - exec_.begin


def test_gathered_runs_of_which_only_held_ones_are_left() -> None:
    story = Story()
    first = story.begin("run", "f1", ts=0)
    second = story.begin("run", "f1", lane=7, ts=0)
    (region,) = story.model.regions.values()
    tell(story, 7, state="held", since=100, still=[(100, None)])
    assert region.wall(1_000) == 1_000
    story.end(first, ts=2_000)
    assert region.wall(50_000) == 2_000
    story.end(second, ts=60_000, held=59_400)  # released 500 before: told later
    tell(story, 7, status="ok", still=[(100, 59_500)])
    assert region.wall(10**6) == 2_500
    assert region.lane_time(10**6) == 2_600
    assert "2.5 µs" in summary(story.model, 80).plain


def test_who_blocked_the_loop() -> None:
    story, phase, items = fan(3)
    attempt = story.begin("attempt", "n1", items[1], attempt=1)
    where = {"ts": story.ts, "file": "/x/work.py", "line": 12}
    story.tell("blocked", lane=11, span=items[1], ns=70_000_000, waiting=[10, 12], count=2, **where)
    story.tell("blocked", lane=11, span=items[1], ns=60_000_000, waiting=[], count=0, **where)
    region = story.model.regions[phase]
    assert region.blocked == 70_000_000
    assert region.blockers == {"Work[1].exec (work.py:12)": 70_000_000}
    assert story.model.lanes[11].blocked == 70_000_000
    assert [event.span for event in story.model.blocked] == [attempt, attempt]  # where the time went


def test_gathered_runs_are_a_region_and_later_ones_are_not() -> None:
    story = Story()
    first = story.begin("run", "f1")
    second = story.begin("run", "f1", lane=7)
    story.end(first)
    story.end(second)
    story.end(story.begin("run", "f1"))
    (region,) = story.model.regions.values()
    assert region.span is None and [member.span.id for member in region.members] == [first, second]
    assert +region.counts == {"done": 2}


def test_a_lane_is_painted_by_its_states() -> None:
    story, _, items = fan(1)
    member = story.model.regions[2].members[0]
    begin = member.span.begin
    tell(story, 10, state="awaiting", since=begin + 400, states=[(begin + 100, "a"), (begin + 300, "r")])
    assert cells(member, begin - 100, begin + 900, 10, now=begin + 600) == " raaraa   "
    story.end(items[0], ts=begin + 700)
    states = [(begin + 400, "a"), (begin + 500, "r")]
    tell(story, 10, status="ok", states=states)  # the last ones come after the end
    assert cells(member, begin - 100, begin + 900, 10, now=begin + 900) == " raararrdd"
    assert story.model.lanes[10].state == "done"


def test_lanes_are_sorted_filtered_and_grouped() -> None:
    story, phase, items = fan(4)
    region = story.model.regions[phase]
    story.end(items[0], ts=1_000)
    story.end(items[1], "failed", error=BOOM, ts=2_000)
    assert [row.label for row in rows(region, 5_000)] == ["Work[0]", "Work[1]", "Work[2]", "Work[3]"]
    assert [row.label for row in rows(region, 5_000, "duration")][2:] == ["Work[1]", "Work[0]"]
    assert [row.state for row in rows(region, 5_000, "state")] == ["failed", "running", "running", "done"]
    assert [row.label for row in rows(region, 5_000, words="boom")] == ["Work[1]"]
    assert [row.label for row in rows(region, 5_000, words="running v3")] == ["Work[3]"]
    assert [row.label for row in rows(region, 5_000, equal=True)] == ["Work[0]", "Work[1]", "Work[2…3]"]


def test_ten_thousand_lanes_are_two_hundred_blocks() -> None:
    story, phase, items = fan(10_000)
    for item in items[:60]:
        story.end(item)
    region = story.model.regions[phase]
    found = blocks(region)
    assert len(found) == 200 and found[1].label == "Work[50…99]"
    assert (found[0].state, found[1].note) == ("done", "40 running, 10 done")
    now = story.ts
    assert region.blocks[1].counts(now - 10, now + 1, 1) == [{"r": 40, "d": 10}]
    assert region.density.counts(now - 10, now + 1, 1) == [{"r": 9_940, "d": 60}]


@given(st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from("rayh")), max_size=900))
def test_a_strip_is_bounded_and_ends_where_it_was_told(moves: list[tuple[int, str]]) -> None:
    strip = Strip()
    for ts, letter in sorted(moves):
        strip.add(ts, letter)
    times = [ts for ts, _ in strip.intervals()]
    assert times == sorted(times) and len(times) <= 257
    assert strip.last == (max(moves, key=lambda move: move[0])[1] if moves else " ") or len(moves) > 1


@given(st.lists(st.tuples(st.integers(0, 10**10), st.sampled_from("rayh")), min_size=1, max_size=60))
def test_taking_moves_back_leaves_no_trace_in_the_density(moves: list[tuple[int, str]]) -> None:
    strip, density = Strip(), Density()
    for ts, letter in moves:  # in any order: what is told late replaces what was thought
        for move in strip.add(ts, letter):
            density.move(*move)
    assert density.counts(0, 10**11, 1) == [{strip.last: 1}]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from("rayh")), min_size=1, max_size=9),
    st.integers(-10, 50),
    st.integers(1, 60),
    st.integers(1, 20),
)
def test_a_cell_shows_what_took_most_of_it(
    moves: list[tuple[int, str]], begin: int, length: int, width: int
) -> None:
    strip = Strip()
    for ts, letter in sorted(moves):
        strip.add(ts, letter)
    told = strip.intervals()
    painted = strip.cells(begin, begin + length, width, now=1_000)
    assert len(painted) == width
    for cell, letter in enumerate(painted):
        left, right = begin + length * cell // width, begin + length * (cell + 1) // width
        states = [
            next((s for at, s in reversed(told) if at <= ts), " ") for ts in range(left, max(right, left + 1))
        ]
        known = [state for state in states if state != " "] or [" "]  # a lane that is short is not lost
        assert known.count(letter) == max(map(known.count, known))


def test_numbers_of_a_region_that_lives_leave_out_what_the_debugger_held() -> None:
    story, phase, items = fan(2)
    region = story.model.regions[phase]
    begin = region.begin
    story.tell("stopped", lane=10, span=items[0], ts=begin + 1_000)
    assert region.wall(begin + 60_000) == 1_000
    story.tell("resumed", ts=begin + 60_000)
    late = story.begin("item", "n1", phase, item=2, lane=12, ts=begin + 60_000)
    assert region.wall(begin + 60_500) == 1_500
    begins = begin + story.span(items[1]).begin
    assert region.lane_time(begin + 60_500) == 2 * (begin + 1_500) - begins + 500
    for item in (*items, late):
        story.end(item, ts=begin + 61_000)
    assert region.wall(10**9) == 2_000
