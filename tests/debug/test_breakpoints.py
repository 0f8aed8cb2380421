"""Break specs: read, written again, matched and evaluated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowscope_engine.debug import breakpoints
from flowscope_engine.debug.breakpoints import (
    PHASES,
    Breakpoint,
    ConditionError,
    count_hit,
    evaluate_condition,
    matches_change,
    matches_node,
    parse,
    render_log,
    suggest,
)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("Work", Breakpoint("node", node="Work")),
        ("  Work (2) ", Breakpoint("node", node="Work (2)")),
        ("nodes.Work.exec", Breakpoint("node", node="nodes.Work", phase="exec")),
        ("Work[2]", Breakpoint("node", node="Work", item=2)),
        ("Copies[2]/Work.exec", Breakpoint("node", node="Work", phase="exec", inside=(("Copies", 2),))),
        (
            "'a/b'[0]/Inner[1]/Work[2] -> retry",
            Breakpoint("action", node="Work", item=2, action="retry", inside=(("a/b", 0), ("Inner", 1))),
        ),
        ("Work#3", Breakpoint("node", node="Work", visit=3)),
        ("Work[2]#3.attempt", Breakpoint("node", node="Work", item=2, visit=3, phase="attempt")),
        ("nodes['a b'].exec", Breakpoint("node", node="nodes['a b']", phase="exec")),
        ("Work*3", Breakpoint("node", node="Work", hits=3)),
        ("Work -> retry", Breakpoint("action", node="Work", action="retry")),
        ("Work -> log", Breakpoint("action", node="Work", action="log")),
        ("Work -> if if x", Breakpoint("action", node="Work", action="if", condition="x")),
        ("Work->ask again", Breakpoint("action", node="Work", action="ask again")),
        ("'a -> b' -> 'x if y'", Breakpoint("action", node="a -> b", action="x if y")),
        ("shared", Breakpoint("shared", path=())),
        ("shared.a.b", Breakpoint("shared", path=("a", "b"))),
        ("shared['x y'][-1].z", Breakpoint("shared", path=("x y", -1, "z"))),
        ("SharedStore", Breakpoint("node", node="SharedStore")),
        ("shared_node", Breakpoint("node", node="shared_node")),
        ("raise", Breakpoint("raise")),
        ("raise*2", Breakpoint("raise", hits=2)),
        ("Work if a if b else c", Breakpoint("node", node="Work", condition="a if b else c")),
        (
            "Work*2 if 'x log y' in shared log got {shared}",
            Breakpoint("node", node="Work", hits=2, condition="'x log y' in shared", log="got {shared}"),
        ),
    ],
)
def test_parse(spec: str, expected: Breakpoint) -> None:
    assert parse(spec) == expected
    assert parse(breakpoints.format(expected)) == expected


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "names no place"),
        (" if x", "names no place"),
        ("Work if", "neither"),
        ("Work log", "neither"),
        ("Work if x +", "not a Python expression"),
        ("Work log {x", "without }"),
        ("Work log x}", "without {"),
        ("Work log {x y}", "not a Python expression"),
        ("Work*0", "begins at 1"),
        ("Work#0", "counted from 1"),
        ("Work[x]", "not the name of a node"),
        ("Work*", "not the name of a node"),
        ("Work -> ", "names no action"),
        ("-> done", "not the name of a node"),
        ("Work.exec -> a", "both a phase and an action"),
        ("shared.", "not a path"),
        ("shared[x]", "not a path"),
        ("'Work", "not closed"),
        ("''", "not the name of a node"),
    ],
)
def test_bad_specs_are_told_in_one_sentence(spec: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$") as caught:
        parse(spec)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


names = st.text(min_size=1) | st.sampled_from(
    [
        "raise",
        "shared",
        "shared.a",
        "a.exec",
        "a if",
        "a log",
        "a*2",
        "a[1]",
        "a#1",
        "it's",
        ' "',
        "a\\",
        "a -> b",
    ]
)
counts = st.none() | st.integers(1, 99)
options = {
    "hits": counts,
    "condition": st.none() | st.sampled_from(["x", "a if b else c", "' log ' in x", "x[1:2] == {1: 2}"]),
    "log": st.none() | st.sampled_from(["hi", "{x} if {y}", "a log b", "{{}} { {1: 2}[1] }", "'"]),
}
nodes = st.builds(
    Breakpoint,
    kind=st.just("node"),
    node=names,
    inside=st.lists(st.tuples(names, st.integers(0, 99)), max_size=2).map(tuple),
    item=st.none() | st.integers(0, 99),
    visit=counts,
    phase=st.none() | st.sampled_from(PHASES),
    **options,
)
actions = st.builds(Breakpoint, kind=st.just("action"), node=names, visit=counts, action=names, **options)
keys = st.integers() | st.text()
shareds = st.builds(Breakpoint, kind=st.just("shared"), path=st.lists(keys).map(tuple), **options)
raises = st.builds(Breakpoint, kind=st.just("raise"), **options)


@given(nodes | actions | shareds | raises)
def test_round_trip(bp: Breakpoint) -> None:
    assert parse(breakpoints.format(bp)) == bp


@given(st.text() | st.text(alphabet="Wa.[]#*->'\" {}iflogshared3", max_size=30))
def test_any_text_is_a_breakpoint_or_a_value_error(text: str) -> None:
    try:
        bp = parse(text)
    except ValueError:
        return
    assert parse(breakpoints.format(bp)) == bp


def test_names_and_changes() -> None:
    bp = parse("Work.exec")
    assert matches_node(bp, {"Work (2)", "Work"})
    assert not matches_node(bp, {"Worker"})
    watched = parse("shared.a[0]")
    assert matches_change(watched, ["a", 0])
    assert matches_change(watched, ["a", 0, "deep"])
    assert matches_change(watched, ["a"])
    assert not matches_change(watched, ["a", 1])
    assert not matches_change(parse("raise"), ["a"])


def test_conditions() -> None:
    assert evaluate_condition(parse("Work"), {})
    bp = parse("Work if all(n > limit for n in shared)")
    assert evaluate_condition(bp, {"shared": [3, 4], "limit": 2})
    assert not evaluate_condition(bp, {"shared": [1], "limit": 2})


@pytest.mark.parametrize("condition", ["nothing", "1/0", "exit()", "item.x"])
def test_a_condition_that_raises_says_so(condition: str) -> None:
    with pytest.raises(ConditionError, match=r"raised \w+"):
        evaluate_condition(parse(f"Work if {condition}"), {"item": 1})


def test_hits_stop_at_exactly_one() -> None:
    bp = parse("Work*3")
    assert [count_hit(bp) for _ in range(5)] == [False, False, True, False, False]
    assert bp.hit_count == 5


def test_log_messages() -> None:
    bp = parse("Work log {{{len(shared)}}} of { {'a': 1}['a'] }: {missing} {'}'}")
    assert render_log(bp, {"shared": [1, 2]}) == "{2} of 1: {NameError: name 'missing' is not defined} }"
    assert len(render_log(parse("Work log {'x' * 9999}"), {})) < 2100


def test_an_error_that_cannot_be_shown_is_still_shown() -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def rude() -> None:
        raise Rude

    assert render_log(parse("Work log {f()}"), {"f": rude}) == "{Rude}"


def test_suggest() -> None:
    assert suggest("answr", ["Answer", "Decide"]) == "Answer"
    assert suggest("zzz", ["Answer", "Decide"]) is None
