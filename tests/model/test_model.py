"""The model folds events: hand-written stories of what PocketFlow programs do."""

from __future__ import annotations

from flowscope.model import Edge, Model

from .story import AGENT, AGENT_EDGES, BOOM, Story, node


def agent() -> Story:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1", params={})
    story.change(run, "set", value={"question": "?"})
    story.visit("n1", run, "search")
    story.visit("n2", run)
    story.visit("n1", run, "answer", visit=2)
    story.visit("n3", run, "done")
    story.end(run, action="done")
    story.tell("exit", code=0)
    return story


def test_an_agent_loop() -> None:
    model = agent().model
    assert [visit.name for visit in model.visits] == ["Decide", "Search", "Decide#2", "Answer"]
    assert [visit.action for visit in model.visits] == ["search", None, "answer", "done"]
    assert model.tally.visits == {"n1": 2, "n2": 1, "n3": 1}
    taken = {Edge("n1", "n2", "search"): 1, Edge("n2", "n1", "default"): 1, Edge("n1", "n3", "answer"): 1}
    assert model.tally.taken == {1: taken}
    assert model.tally.last_edge == (1, Edge("n1", "n3", "answer"))
    assert model.undeclared(1) == set()
    assert [run.status for run in model.runs] == ["ok"]
    assert model.lanes[0].state == "done"
    assert model.current(0) == []
    assert model.exit is not None and model.exit.code == 0 and model.ended


def test_spans_nest() -> None:
    story = agent()
    run = story.model.runs[0]
    decide = run.children[0]
    assert [phase.kind for phase in decide.children] == ["prep", "exec", "post"]
    attempt = decide.children[1].children[0]
    assert [span.kind for span in attempt.path()] == ["attempt", "exec", "visit", "run"]
    assert (attempt.visit, attempt.run, attempt.depth) == (decide, run, 3)
    assert [span.kind for span in decide.walk()] == ["visit", "prep", "exec", "attempt", "post"]


def test_an_undeclared_edge() -> None:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    story.visit("n2", run)
    story.visit("n3", run)
    assert story.model.undeclared(1) == {Edge("n2", "n3", "default")}


def test_a_nested_flow_takes_its_own_edges() -> None:
    nodes = [*AGENT[:2], node("f2", "Inner", "Flow"), node("n4", "Deep", parent="f2"), node("n5", "Well")]
    story = Story()
    story.graph(1, nodes, ("n1", "f2", "default"), ("n4", "n5", "on"))
    run = story.begin("run", "f1")
    story.visit("n1", run)
    inner = story.begin("visit", "f2", run)
    story.visit("n4", inner, "on")
    assert [span.label for span in story.model.current(0)] == ["Inner", "Flow"]
    story.visit("n5", inner, "out")
    story.end(inner, action="out")
    story.end(run, action="out")
    assert list(story.model.tally.taken[1]) == [Edge("n1", "f2", "default"), Edge("n4", "n5", "on")]
    assert [visit.label for visit in story.model.visits] == ["Decide", "Inner", "Deep", "Well"]


def test_a_batch_flow_starts_anew_for_each_item() -> None:
    story = Story()
    story.graph(1, [node("f1", "Each", "BatchFlow", None), *AGENT[1:]], *AGENT_EDGES)
    run = story.begin("run", "f1")
    for index in range(2):
        item = story.begin("item", "f1", run, item=index, value={"file": index})
        story.visit("n1", item, "search")
        story.visit("n2", item)
        story.end(item)
    assert story.model.tally.taken[1] == {Edge("n1", "n2", "search"): 2}
    assert [child.name for child in story.model.runs[0].children] == ["Each[0]", "Each[1]"]


def test_the_run_of_a_plain_node_is_a_visit() -> None:
    story = Story()
    story.graph(1, [node("n1", "Alone", parent=None)])
    run = story.begin("run", "n1")
    story.end(run, action=None)
    assert [visit.label for visit in story.model.visits] == ["Alone"]
    assert story.model.tally.visits == {"n1": 1}


def test_retries_and_a_failure() -> None:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n1", run)
    phase = story.begin("exec", "n1", visit)
    attempts = [story.begin("attempt", "n1", phase, attempt=n) for n in (1, 2)]
    story.end(attempts[0], "failed", error={**BOOM, "message": "first"})
    story.end(attempts[1], "failed", error=BOOM)
    fallback = story.begin("fallback", "n1", phase, inherited=True)
    for span in (fallback, phase, visit, run):
        story.end(span, "failed", error=BOOM)
    failed = story.model.runs[0]
    assert str(failed.error) == "ValueError: boom"
    assert failed.origin() is story.span(attempts[1])
    assert story.model.tally.failed == {"n1": 1, "f1": 1}
    assert story.model.lanes[0].state == "failed"


