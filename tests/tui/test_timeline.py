"""The timeline: every visit in a row, the latest in view until the user looks elsewhere."""

from __future__ import annotations

from flowscope.tui.widgets.timeline import TimelinePane
from tests.model.story import AGENT, AGENT_EDGES, BOOM, Story

from .screen import Alone, press, screen

MS = 1_000_000


def _agent() -> tuple[Story, int]:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    return story, story.begin("run", "f1")


def _visit(story: Story, run: int, node: str, number: int = 1, **end: object) -> int:
    visit = story.begin("visit", node, run, visit=number)
    story.ts += 10 * MS
    story.end(visit, **end)  # type: ignore[arg-type]
    return visit


async def test_each_visit_says_what_became_of_it_and_when() -> None:
    story, run = _agent()
    _visit(story, run, "n1", action="search")
    search = story.begin("visit", "n2", run)
    execute = story.begin("exec", "n2", search)
    for item in range(3):
        story.end(story.begin("item", "n2", execute, item=item), status="failed" if item else "ok")
    story.ts += 20 * MS
    story.end(search)
    _visit(story, run, "n1", 2, status="failed", error=BOOM)
    held = story.begin("visit", "n2", run, visit=2)
    story.ts += 10 * MS
    story.tell("stopped", lane=0, span=held, at="begin")
    story.ts += 900 * MS  # held: of no length on the axis
    story.tell("output", text="late")
    app = Alone(TimelinePane(), story.model)
    async with app.run_test(size=(90, 8)) as pilot:
        await pilot.pause()
        assert screen(app)[:4] == [
            " ✓ Decide                        → search                10ms ━━━━━━────────────────────",
            " ✓ Search 3 items, 2 failed      → default               20ms ─────━━━━━━━━━━━──────────",
            " ✗ Decide#2                      failed: ValueError…     10ms ───────────────━━━━━━─────",
            "▌■ Search#2 ◂                    held                    10ms ────────────────────━━━━━━",
        ]


async def test_what_cannot_be_gone_back_to_is_marked() -> None:
    story, run = _agent()
    visits = [_visit(story, run, "n1", number) for number in range(1, 5)]
    story.tell("thinned", steps=2, before=visits[3], kept=[run, visits[1]])
    app = Alone(TimelinePane(), story.model)
    async with app.run_test(size=(90, 8)) as pilot:
        await pilot.pause()
        assert [line[3:30].rstrip() for line in screen(app)[:4]] == [
            "Decide thinned: not kept",
            "Decide#2",
            "Decide#3 thinned: not kept",
            "Decide#4",
        ]
        story.tell("exit", code=0)  # there is nothing left to go back in
        app.sync()
        await pilot.pause()
        assert "thinned" not in "".join(screen(app))


async def test_the_end_is_followed_until_the_user_looks_elsewhere() -> None:
    story, run = _agent()
    for number in range(50):
        _visit(story, run, "n1", number + 1)
    pane = TimelinePane()
    app = Alone(pane, story.model)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        assert screen(app)[9].startswith("▌✓ Decide#50")
        for number in range(50, 55):
            _visit(story, run, "n1", number + 1)
        app.sync()
        await pilot.pause()
        assert screen(app)[9].startswith("▌✓ Decide#55")
        lines = await press(pilot, "up", "enter")
        assert app.said[-1].visit is story.model.visits[53]  # type: ignore[attr-defined]
        _visit(story, run, "n1", 56)
        app.sync()
        await pilot.pause()
        assert screen(app)[8].startswith("▌✓ Decide#54") and screen(app)[9][:46] == lines[9][:46]
        assert (await press(pilot, "end"))[9].startswith("▌✓ Decide#56")
        _visit(story, run, "n1", 57)
        app.sync()
        await pilot.pause()
        assert screen(app)[9].startswith("▌✓ Decide#57"), "at the end, it is followed again"


async def test_a_hundred_thousand_visits() -> None:
    story, run = _agent()
    for number in range(20_000):
        _visit(story, run, "n1", number + 1)
    story.model.visits *= 5
    drawn = []

    class Counting(TimelinePane):
        def draw(self, at: int, width: int) -> list[tuple[str, str]]:
            drawn.append(at)
            return super().draw(at, width)

    app = Alone(Counting(), story.model)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        drawn.clear()
        app.sync("spans")
        await press(pilot, "home", "pagedown", "end")
        assert len(drawn) < 200, "only what is on screen is drawn"


async def test_the_cursor_goes_along_with_the_visit_that_is_shown() -> None:
    story, run = _agent()
    for number in range(1, 4):
        _visit(story, run, "n1", number)
    app = Alone(TimelinePane(), story.model)
    async with app.run_test(size=(90, 8)) as pilot:
        visits = story.model.visits
        pane = app.query_one(TimelinePane)
        app.place.pinned = visits[0]
        pane.sync(app.place, {"focus"})
        assert pane.cursor == 2, "the user looks at another row"
        await press(pilot, "home")
        app.place.pinned = visits[1]
        pane.sync(app.place, {"focus"})
        assert pane.cursor == 1
