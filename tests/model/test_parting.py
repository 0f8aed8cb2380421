"""Where two runs part ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowscope.diff import diff
from flowscope.model.parting import Parting
from flowscope.recording import Writer

from .comparing import compare_branch, compare_models
from .story import AGENT, AGENT_EDGES, BOOM, Story, node


def told(story: Story, actions: list[tuple[str, str | None, Any]]) -> Story:
    """Visits of a node, each with an action and a value it puts into `shared`."""
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    story.change(run, "set", value={"question": "?"})
    counts: dict[str, int] = {}
    for name, action, value in actions:
        counts[name] = counts.get(name, 0) + 1
        visit = story.begin("visit", name, run, visit=counts[name])
        post = story.begin("post", name, visit)
        story.change(post, "set", "found", value=value)
        story.end(post)
        story.end(visit, action=action)
    story.end(run)
    story.tell("exit", code=0)
    return story


def partings(one: Story, other: Story) -> list[tuple[str, str, str, str]]:
    return [_plain(parting) for parting in compare_models(one.model, other.model).partings]


def _plain(parting: Parting) -> tuple[str, str, str, str]:
    return parting.kind, parting.where, parting.one, parting.other


RIGHT = [("n1", "search", 1), ("n2", None, ["a", "b"]), ("n1", "answer", 2), ("n3", None, 3)]


def test_where_they_part() -> None:
    wrong = [RIGHT[0], ("n2", None, ["a", "c"]), ("n1", "search", 2), ("n2", None, 4)]
    one, other = told(Story(), RIGHT), told(Story(), wrong)
    assert partings(one, other) == [
        ("value", "found[1] of Search", "'b'", "'c'"),
        ("action", "Decide#2", "'answer'", "'search'"),
        ("visit", "after 3 visits", "Answer", "Search#2"),
    ]
    assert compare_models(one.model, other.model).alike == 1
    assert partings(one, told(Story(), RIGHT[:3]))[-1] == ("visit", "at the end", "Answer", "nothing more")


steps = st.lists(
    st.tuples(
        st.sampled_from(["n1", "n2", "n3"]), st.sampled_from(["search", None]), st.lists(st.integers(0, 2))
    )
)


@settings(deadline=None)
@given(steps, steps)
def test_equal_runs_do_not_part_and_others_do_on_both_sides(one: list[Any], other: list[Any]) -> None:
    mine, same, theirs = told(Story(), one), told(Story(), one), told(Story(), other)
    assert partings(mine, same) == []
    assert bool(partings(mine, theirs)) == (one != other)
    ours = compare_models(mine.model, theirs.model)
    yours = compare_models(theirs.model, mine.model)
    assert ours.alike == yours.alike and len(ours.partings) == len(yours.partings)


def parallel(order: list[int], result: Callable[[int], Any]) -> Story:
    """Items that ran at once, begun in some order, one of them with an address in its result."""
    story = Story()
    story.graph(1, [node("n1", "Work", "AsyncParallelBatchFlow", None), node("n2", "Do", parent="n1")])
    run = story.begin("run", "n1")
    for index in order:
        item = story.begin("item", "n1", run, item=index, lane=index + 5, value=index)
        visit = story.begin("visit", "n2", item, visit=order.index(index) + 1)
        story.end(story.begin("exec", "n2", visit), result=result(index))
        story.end(visit)
        story.end(item)
    story.end(run)
    return story


def test_neither_the_order_of_lanes_nor_addresses_make_a_difference() -> None:
    def at(address: str) -> Callable[[int], Any]:
        return lambda index: [index, {"$": "opaque", "type": "m.C", "repr": f"<C at {address}>"}]

    one = parallel([0, 1, 2], at("0x7f00aa10"))
    assert partings(one, parallel([2, 0, 1], at("0x7f00bb20"))) == []
    ((kind, where, _, theirs),) = partings(one, parallel([0, 1, 2], lambda index: [index, min(index, 1)]))
    assert (kind, where, theirs) == ("value", "[1] in the result of Do.exec", "0")


def test_a_branch_is_compared_with_what_was_done_instead() -> None:
    story = told(Story(), RIGHT[:1])
    run = story.model.runs[0].id
    visit = story.begin("visit", "n2", run)
    story.end(visit, "failed", error=BOOM)
    story.tell("intervention", kind="rewind", to=visit, text="")
    story.visit("n2", run)
    assert [_plain(parting) for parting in compare_branch(story.model.branches[0], story.model).partings] == [
        ("end", "Search", "failed (ValueError: boom)", "ok")
    ]


@pytest.fixture
def record(tmp_path: Path) -> Callable[[str, Story], Path]:
    def write(name: str, story: Story) -> Path:
        path = tmp_path / name
        with Writer(path, {}) as writer:
            for event in story.events:
                writer.write(event)
        return path

    return write


def test_two_recordings(record: Callable[[str, Story], Path]) -> None:
    one = record("one", told(Story(), RIGHT))
    other = record("other.flowscope", told(Story(), [*RIGHT[:3], ("n3", "done", 3)]))
    said: list[str] = []
    assert diff(one, one, said.append) == 0
    assert said == ["No difference in 4 visits: the same values, actions and ends."]
    said.clear()
    assert diff(one, other, said.append) == 1
    assert said == [
        "The same for 3 visits.",
        "",
        "First different action: Answer",
        "  one              None",
        "  other.flowscope  'done'",
    ]


def test_results_that_are_shown_in_part_are_compared_whole(tmp_path: Path) -> None:
    def write(name: str, exact: Any) -> Path:
        story = Story()
        story.tell("header", version=1, exact=exact is not None)
        run = story.begin("run", "n1")
        shown = {"$": "str", "text": "the beginning", "len": 5_000}
        story.end(story.begin("exec", "n1", run), result=shown, **({"exact": exact} if exact else {}))
        story.end(run)
        story.tell("exit", code=0)
        with Writer(tmp_path / name, {}) as writer:
            writer.write(*story.events)
        return tmp_path / name

    one, other, shown = (
        write("one", "the beginning, and more"),
        write("other", "the beginning, and"),
        write("c", None),
    )
    said: list[str] = []
    assert diff(one, one, said.append) == 0
    assert said == ["No difference in 1 visit: the same values, actions and ends."]
    assert diff(one, other, said.append) == 1
    said.clear()
    assert diff(one, shown, said.append) == 0, "of one of them only the beginning is known"
    assert said == ["No difference in 1 visit, as far as their longest values are known."]
