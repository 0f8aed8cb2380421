"""The lanes view: what overlaps, what does not, and why a lane does not run."""

from __future__ import annotations

from flowscope.tui.widgets.lanes import LanesPane
from tests.model.story import AGENT, BOOM, Story, node

from .screen import Alone, screen

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
        items.append(story.begin("item", "p1", phase, item=at, lane=at + 1))
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
    story.tell("lane", id=1, status="ok", running=2 * MS, awaiting=119 * MS, ready=0, held=0)
    story.end(items[1], "failed", error=BOOM)
    app = Alone(LanesPane(), story.model)
    async with app.run_test(size=(94, 12)) as pilot:
        await pilot.pause()
        assert screen(app)[:7] == [
            "   by index                         ╵0          ╵200 ms      ╵400 ms     ╵600 ms      ╵800 ms",
            "▌  main           running Work.exec ▏Decid▏Searc▏Answe▏Each[0▏[1]██▏[2]██▏Work████",
            "   ▾ Work  1/3 done, 1 failed  ×3.0   wall 123 ms  sum 367 ms  at once 3, mean 3.0  longest W…",
            "     Work[0]      ✓ done                                                 ░░░░░░░░░✓",
            "     Work[1]      ✗ failed: ValueE…                                      █░░░░░░▒▒✗",
            " 1   Work[2]      ░ awaits sleep                                         █░░░░░░░░",
            "   █ running  ░ awaiting  ▒ ready, loop busy  ▓ held  ✓ done  ✗ failed  ⊘ cancelled",
        ]
