"""The lanes view: what overlaps, what does not, and why a lane does not run."""

from __future__ import annotations

from flowscope.tui.widgets.lanes import LanesPane
from tests.model.story import AGENT, BOOM, Story, node

from .screen import Alone, press, screen

MS = 1_000_000
NODES = [*AGENT, node("p1", "Work", "AsyncParallelBatchNode"), node("b1", "Each", "AsyncBatchNode")]


def _started() -> tuple[Story, int]:
    story = Story()
    run = story.begin("run", "f1", lane=0)
    story.graph(run, NODES)
    return story, run


def _parallel(story: Story, run: int, count: int) -> tuple[int, int, list[int]]:
    """A parallel node's exec, with its items begun, each on a lane of its own."""
    visit = story.begin("visit", "p1", run)
    phase = story.begin("exec", "p1", visit)
    items = []
    for at in range(count):
        items.append(story.begin("item", "p1", phase, item=at, lane=at + 1, value="tea"))
        story.tell("lane", id=at + 1, parent=0, span=items[-1], item=at)
    return visit, phase, items


def _tell(story: Story, lane: int, state: str, **more: object) -> None:
    story.tell("lane", id=lane, parent=0, state=state, since=story.ts, **more)


def _visit(story: Story, run: int, name: str, ms: int) -> None:
    visit = story.begin("visit", name, run)
    story.ts += ms * MS
    story.end(visit)


async def test_nodes_follow_one_another_and_items_overlap() -> None:
    story, run = _started()
    for name in ("n1", "n2", "n3"):
        _visit(story, run, name, 100)
    each = story.begin("visit", "b1", run)
    phase = story.begin("exec", "b1", each)
    for at in range(3):
        item = story.begin("item", "b1", phase, item=at)
        story.ts += 100 * MS
        story.end(item)
    story.end(phase)
    story.end(each)
    _, _, items = _parallel(story, run, 3)
    for lane in (1, 2, 3):
        story.ts += MS
        _tell(story, lane, "awaiting", on="sleep")
    story.ts += 100 * MS
    _tell(story, 2, "ready", behind=1)
    story.ts += 20 * MS
    story.end(items[0])
    story.tell("lane", id=1, status="ok", running=2 * MS, awaiting=121 * MS, ready=0, held=0)
    story.end(items[1], "failed", error=BOOM)
    app = Alone(LanesPane(), story.model)
    async with app.run_test(size=(94, 12)) as pilot:
        await pilot.pause()
        lines = screen(app)
        text = "\n".join(await press(pilot, "down", "enter"))
        assert "sum of lanes:  369 ms" in text
        assert "speed-up:      ×3.0 against running them one by one" in text
        assert lines[:7] == [
            "   by index                             ╵0          ╵200 ms      ╵400 ms     ╵600 ms",
            "▌  main            █ running Work.exec  ▏Decid▏Searc▏Answe▏Each[0▏[1]██▏[2]██▏Work████",
            "   ▾ Work  1/3 done, 1 failed  ×3.0   wall 123 ms  sum 369 ms  at once 3, mean 3.0  longest W…",
            "     Work[0]       ✓ done                                                    ░░░░░░░░░✓",
            "     Work[1]       ✗ failed: ValueErro…                                      █░░░░░░▒▒✗",
            " 1   Work[2]       ░ awaits sleep                                            █░░░░░░░░",
            "   █ running  ░ awaiting  ▒ ready, loop busy  ▓ held  ✓ done  ✗ failed  ⊘ cancelled",
        ]


def _words(line: str) -> str:
    return " ".join(line.split())


def _many(count: int) -> tuple[Story, list[int]]:
    """Lanes that await, a third of them done and two failed."""
    story, run = _started()
    _, _, items = _parallel(story, run, count)
    story.ts += 100 * MS
    for at, item in enumerate(items):
        if at % 3 == 0:
            story.end(item, "failed" if at in (3, 9) else "ok", error=BOOM if at in (3, 9) else None)
            continue
        _tell(story, at + 1, "awaiting", on="sleep")
    story.ts += 100 * MS
    story.tell("output", text="now")
    return story, items


async def test_thousands_of_lanes_are_blocks_that_unfold() -> None:
    story, _ = _many(10_000)
    app = Alone(LanesPane(), story.model)
    async with app.run_test(size=(94, 12)) as pilot:
        await pilot.pause()
        lines = screen(app)
        assert lines[2].startswith("   ▾ Work  3,332/10,000 done, 2 failed")
        assert _words(lines[3]).startswith("at once at most 10,000 █")
        assert _words(lines[4]).startswith("▸ Work[0…49] 33 awaiting, 15 don…")
        assert _words(lines[5]).startswith("▸ Work[50…99] 33 awaiting, 17 done █")
        assert len(app.pane._lines) == 204  # type: ignore[attr-defined]
        lines = await press(pilot, "down", "down", "down", "space", "down", "down")
        assert _words(lines[6]).startswith("▌1 Work[1] ░ awaits sleep")
        assert app.pane.lanes() == [2]
        assert app.pane.numbered(2) == 3