def test_a_fallback_that_answers_leaves_no_failure() -> None:
    story = Story()
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n1", run)
    phase = story.begin("exec", "n1", visit)
    story.end(story.begin("attempt", "n1", phase, attempt=1), "failed", error=BOOM)
    story.end(story.begin("fallback", "n1", phase), result="sorry")
    story.end(phase, result="sorry")
    story.end(visit)
    assert story.model.tally.failed == {}
    assert story.span(phase).result == "sorry"


def test_a_rewind_from_the_end_of_a_run_that_failed() -> None:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    first = story.visit("n1", run, "search")
    second = story.begin("visit", "n2", run)
    story.end(second, "failed", error=BOOM)
    story.end(run, "failed", error=BOOM)
    model = story.model
    assert model.tally.failed == {"n2": 1, "f1": 1}
    story.tell("intervention", kind="rewind", span=run, lane=0, text="back", to=first, reopens=run)
    assert [span.id for span in model.current(0)] == [run]
    story.visit("n1", run, "answer", again=first)
    story.visit("n3", run)
    story.end(run)
    assert (model.runs[0].status, model.tally.failed["f1"], model.lanes[0].state) == ("ok", 0, "done")
    assert model.tally.taken[1] == {Edge("n1", "n3", "answer"): 1}  # what was abandoned does not count
    assert (model.tally.visits["n1"], model.tally.visits["n2"], model.tally.failed["n2"]) == (1, 0, 0)


def test_an_item_that_is_done_again_is_no_failure_of_its_node_taken_back() -> None:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n1", run)
    phase = story.begin("exec", "n1", visit)
    item = story.begin("item", "n1", phase, item=0)
    story.end(item, "failed", error=BOOM)
    story.tell("intervention", kind="retry", span=item, lane=0, text="again", to=item, reopens=item)
    for span in (item, phase, visit):
        story.end(span, "failed", error=BOOM)
    assert story.model.tally.failed["n1"] == 1


def test_an_end_that_is_told_again_replaces_the_first() -> None:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n1", run)
    story.end(visit, "failed", error=BOOM)
    story.end(visit, action="search")
    story.visit("n2", run)
    model = story.model
    assert (model.visits[0].status, model.visits[0].error, model.tally.failed["n1"]) == ("ok", None, 0)
    assert model.tally.taken[1] == {Edge("n1", "n2", "search"): 1}


def test_what_is_open_at_the_end_is_unfinished() -> None:
    story = Story()
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n1", run)
    story.tell("exit", code=None, signal="SIGKILL")
    assert [story.span(span).status for span in (run, visit)] == ["unfinished"] * 2
    assert story.span(visit).duration is not None
    assert story.model.lanes[0].state == "unfinished"
    assert [span.kind for span in story.model.current(0)] == ["visit", "run"]  # where it was cut off


def test_a_stream_without_exit_is_cut() -> None:
    story = Story()
    run = story.begin("run", "f1")
    story.tell("stopped", lane=0, span=run)
    story.model.cut()
    story.model.cut()
    assert story.span(run).status == "unfinished" and story.model.exit is None
    assert not story.model.stopped and story.model.lanes[0].state == "unfinished"


def test_the_lanes_of_a_parallel_batch() -> None:
    story = Story()
    run = story.begin("run", "n1")
    phase = story.begin("exec", "n1", run)
    items = []
    for index, lane in enumerate((7, 8)):
        story.tell("lane", id=lane, parent=0, span=9, item=index)
        items.append(story.begin("item", "n1", phase, item=index, lane=lane))
    attempts = [story.begin("attempt", "n1", item, attempt=1) for item in items]
    model = story.model
    assert [lane.item for lane in model.lanes.values()] == [None, 0, 1]
    assert [span.kind for span in model.current(8)] == ["attempt", "item", "exec", "run"]
    assert model.lanes[8].span is story.span(items[1])
    story.end(attempts[1], "failed", error=BOOM)
    story.end(items[1], "failed", error=BOOM)
    story.tell("lane", id=8, parent=0, span=items[1], item=1, status="failed", running=5, awaiting=9)
    story.end(attempts[0])
    story.end(items[0])
    assert [model.lanes[lane].state for lane in (0, 7, 8)] == ["running", "done", "failed"]
    assert model.lanes[8].awaiting == 9
    assert [span.kind for span in model.current(0)] == ["exec", "run"]


def test_a_lane_is_known_from_its_spans_alone() -> None:
    story = Story()
    run = story.begin("run", "n1")
    story.begin("item", "n1", run, item=3, lane=4)
    assert (story.model.lanes[4].parent, story.model.lanes[4].item) == (0, 3)


