"""Held time, and output that is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowscope.model import Output, Outputs
from flowscope.model.holds import Holds

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
