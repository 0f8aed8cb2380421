"""Held time, and output that is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowscope.model import Model, Output, Outputs
from flowscope.model.holds import Holds

from .story import Story

times = st.integers(0, 60)


@given(st.lists(times, max_size=12), times, times)
def test_held_time_is_counted_as_a_clock_would(switches: list[int], begin: int, end: int) -> None:
    holds = Holds()
    held = set[int]()
    switches.sort()
    for at, ts in enumerate(switches):
        if at % 2:
            holds.end(ts)
            held |= set(range(switches[at - 1], ts))
        else:
            holds.begin(ts)
    if len(switches) % 2:
        held |= set(range(switches[-1], 100))
    assert holds.within(begin, end) == len(held & set(range(begin, end)))


def output(text: str) -> Output:
    return Output(0, None, "", "stdout", text, 0)


def test_the_newest_output_is_kept() -> None:
    outputs = Outputs(chunks=3)
    for number in range(5):
        outputs.append(output(str(number)))
    assert [out.text for out in outputs] == ["2", "3", "4"]
    assert (outputs.dropped, outputs.total, len(outputs)) == (2, 5, 3)
    assert [out.text for out in outputs.since(3)] == ["3", "4"]
    assert [out.text for out in outputs.since(0)] == ["2", "3", "4"]
    assert outputs.since(5) == []


def test_output_is_bounded_by_its_size_too() -> None:
    outputs = Outputs(characters=10)
    for text in ("a" * 8, "b" * 8, "c" * 50):
        outputs.append(output(text))
    assert [out.text[0] for out in outputs] == ["c"]  # the last one always stays
    assert outputs.dropped == 2


def test_a_lane_that_stops_alone_holds_its_own_spans_only() -> None:
    model = Model()
    begin = {"type": "begin", "kind": "run", "node": "n1", "label": "Work"}
    for number in (1, 2):
        model.apply({**begin, "id": number, "lane": number, "ts": 0})
    model.apply({"type": "stopped", "lane": 1, "span": 1, "ts": 10, "all": False})
    model.apply({"type": "resumed", "lane": 1, "ts": 30})
    for number in (1, 2):
        model.apply({"type": "end", "id": number, "ts": 50})
    assert [model.spans[number].duration for number in (1, 2)] == [30, 50]


def test_what_the_terminal_shows_during_input_is_of_the_node_that_asks() -> None:
    story = Story()
    chat = story.begin("visit", "Chat", story.begin("run", "f1"))
    story.tell("output", text="before")
    story.tell("input", state="asked", prompt="you> ", span=chat)
    story.tell("output", text="you> ")
    story.tell("input", state="answered", span=chat)
    story.tell("output", text="after")
    assert [output.label for output in story.model.outputs] == ["", "Chat", ""]