def test_held_time_is_not_the_programs() -> None:
    story = Story()
    run = story.begin("run", "f1", ts=100)
    visit = story.begin("visit", "n1", run, ts=110)
    story.tell("stopped", lane=0, span=visit, at="begin", reason="breakpoint", breakpoints=["Decide"], ts=120)
    assert story.model.lanes[0].state == "held" and story.model.stopped[0].breakpoints == ["Decide"]
    assert story.model.elapsed(story.span(visit), now=5000) == 10
    story.tell("resumed", lane=0, ts=10_120)
    assert not story.model.stopped and story.model.lanes[0].state == "running"
    story.end(visit, ts=10_150)
    story.tell("stopped", lane=0, span=run, at="end", ts=10_160)
    story.tell("resumed", ts=20_160)
    story.end(run, ts=10_155)  # it ended before the stop at its end
    assert story.span(visit).duration == 40
    assert story.span(run).duration == 55


def test_the_changes_of_a_step() -> None:
    story = Story()
    run = story.begin("run", "f1")
    story.change(run, "set", value={"a": 1})
    visit = story.begin("visit", "n1", run)
    phase = story.begin("post", "n1", visit)
    story.change(phase, "set", "a", value=2, old=1)
    story.change(phase, "add", "b", value=[])
    assert set(story.model.marks(run)) == {("a",), ("b",)}
    story.tell("stopped", lane=0, span=phase, at="end")
    story.tell("resumed", lane=0)
    assert set(story.model.marks(run)) == {("a",), ("b",)}  # until something else changes
    story.tell("stopped", lane=0, span=visit, at="end")
    assert story.model.marks(run) == {}
    story.tell("resumed", lane=0)
    other = story.begin("visit", "n2", run)
    story.change(other, "set", "a", value=3, old=2)
    story.change(other, "set", "a", value=4, old=3)
    (mark,) = story.model.marks(run).values()
    assert (mark.op, mark.old, mark.new) == ("set", 2, 4)
    assert story.model.shared[run] == {"a": 4, "b": []}
    assert [len(story.span(span).changes) for span in (run, visit, phase, other)] == [1, 0, 2, 2]
    story.change(other, "set", "a", value=2, old=4)
    assert story.model.marks(run) == {}, "there and back"


def test_no_event_is_changed_by_later_ones() -> None:
    story = Story()
    run = story.begin("run", "f1")
    story.change(run, "set", value={"a": {"b": [1]}})
    story.change(run, "add", "a", "b", 1, value={"c": 1})
    story.change(run, "set", "a", "b", 1, "c", value=2, old=1)
    assert story.events[1]["value"] == {"a": {"b": [1]}}
    assert story.events[2]["value"] == {"c": 1}
    assert story.model.shared[run] == {"a": {"b": [1, {"c": 2}]}}


def test_output_input_and_notices() -> None:
    story = Story()
    run = story.begin("run", "n1")
    story.tell("output", lane=0, span=run, stream="stderr", text="hm\n")
    story.tell("output", lane=0, span=None, text="outside\n")
    assert [(out.label, out.stream, out.text) for out in story.model.outputs] == [
        ("n1", "stderr", "hm\n"),
        ("", "stdout", "outside\n"),
    ]
    story.tell("input", state="asked", prompt="> ", span=run, lane=0)
    assert story.model.input is not None and story.model.input.prompt == "> "
    story.tell("input", state="answered", prompt="> ")
    assert story.model.input is None
    story.tell("notice", level="warning", text="odd")
    assert [(notice.level, notice.text) for notice in story.model.notices] == [("warning", "odd")]


def test_views_are_told_what_changed() -> None:
    story = Story()
    run = story.begin("run", "n1")
    assert story.model.take_dirty() == {"spans", "lanes"}
    story.change(run, "set", value={})
    story.tell("header", script="a.py")
    assert story.model.take_dirty() == {"shared", "header"}
    assert story.model.take_dirty() == set()


def test_what_is_unknown_or_broken_is_ignored() -> None:
    model = Model()
    for event in (
        {"type": "lint", "rule": "x"},
        {"type": "begin"},
        {"type": "end", "id": 99, "status": "ok"},
        {"type": "change", "span": 99, "path": ["a"], "op": "set"},
        {"type": "begin", "id": "one", "kind": "run"},
        {"type": 7},
        {},
    ):
        model.apply(event)
    assert not model.spans and not model.shared
    model.apply({"type": "begin", "id": 1, "kind": "run", "parent": 99, "mood": "new", "ts": 5})
    model.apply({"type": "end", "id": 1, "status": "ok", "ts": 3})
    assert model.spans[1].duration == 0
