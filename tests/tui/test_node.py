"""The node pane: what one visit did, down to attempts and tracebacks, and what is known before it."""

from __future__ import annotations

from flowscope.tui.widgets.node import NodePane
from flowscope.tui.widgets.rows import Rows
from tests.model.story import AGENT_EDGES, Story, node

from .screen import Alone, press, screen

NODES = [
    node("f1", "Flow", "Flow", None),
    node("n1", "Decide", file="/p/agent.py", line=12, name="decide"),
    node("n2", "Search", "BatchNode", max_retries=2, wait=1),
    node("n3", "Answer"),
]
TRACEBACK = """Traceback (most recent call last):
  File "/p/agent.py", line 47, in exec
    ask()
TimeoutError: slow
"""
SLOW = {"type": "TimeoutError", "message": "slow", "traceback": TRACEBACK}


def _end(story: Story, span: int, failed: object) -> None:
    how = {"status": "failed", "error": SLOW} if failed else {"status": "ok", "result": "A"}
    story.tell("end", id=span, **how)


def _batch() -> tuple[Story, int]:
    """A batch whose second item failed twice, and the batch with it."""
    story = Story()
    story.graph(1, NODES, *AGENT_EDGES)
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n2", run, params={"k": 1})
    prep = story.begin("prep", "n2", visit)
    story.end(prep, result=["a", "b"])
    execute = story.begin("exec", "n2", visit)
    for at in range(2):
        item = story.begin("item", "n2", execute, item=at, value="ab"[at])
        for attempt in range(1, at + 2):
            tried = story.begin("attempt", "n2", item, attempt=attempt)
            story.ts += 3_000_000
            _end(story, tried, at)
        _end(story, item, at)
    story.change(execute, "set", "context", value="new", old="old")
    _end(story, execute, True)
    _end(story, visit, True)
    return story, run


async def test_a_failed_batch_tells_what_failed_and_where() -> None:
    story, _ = _batch()
    app = Alone(NodePane(), story.model)
    app.place.selected = "n2"
    async with app.run_test(size=(70, 24)) as pilot:
        await pilot.pause()
        assert screen(app)[:13] == [
            " ✗ Search  failed  9.0ms",
            "▌▾ error TimeoutError: slow  in Search[1].exec",
            "     Traceback (most recent call last):",
            '       File "/p/agent.py", line 47, in exec',
            "         ask()",
            "     TimeoutError: slow",
            " ▸ params: dict 1 {'k': 1}",
            " ▸ ✓ prep 0.0µs → ['a', 'b']",
            " ▾ ✗ exec 9.0ms TimeoutError: slow",
            "   ▸ 2 items: 1 ok, 1 failed",
            " ▸ 1 change of shared",
            " ▸ 1 way on",
            "   class m.Search (BatchNode, sync)",
        ]
        lines = await press(pilot, *["down"] * 8, "right", "down", "down", "right", "down", "down", "right")
        assert lines[10:15] == [
            "     ▸ ✓ [0] 3.0ms → 'A'",
            "     ▾ ✗ [1] 6.0ms TimeoutError: slow",
            "         item: 'b'",
            "▌      ▾ ✗ attempt 1 3.0ms TimeoutError: slow",
            "         ▸ error TimeoutError: slow  in Search[1].exec",
        ]


async def test_before_the_first_visit() -> None:
    story, _ = _batch()
    app = Alone(NodePane(), story.model)
    app.place.selected = "n1"
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert screen(app)[:7] == [
            " Decide  not visited yet",
            "▌  class m.Decide (Node, sync)",
            "   variable decide",
            "   file agent.py:12 in /p",
            " ▾ 2 ways on",
            "     search → Search  never taken",
            "     answer → Answer  never taken",
        ]


async def test_a_flow_leads_to_its_visits() -> None:
    story = Story()
    story.graph(1, NODES, *AGENT_EDGES)
    run = story.begin("run", "f1")
    inner = story.visit("n1", run, "search")
    app = Alone(NodePane(), story.model)
    app.place.pinned = story.span(run)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert screen(app)[1:3] == ["▌▾ 1 visit: 1 ok", "     ✓ Decide 0.0µs → search"]
        await press(pilot, "right", "enter")
        assert isinstance(app.said[-1], Rows.Chosen) and app.said[-1].visit is story.span(inner)


async def test_a_step_of_the_past_knows_nothing_of_what_came_later() -> None:
    story, _ = _batch()
    app = Alone(NodePane(), story.model)
    first = next(span for span in story.model.spans.values() if span.kind == "item")
    app.place.moment = first.end_step
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert screen(app)[:5] == [
            " ▶ Search  running",
            "▌▸ params: dict 1 {'k': 1}",
            " ▸ ✓ prep 0.0µs → ['a', 'b']",
            " ▾ ▶ exec",
            "   ▸ 1 item: 1 ok",
        ]


async def test_what_was_set_by_hand_stands_beside_the_programs_own() -> None:
    story = Story()
    story.graph(1, NODES, *AGENT_EDGES)
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n2", run)
    story.end(story.begin("prep", "n2", visit, inherited=True))
    execute = story.begin("exec", "n2", visit)
    story.end(execute, result="found")
    post = story.begin("post", "n2", visit)
    story.tell("intervention", kind="edit", span=post, name="exec_res", value="wanted", text="")
    story.end(execute, result="wanted", given="edit")
    story.tell("intervention", kind="edit", span=post, name="exec_res", value="worse", text="")
    story.tell("intervention", kind="undo", span=post, name="exec_res", text="")
    story.end(post)
    story.end(visit, action="away", given="reroute")
    app = Alone(NodePane(), story.model)
    app.place.selected = "n2"
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert screen(app)[2:6] == [
            " ▸ ✓ exec 0.0µs → 'found'",
            "   ✓ post 0.0µs",
            "   exec_res by hand: 'wanted'",
            "   action → away  rerouted by hand",
        ]
        app.place.moment = story.span(post).step
        app.sync("focus")
        await pilot.pause()
        assert "by hand" not in "".join(screen(app)), "it had not been set yet"


async def test_after_a_rewind_into_a_phase_those_before_it_stand_as_they_were() -> None:
    story = Story()
    story.graph(1, NODES, *AGENT_EDGES)
    run = story.begin("run", "f1")
    visit = story.begin("visit", "n2", run)
    story.end(story.begin("prep", "n2", visit), result="prepared")
    execute = story.begin("exec", "n2", visit)
    for span in (execute, visit):
        story.end(span, "cancelled", rewound=True)
    story.tell("intervention", kind="rewind", span=run, to=execute, text="")
    again = story.begin("visit", "n2", run, again=visit)
    story.begin("exec", "n2", again, again=execute)
    app = Alone(NodePane(), story.model)
    app.place.selected = "n2"
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert screen(app)[1:3] == ["▌▸ ✓ prep 0.0µs as before → 'prepared'", "   ▶ exec 0.0µs"]


async def test_an_error_is_shown_before_its_visit_has_failed() -> None:
    story = Story()
    story.graph(1, NODES, *AGENT_EDGES)
    run = story.begin("run", "f1")
    execute = story.begin("exec", "n2", story.begin("visit", "n2", run))
    item = story.begin("item", "n2", execute, item=0)
    error = {"type": "ValueError", "message": "no item", "traceback": "ValueError: no item"}
    story.end(item, "failed", error=error)
    app = Alone(NodePane(), story.model)
    app.place.pinned = story.span(item)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert screen(app)[1] == "▌▾ error ValueError: no item  in Search[0].exec"
