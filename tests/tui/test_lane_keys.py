"""The keys of the lanes: what they ask of the program, and for which lane."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from flowscope.tui.app import FlowScope
from flowscope.tui.breakpoints import Breakpoints
from flowscope.tui.debugger import Debugger, Event
from flowscope.tui.widgets.lanes import LanesPane

from .screen import screen
from .test_lanes import MS, _parallel, _started, _tell


class Asked(Debugger):
    """A program that is alive and does as it is told."""

    is_live = True  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(None, Breakpoints(None))
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((command.removeprefix("flowscope/"), arguments))
        return {}

    async def pump(self, recorded: Iterable[Event] = ()) -> None:
        story, run = _started()
        _parallel(story, run, 3)
        story.ts += 100 * MS
        _tell(story, 2, "held")
        for event in story.events:
            self._fold(event)


async def _until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("\n".join(screen(pilot.app)))


async def test_each_key_asks_for_the_lane_under_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    debugger = Asked()
    app = FlowScope(debugger)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await _until(pilot, lambda: bool(app.query(LanesPane)))
        await pilot.press("l")
        await _until(pilot, lambda: isinstance(app.focused, LanesPane) and app.focused.count() == 6)
        # On Work[0], then on Work[1], which is held; 2 is its number too.
        for key in ("down", "down", "h", "H", "full_stop", "down", "h", "2", "A"):
            asked = len(debugger.asked)
            await pilot.press(key)
            await _until(pilot, lambda asked=asked, key=key: key == "down" or len(debugger.asked) > asked)  # type: ignore[misc]
        assert debugger.asked == [
            ("hold", {"lane": 1}),
            ("solo", {"lane": 1}),
            ("stepAwait", {"lane": 1}),
            ("release", {"lane": 2}),
            ("stepAwait", {"lane": 2}),
            ("stopMode", {"allStop": False}),
        ]
        await _until(pilot, lambda: "non-stop" in screen(app)[0])
        await pilot.press("K")
        await _until(pilot, lambda: "Cancel Work[1]?" in "\n".join(screen(app)))
        text = "\n".join(screen(app))
        assert text.index("raise an error") < text.index("give exec") < text.index("CancelledError")
        await pilot.press("c")
        await _until(pilot, lambda: debugger.asked[-1] == ("cancel", {"lane": 2}))
        await pilot.press("9")
        said = "No lane bears the number 9 now."
        await _until(pilot, lambda: said in [each.message for each in app._notifications])


async def test_a_breakpoint_in_the_lane_under_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    debugger = Asked()
    app = FlowScope(debugger)
    async with app.run_test(size=(120, 40)) as pilot:
        await _until(pilot, lambda: bool(app.query(LanesPane)))
        await pilot.press("l")
        await _until(pilot, lambda: isinstance(app.focused, LanesPane) and app.focused.count() == 6)
        await pilot.press("I")  # on the main lane: of no item
        await pilot.press("down", "down", "down", "I")
        await _until(pilot, lambda: bool(debugger.breakpoints.all))
        assert debugger.breakpoints.enabled() == ["Work[1]"]
