"""The keys of the lanes: what they ask of the program, and for which lane."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from flowscope.tui.app import FlowScope
from flowscope.tui.breakpoints import Breakpoints
from flowscope.tui.debugger import Debugger, Event
from flowscope.tui.widgets.lanes import LanesPane

from .screen import screen, until
from .test_lanes import MS, _parallel, _started, _tell

STEPS = ["Flow", "(hold)", "Flow", "Flow/Work[2]", "Flow/Work[0]"]


class Asked(Debugger):
    """A program that is alive and does as it is told."""

    is_live = True  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(None, Breakpoints(None))
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((command.removeprefix("flowscope/"), arguments))
        if command == "flowscope/schedule":
            return {"steps": STEPS, "whole": True, "doubts": ["Threads go."], "chosen": []}
        holds = {"flowscope/hold": True, "flowscope/release": False}.get(command)
        if holds is not None and not arguments:
            self._fold({"type": "intervention", "kind": command, "ts": 0, "holds": holds, "all": True})
        return {}

    async def pump(self, recorded: Iterable[Event] = ()) -> None:
        story, run = _started()
        _parallel(story, run, 3)
        story.ts += 100 * MS
        _tell(story, 2, "held")
        for event in story.events:
            self._fold(event)


async def test_each_key_asks_for_the_lane_under_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    debugger = Asked()
    app = FlowScope(debugger)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: bool(app.query(LanesPane)))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.focused, LanesPane) and app.focused.count() == 6)
        # On Work[0], then on Work[1], which is held; 2 is its number too.
        for key in ("down", "down", "h", "H", "full_stop", "down", "h", "2", "A"):
            asked = len(debugger.asked)
            await pilot.press(key)
            await until(pilot, lambda asked=asked, key=key: key == "down" or len(debugger.asked) > asked)  # type: ignore[misc]
        assert debugger.asked == [
            ("hold", {"lane": 1}),
            ("solo", {"lane": 1}),
            ("stepAwait", {"lane": 1}),
            ("release", {"lane": 2}),
            ("stepAwait", {"lane": 2}),
            ("stopMode", {"allStop": False}),
        ]
        await until(pilot, lambda: "non-stop" in screen(app)[0])
        await pilot.press("K")
        await until(pilot, lambda: "Cancel Work[1]?" in "\n".join(screen(app)))
        text = "\n".join(screen(app))
        assert text.index("raise an error") < text.index("give exec") < text.index("CancelledError")
        await pilot.press("a")
        await until(pilot, lambda: "ends the await" in "\n".join(screen(app)))
        await pilot.press("7", "enter")
        await until(pilot, lambda: any("Backspace cannot" in each.message for each in app._notifications))
        assert debugger.asked[-1] == ("leaveAwait", {"lane": 2, "kind": "answer", "value": "7"})
        await pilot.press("K", "c")
        await until(pilot, lambda: debugger.asked[-1] == ("cancel", {"lane": 2}))
        await pilot.press("9")
        said = "No lane bears the number 9 now."
        await until(pilot, lambda: said in [each.message for each in app._notifications])
        asked = len(debugger.asked)
        debugger._fold({"type": "lane", "id": 2, "status": "ok", "states": []})
        await pilot.press("2")
        said = "Work[1], number 2, has ended."
        await until(pilot, lambda: said in [each.message for each in app._notifications])
        assert len(debugger.asked) == asked


async def test_a_breakpoint_in_the_lane_under_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    debugger = Asked()
    app = FlowScope(debugger)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: bool(app.query(LanesPane)))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.focused, LanesPane) and app.focused.count() == 6)
        await pilot.press("I")  # on the main lane: of no item
        await pilot.press("down", "down", "down", "I")
        await until(pilot, lambda: bool(debugger.breakpoints.all))
        assert debugger.breakpoints.enabled() == ["Work[1]"]


async def test_all_lanes_are_held_let_go_one_by_one_and_their_order_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    debugger = Asked()
    app = FlowScope(debugger)

    def says(text: str) -> bool:
        return text in "\n".join(screen(app))

    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: bool(app.query(LanesPane)))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.focused, LanesPane) and app.focused.count() == 6)
        await pilot.press("comma")
        await until(pilot, lambda: says("new lanes held: , lets all go") and says("▓ new lanes are held too"))
        for lane in (3, 1):
            debugger._fold({"type": "intervention", "kind": "step", "lane": lane, "ts": 0, "text": ""})
        await until(pilot, lambda: says("by hand (2): Work[2] → Work[0]"))
        await pilot.press("1", "1")  # also before it is told that it is held again
        await until(pilot, lambda: debugger.asked[-2:] == [("stepAwait", {"lane": 1})] * 2)
        debugger._fold({"type": "lane", "id": 0, "state": "awaiting", "name": "Flow"})
        await pilot.press("O")
        await until(pilot, lambda: says("too: 1 await.") and says("Threads go."))
        assert says("main → Work[2] → Work[0]")  # lane 0 is called as in the pane
        (tmp_path / "mine.py").write_text("precious")
        await pilot.press(*"mine.py", "enter")
        await until(pilot, lambda: says("no schedule: choose another name"))
        await pilot.press(*"kept", "enter")
        await until(pilot, lambda: (tmp_path / "kept").exists())
        assert (tmp_path / "mine.py").read_text() == "precious"
        assert json.loads((tmp_path / "kept").read_text())["steps"] == STEPS
        await pilot.press("comma")
        await until(pilot, lambda: debugger.asked[-1] == ("release", {}) and not says("new lanes"))


async def test_an_order_that_is_followed_is_seen_and_nobody_is_said_to_hold_what_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    debugger = Asked()
    app = FlowScope(debugger)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app.query(LanesPane)))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.focused, LanesPane) and app.focused.count() == 6)
        for lane in range(4):
            debugger._fold({"type": "lane", "id": lane, "state": "held", "turn": True, "since": 0})
        debugger._fold({"type": "following", "at": 12, "of": 1400, "over": False})
        await until(pilot, lambda: "→ order 12/1,400" in screen(app)[0])
        await until(pilot, lambda: "\n".join(screen(app)).count("▓ waits its turn ") == 4)
        assert "held lanes" not in screen(app)[0]
        await pilot.press("comma")
        await until(pilot, lambda: debugger.asked[-1:] == [("release", {})])
        debugger._fold({"type": "following", "at": 12, "of": 1400, "over": True})
        await until(pilot, lambda: "order" not in screen(app)[0])


async def test_hold_acts_on_what_is_selected_and_on_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    debugger = Asked()
    app = FlowScope(debugger)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: bool(app.query(LanesPane)))
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.focused, LanesPane) and app.focused.count() == 6)
        await pilot.press("end", "h")  # on the legend
        said = "There is no lane on this line that lives: move to one with the arrow keys."
        await until(pilot, lambda: said in [each.message for each in app._notifications])
        assert debugger.asked == []
        await pilot.press("home", "down", "h")  # on the region, of whose lanes one is held
        await until(pilot, lambda: len(debugger.asked) == 2)
        assert debugger.asked == [("hold", {"lane": 1}), ("hold", {"lane": 3})]
