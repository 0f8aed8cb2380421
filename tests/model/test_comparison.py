"""Two runs row by row: which have twins, which of those differ, and what is not known."""

from __future__ import annotations

from typing import Any

from flowscope.model.aspects import aspects
from flowscope.model.comparison import Comparison, compare
from flowscope.model.sides import Side
from flowscope.model.textdiff import Line, lines
from flowscope.model.verdict import remarks, verdict

from .comparing import compare_branch, compare_models
from .story import AGENT, AGENT_EDGES, BOOM, Story, node


def rows(comparison: Comparison) -> list[str]:
    """`differs Search`, indented as they are nested."""
    return [f"{'  ' * row.depth}{row.mark} {row.span.name}" for row in comparison.rows]


def agent(*visits: str, ends: bool = True) -> Story:
    """A run with these visits: `n1 search` leaves n1 by that action, `n2 !` fails there and ends the run."""
    story = Story()
    story.tell("header", version=1, script="agent.py", argv=[])
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    failed: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for each in visits:
        name, _, action = each.partition(" ")
        counts[name] = counts.get(name, 0) + 1
        if action == "!":
            failed = {"status": "failed", "error": BOOM}
            visit = story.begin("visit", name, run, visit=counts[name])
            story.end(visit, **failed)
        else:
            story.visit(name, run, action or None, visit=counts[name])
    if ends:
        story.end(run, **failed)
        story.tell("exit", code=0)
    return story


def test_what_fails_inside_is_no_difference_of_what_is_around() -> None:
    comparison = compare_models(agent("n1", "n2", "n3").model, agent("n1", "n2", "n3 !").model)
    assert rows(comparison) == ["within Flow", "  same Decide", "  same Search", "  differs Answer"]
    assert comparison.alike == 2
    assert verdict(comparison) == "The same for 2 visits, then Answer ends otherwise."
    assert [parting.kind for parting in comparison.partings] == ["end"]


def test_a_loop_that_went_round_once_more() -> None:
    one = agent("n1 search", "n2", "n1 answer", "n3")
    other = agent("n1 search", "n2", "n1 search", "n2", "n1 answer", "n3")
    comparison = compare_models(one.model, other.model)
    assert rows(comparison)[3:] == [
        "  differs Decide#2",
        "  right Search#2",
        "  right Decide#3",
        "  same Answer",
    ]
    assert [comparison.rows[at].span.name for at in comparison.stops] == ["Decide#2", "Search#2"]


def test_what_a_recording_was_cut_before_is_not_different() -> None:
    whole, cut = agent("n1", "n2", "n3"), agent("n1", ends=False)
    cut.begin("visit", "n2", 1)
    cut.model.cut()
    sides = Side.whole("whole", whole.model), Side.whole("cut", cut.model)
    comparison = compare(*sides)
    assert rows(comparison) == ["same Flow", "  same Decide", "  same Search", "  beyond Answer"]
    assert comparison.is_same and not comparison.is_whole
    assert verdict(comparison) == "The same for 2 visits, then nothing more is known of cut."
    assert remarks(*sides) == ["cut ends before its program did: what followed is not known."]
    names = {aspect.name: aspect.sign for aspect in aspects(comparison, 2)}
    assert names == {"prep result": "·", "exec result": "·"}
    assert compare(*sides[::-1]).rows[-1].mark == "beyond"


def test_a_program_that_was_killed_ended_there() -> None:
    killed = agent("n1", ends=False)
    killed.tell("exit", signal="SIGKILL")
    comparison = compare_models(agent("n1", "n2").model, killed.model)
    assert rows(comparison) == ["within Flow", "  same Decide", "  left Search"]


def test_sets_have_no_order_and_an_attempt_more_is_a_difference() -> None:
    def told(items: list[str], attempts: int) -> Story:
        story = Story()
        story.graph(1, AGENT)
        run = story.begin("run", "f1")
        visit = story.begin("visit", "n1", run)
        phase = story.begin("exec", "n1", visit)
        for number in range(attempts):
            story.end(story.begin("attempt", "n1", phase, attempt=number + 1))
        story.end(phase, result={"$": "set", "items": items})
        story.end(visit)
        story.end(run)
        story.tell("exit", code=0)
        return story

    assert compare_models(told(["a", "b"], 1).model, told(["b", "a"], 1).model).is_same
    assert not compare_models(told(["a", "b"], 1).model, told(["a", "c"], 1).model).is_same
    (parting,) = compare_models(told(["a"], 1).model, told(["a"], 3).model).partings
    assert (parting.kind, parting.one, parting.other) == ("end", "ok, 1 attempt", "ok, 3 attempts")
    assert compare_models(told(["a"], 0).model, told(["a"], 3).model).is_same, "a replay attempts nothing"