async def test_filter_sort_and_group() -> None:
    story, _ = _many(30)
    app = Alone(LanesPane(), story.model)
    async with app.run_test(size=(94, 20)) as pilot:
        await pilot.pause()
        app.pane.next_sort()
        app.pane.next_sort()
        await pilot.pause()
        lines = screen(app)
        assert lines[0].startswith("   by state")
        assert [line[5:12] for line in lines[4:7]] == ["Work[3]", "Work[9]", "Work[1]"]
        app.pane.switch_groups()
        await pilot.pause()
        lines = screen(app)
        assert "▸ 20 × Work ░ awaits sleep" in _words("\n".join(lines))
        app.pane.search()
        await pilot.pause()
        app.pane.switch_groups()
        lines = await press(pilot, *"failed", "enter")
        assert [line[5:12] for line in lines[4:6]] == ["Work[3]", "Work[9]"]
        assert "Work[1]" not in "\n".join(lines)
        assert "Work[1]" in "\n".join(await press(pilot, "escape"))


async def test_enter_shows_the_lane_and_escape_what_the_program_does() -> None:
    story, items = _many(4)
    story.tell("output", lane=2, span=items[1], stream="stdout", text="lukewarm\n")
    story.tell("output", lane=3, span=items[2], stream="stdout", text="cold\n")
    app = Alone(LanesPane(), story.model)
    async with app.run_test(size=(94, 40)) as pilot:
        lines = await press(pilot, "down", "down", "down", "enter")
        text = "\n".join(lines)
        assert "Work[1]: awaiting, 200 ms so far" in text
        assert "awaits sleep" in text and "item: 'tea'" in text and "lukewarm" in text
        await press(pilot, "escape", "escape")
        spans = [message.span for message in app.said if isinstance(message, LanesPane.Chosen)]
        assert spans == [story.span(items[1]), None]
        assert app.pane.break_spec() == "Work[1]"


async def test_times_of_a_lane_that_is_held_go_on_with_it() -> None:
    story, run = _started()
    _parallel(story, run, 1)
    _tell(story, 1, "held", running=0, awaiting=0, ready=0, held=2 * MS, waited=2 * MS)
    story.ts += 7_000 * MS
    story.tell("output", lane=0, span=run, stream="stdout", text="still here\n")
    async with Alone(LanesPane(), story.model).run_test(size=(94, 40)) as pilot:
        text = "\n".join(await press(pilot, "down", "down", "enter"))
        assert "held by you" in text and "held 7.0 s (2.0 ms of it waiting for" in text


async def test_held_time_of_all_is_not_on_the_axis_that_of_one_lane_is() -> None:
    story, run = _started()
    _, _, items = _parallel(story, run, 2)
    story.ts += 50 * MS
    story.tell("stopped", lane=0, span=1)
    story.ts += 60_000 * MS
    story.tell("resumed")
    story.ts += 50 * MS
    _tell(story, 1, "held")
    story.ts += 100 * MS
    story.end(items[1])
    app = Alone(LanesPane(), story.model)
    async with app.run_test(size=(94, 12)) as pilot:
        await pilot.pause()
        assert "200 ms" in screen(app)[0]
        bars = [line[40:].strip() for line in screen(app)[3:5]]
        assert bars[0].strip("█▓") == "" and 0.4 < bars[0].count("▓") / len(bars[0]) < 0.6
        assert bars[1].strip("█") == "✓"
        lines = await press(pilot, "f", "left")
        assert "f follows" in lines[0]
        app.pane.zoom(1)
        await pilot.pause()
        assert "200 ms" not in screen(app)[0]
        app.pane.zoom(0)
        await pilot.pause()
        assert "200 ms" in screen(app)[0]


async def test_a_zoom_leads_to_the_lane_under_the_cursor() -> None:
    story, run = _started()
    _, phase, items = _parallel(story, run, 2)
    for item in items:
        story.ts += 100 * MS
        story.end(item)
    story.end(phase)
    _visit(story, run, "n1", 2_000)
    async with Alone(LanesPane(), story.model).run_test(size=(94, 12)) as pilot:
        await press(pilot, "down", "down")  # to Work[0]
        for _ in range(5):
            pilot.app.pane.zoom(1)  # type: ignore[attr-defined]
        lines = await press(pilot, "S", "S", "S")
        assert lines[3].startswith("▌    Work[0]") and "████" in lines[3]


async def test_a_lane_that_stands_at_its_end_is_held_up_to_now_and_tells_its_number() -> None:
    story = Story()
    runs = [story.begin("run", "Documents", lane=lane) for lane in (0, 41)]
    story.graph(runs[0], NODES)
    story.ts += 100 * MS
    story.end(runs[1], "failed", error=BOOM)
    story.tell("stopped", lane=41, span=runs[1], at="end", reason="exception", ts=story.ts)
    async with Alone(LanesPane(), story.model).run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        first, second = screen(pilot.app)[2:4]  # above them is the region: "main" would be the first again
    assert _words(first).startswith("1 Docu…(lane 0) █ running")
    assert _words(second).startswith("Doc…(lane 41) ▓ held: ")
    assert len(second.rstrip()) <= len(first.rstrip())
