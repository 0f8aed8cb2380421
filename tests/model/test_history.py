"""The past: every step, and `shared` as it was there."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flowscope.model import Model, Step
from flowscope.model.branches import instead
from flowscope.model.compare import difference, is_same
from flowscope.model.history import History
from flowscope.model.patch import patch

from .story import AGENT, AGENT_EDGES, Story

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([0.0, -0.0, 1.0])
    | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("xyz", max_size=2), inner, max_size=4)
        | st.builds(lambda items: {"$": "tuple", "items": items}, st.lists(inner, max_size=3))
        | st.builds(lambda items: {"$": "set", "items": items}, st.lists(inner, max_size=3))
        | st.builds(
            lambda held: {"$": "dict", "items": [[{"$": "tuple", "items": []}, 0], *map(list, held.items())]},
            st.dictionaries(st.integers(0, 3) | st.text("xyz", max_size=1), inner, max_size=3),
        )
        | st.builds(
            lambda fields: {"$": "object", "type": "m.C", "fields": fields},
            st.dictionaries(st.text("xyz", max_size=2), inner, max_size=3),
        )
    ),
    max_leaves=12,
)


@given(values, values)
def test_a_difference_leads_from_one_value_to_the_other(old: Any, new: Any) -> None:
    before = deepcopy(old)
    value = old
    for change in difference(old, new):
        value = patch(value, change.path, change.op, change.new)
    assert is_same(value, new)
    assert is_same(old, before)


@given(values)
def test_equal_values_have_no_difference(value: Any) -> None:
    assert difference(value, deepcopy(value)) == []


def loop(visits: list[dict[str, Any]]) -> tuple[Story, int]:
    """A node visited again and again; each visit leaves `shared` as given."""
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    shared: dict[str, Any] = {}
    story.change(run, "set", value={})
    for number, wanted in enumerate(visits):
        visit = story.begin("visit", "n1" if number % 2 else "n2", run, visit=number // 2 + 1)
        post = story.begin("post", "n1", visit)
        for change in difference(shared, wanted):
            story.change(post, change.op, *change.path, value=change.new, old=change.old)
        shared = wanted
        story.end(post)
        story.end(visit)
    return story, run


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.text("xyz", max_size=2), values, max_size=3), max_size=80))
def test_a_step_is_the_fold_of_the_events_before_it(visits: list[dict[str, Any]]) -> None:
    story, run = loop(visits)
    history = story.model.history
    model, number = Model(), 0
    for event in story.events:
        model.apply(event)
        if event["type"] in ("begin", "end"):
            step = history.at(number)
            assert step is not None and (step.span.id, step.at) == (event["id"], event["type"])
            assert is_same(history.shared(step, run), model.shared.get(run))
            number += 1
    assert number == len(history)


def step(found: Step | None) -> Step:
    assert found is not None
    return found


def test_going_through_the_past() -> None:
    story, run = loop([{"a": 1}, {"a": 1, "b": [1]}, {"a": 2, "b": [1]}, {"a": 2, "b": [1, 2]}])
    history = story.model.history
    visits = story.model.visits
    first, last = step(history.first), step(history.last)
    assert (first.span.kind, first.at, last.span, last.at) == ("run", "begin", visits[-1], "end")
    assert history.previous(first.number) is None and history.next(last.number) is None
    assert step(history.next(0)).span is visits[0]
    assert step(history.next_visit(0, "n1")).span is visits[1]
    assert step(history.previous_visit(last.number, "n1")).span is visits[3]
    assert history.visits(visits[2].step, "n2") == 2
    changed = step(history.next_change(visits[1].step, run, ("a",)))
    assert changed.span.visit is visits[2]
    assert step(history.previous_change(changed.number, run, ("a",))).span.visit is visits[0]
    assert step(history.next_change(visits[1].step, run, ("b", 1))).span.visit is visits[1]
    assert history.next_change(last.number, run, ("a",)) is None
    assert [change.path for change in history.changes_at(changed)] == [("a",)]


def test_two_steps_compared_and_what_was_known_at_one() -> None:
    story, run = loop([{"a": 1}, {"a": 1, "b": [1]}, {"b": [1, 2]}])
    history = story.model.history
    first, second, third = story.model.visits
    one, other = step(history.of(first, "end")), step(history.of(third, "end"))
    assert [(c.op, c.path) for c in history.compare(one, other, run)] == [("remove", ("a",)), ("add", ("b",))]
    assert [(c.op, c.path) for c in history.compare(other, one, run)] == [("remove", ("b",)), ("add", ("a",))]
    assert history.status(second, one) == "" and history.status(first, one) == "ok"
    assert history.shown(step(history.of(first))).post is None
    assert history.shown(one).post is first.children[0]


def test_a_dict_with_keys_that_are_no_strings_is_compared_key_by_key() -> None:
    odd = [{"$": "tuple", "items": [1]}, "odd"]
    old = {"$": "dict", "items": [odd, [1, "one"], ["text", "old"]]}
    new = {"$": "dict", "items": [odd, ["text", "new"], [2, "two"]]}
    assert [(c.op, c.path) for c in difference(old, new)] == [
        ("remove", (1,)),
        ("set", ("text",)),
        ("add", (2,)),
    ]


def test_when_a_key_first_contained_a_text() -> None:
    story, run = loop(
        [{"context": ["Oslo"]}, {"context": ["Oslo", "Paris, France"]}, {"context": []}, {"x": "paris"}]
    )
    history = story.model.history
    ((found, is_sure),) = history.search(run, ("context",), "PARIS")
    assert is_sure
    assert found.span.visit is story.model.visits[1]
    everywhere = [found.span.visit for found, _ in history.search(run, (), "paris")]
    assert everywhere == [story.model.visits[1], story.model.visits[3]]
    assert list(history.search(run, ("context",), "Rome")) == []


def test_old_steps_are_let_go_and_it_shows() -> None:
    story = Story()
    story.model.history = History(max_steps=100)
    story.model.changes = story.model.history.changes
    run = story.begin("run", "f1")
    story.change(run, "set", value={"n": -1})
    for number in range(200):
        visit = story.begin("visit", "n1", run, visit=number + 1)
        story.change(visit, "set", "n", value=number, old=number - 1)
        story.end(visit)
    history = story.model.history
    assert len(history) <= 100 and history.dropped + len(history) == 401
    first = step(history.first)
    assert first.number == history.dropped
    assert history.shared(first, run)["n"] == (first.number - 1) // 2 - (
        first.at == "begin" and first.number > 0
    )
    assert history.shared(step(history.last), run) == {"n": 199} == story.model.shared[run]
    assert history.of(story.model.visits[1]) is None
    assert story.model.visits[1].changes == [] and len(story.model.changes) <= 50


def test_a_rewind_leaves_a_branch() -> None:
    story, run = loop([{"a": 1}, {"a": 2}, {"a": 3}])
    model = story.model
    first, second, third = model.visits
    open_visit = story.begin("visit", "n2", run, visit=3)
    story.end(open_visit, "cancelled", rewound=True)
    story.tell("intervention", kind="rewind", to=second.id, text="back to Decide")
    story.change(run, "set", "a", value=1, old=3)
    again = story.begin("visit", "n1", run, visit=1, again=second.id)
    (branch,) = model.branches
    assert branch.to is second and branch.visits == [second, third, story.span(open_visit)]
    assert {span.branch for span in branch.visits} == {0} and first.branch is None
    assert {span.branch for span in third.walk()} == {0}
    story.begin("post", "f1", run)  # of the flow that goes on
    assert instead(branch) == [story.span(again)] and story.span(again).again == second.id
    assert model.shared[run] == {"a": 1}
    assert model.history.shared(step(model.history.of(third, "end")), run) == {"a": 3}


def test_a_visit_that_is_repeated_from_its_midst_is_abandoned_too() -> None:
    story = Story()
    model = story.model
    run = story.begin("run", "f1")
    story.visit("n1", run)
    old = story.begin("visit", "n2", run)
    item = story.begin("item", "n2", old, item=0)
    story.end(item, "failed")
    story.end(old, "failed")
    story.tell("intervention", kind="retry", to=item, text="again")
    new = story.begin("visit", "n2", run, again=old)
    assert (story.span(old).branch, story.span(new).branch) == (0, None)
    assert (model.tally.visits["n2"], model.tally.failed["n2"], model.tally.edges.total()) == (1, 0, 1)
    assert instead(model.branches[0]) == [story.span(new)]


def test_what_a_flow_entered_in_its_midst_has_kept_stands_below_it() -> None:
    story = Story()
    model = story.model
    run = story.begin("run", "f1")
    old = story.begin("visit", "n2", run)
    items = [story.begin("item", "n2", old, item=index) for index in range(2)]
    for item in items:
        for _ in range(2):
            story.visit("n1", item)
    _, second = (span.id for span in story.span(items[1]).children)
    story.tell("intervention", kind="rewind", span=run, to=second, left=[second], text="")
    new = story.begin("visit", "n2", run, again=old)
    item = story.begin("item", "n2", new, item=1, again=items[1])
    again = story.begin("visit", "n1", item, again=second)
    assert story.span(new).standing == [story.span(items[0]), story.span(item)]
    first = story.span(items[1]).children[0]
    assert story.span(item).standing == [first, story.span(again)]
    # And once more, to what the first rewind has kept: the flow goes on.
    story.tell("intervention", kind="rewind", span=item, to=first.id, left=[first.id, again], text="")
    other = story.begin("visit", "n1", item, again=first.id)
    assert story.span(new).branch is story.span(item).branch is None
    assert first.branch == story.span(again).branch == 1
    assert instead(model.branches[1]) == [story.span(other)]


def test_a_rewind_of_one_lane_leaves_the_others_alone() -> None:
    story = Story()
    run = story.begin("run", "f1")
    items = [story.begin("item", "f1", run, item=index, lane=index + 5) for index in range(2)]
    visits = [story.visit("n1", item) for item in items for _ in range(2)]
    story.tell("intervention", kind="rewind", to=visits[0], text="")
    assert [story.span(visit).branch for visit in visits] == [0, 0, None, None]
    assert story.span(items[0]).branch is None


def test_at_the_begin_of_a_run_is_what_it_was_given() -> None:
    story, run = loop([{"a": 1}])
    history = story.model.history
    begin, visit = history.first, history.of(story.model.visits[0])
    assert begin is not None and visit is not None
    assert history.shared(history.given(begin, run), run) == {}
    assert history.compare(begin, visit, run) == []