def test_items_are_told_apart_by_index() -> None:
    def told(order: list[int], wrong: int | None = None) -> Story:
        story = Story()
        story.graph(1, [node("f1", "Flow", "AsyncFlow", None), node("n1", "Work", "AsyncParallelBatchNode")])
        run = story.begin("run", "f1")
        visit = story.begin("visit", "n1", run)
        phase = story.begin("exec", "n1", visit)
        spans = {at: story.begin("item", "n1", phase, item=at, lane=at + 1, value=at) for at in range(3)}
        for at in order:
            story.end(spans[at], result="wrong" if at == wrong else f"r{at}")
        story.end(phase, result=["wrong" if at == wrong else f"r{at}" for at in range(3)])
        story.end(visit)
        story.end(run)
        story.tell("exit", code=0)
        return story

    assert compare_models(told([0, 1, 2]).model, told([2, 0, 1]).model).is_same
    comparison = compare_models(told([0, 1, 2]).model, told([2, 1, 0], wrong=1).model)
    assert rows(comparison)[1:] == [
        "  within Work",
        "    same Work[0]",
        "    differs Work[1]",
        "    same Work[2]",
    ]
    assert aspects(comparison, 1)[0].name == "3 items; different: [1]"


def test_renamed_flows_are_twins_and_programs_that_differ_are_named() -> None:
    one, other = agent("n1"), Story()
    other.tell("header", version=1, script="new.py", argv=[])
    other.graph(1, [node("f1", "Main", "AsyncFlow", None), node("n1", "Decide")])
    run = other.begin("run", "f1")
    other.visit("n1", run)
    other.end(run)
    other.tell("exit", code=0)
    sides = Side.whole("a", one.model), Side.whole("b", other.model)
    assert rows(compare(*sides)) == ["same Flow", "  same Decide"]
    assert remarks(*sides) == [
        "Different programs: a is of agent.py, b of new.py; nodes are matched by their names."
    ]


def test_a_branch_that_was_left_on_the_same_way() -> None:
    story = agent("n1", ends=False)
    search = story.visit("n2", 1)
    answer = story.begin("visit", "n3", 1)
    story.end(answer, "cancelled", rewound=True)
    story.tell("intervention", kind="rewind", to=search, text="")
    branch, model = story.model.branches[0], story.model
    again = story.begin("visit", "n2", 1)
    comparison = compare_branch(branch, model)
    assert rows(comparison) == ["same Search", "beyond Answer"]
    assert verdict(comparison) == "The same for 1 visit: what was done instead has come so far."
    story.end(again)
    story.visit("n3", 1)
    story.visit("n1", 1)
    comparison = compare_branch(branch, model)
    assert rows(comparison) == ["same Search", "same Answer", "beyond Decide"]
    assert comparison.is_same
    assert verdict(comparison) == "The branch took the same 2 visits, then was left."


def test_a_branch_within_a_nested_flow_is_compared_visit_by_visit() -> None:
    story = Story()
    nodes = [node("f1", "Flow", "Flow", None), node("f2", "Inner", "Flow"), node("n1", "A", parent="f2")]
    story.graph(1, [*nodes, node("n2", "B")])
    run = story.begin("run", "f1")
    inner = story.begin("visit", "f2", run)
    story.visit("n1", inner)  # which stands, and is no part of what was done instead
    first = story.visit("n1", inner)
    story.end(inner)
    story.end(story.begin("visit", "n2", run), "failed", error=BOOM)
    story.tell("intervention", kind="rewind", to=first, text="")
    entered = story.begin("visit", "f2", run, again=inner)
    story.visit("n1", entered)
    story.end(entered)
    story.visit("n2", run)
    story.end(story.begin("post", "f1", run))
    story.end(run)
    assert rows(compare_branch(story.model.branches[0], story.model)) == ["same A", "differs B"]


def test_texts_line_by_line_and_word_by_word() -> None:
    one = "Dear reader,\nthis is old.\nSame.\nBye"
    other = "Dear reader,\nthis is new.\nSame.\nAnd more\nBye"
    assert lines(one, other) == [
        Line.of("Dear reader,"),
        Line(
            [("this is ", True), ("old", False), (".", True)],
            [("this is ", True), ("new", False), (".", True)],
        ),
        Line.of("Same."),
        Line(None, [("And more", False)]),
        Line.of("Bye"),
    ]
    long = "\n".join(map(str, range(100)))
    near = lines(long, long.replace("50", "fifty"), around=1)
    assert [line.hidden for line in near] == [49, 0, 0, 0, 0, 48]


def test_keys_in_another_order_are_no_lines_that_differ() -> None:
    def told(value: Any) -> Story:
        story = Story()
        story.graph(1, AGENT)
        run = story.begin("run", "f1")
        story.change(run, "set", value={"a": value})
        story.end(run)
        story.tell("exit", code=0)
        return story

    one = {"name": "a long enough text to be wide", "rest": {"deep": [1, 2, 3]}, "end": 1}
    other = {"end": 2, "rest": {"deep": [1, 2, 3]}, "name": "a long enough text to be wide"}
    comparison = compare_models(told(one).model, told(other).model)
    (aspect,) = [each for each in aspects(comparison, 0) if not each.is_same]
    assert aspect.name == "shared: a"
    differing = [line for line in aspect.lines(True) if not line.is_same]
    assert len(differing) == 1
