"""The whole screen around a program that is made up: what it says, and where the keys go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowscope.tui.app import FlowScope
from flowscope.tui.breakpoints import Breakpoints
from flowscope.tui.debugger import Debugger, Event
from flowscope.tui.screens.ask import AskScreen
from flowscope.tui.widgets.console import InputLine

from .screen import screen, until

HEADER: Event = {"type": "header", "version": 1, "script": "agent.py", "argv": [], "cwd": "/"}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    yield


def shown(*events: Event) -> FlowScope:
    """The app on a recording of these events."""
    return FlowScope(Debugger(None, Breakpoints(None)), [HEADER, *events])


async def test_answers_to_keys_do_not_pile_up() -> None:
    app = shown()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("E", "n", "E", "[", "s", "E")
        await pilot.pause()
        notices = [each.message for each in app._notifications]
        assert notices == ["Nothing has failed so far."]


async def test_the_last_words_of_a_program_that_crashed_are_shown() -> None:
    said = {"type": "output", "lane": 0, "span": None, "stream": "stderr", "ts": 1}
    app = shown(
        said | {"text": "ImportError: no luck\n"}, {"type": "exit", "code": 1, "signal": None, "error": None}
    )
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_pane("timeline")
        await pilot.pause()
        app.sync({"exit"})
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "ended: exit code 1" in text
        assert "ImportError: no luck" in text
        assert app.focused is not None, "the keys go nowhere"
        assert app.focused.has_focus and app.focused.is_on_screen


async def test_a_restart_leaves_the_pane_in_front() -> None:
    output = {"type": "output", "lane": 0, "span": None, "stream": "stdout", "ts": 1, "text": "so far"}
    app = shown(output, {"type": "exit", "code": 143, "signal": None, "error": None})
    app.debugger.restarting = True
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_pane("lanes")
        await pilot.pause()
        app.sync({"exit"})
        await pilot.pause()
        assert "so far" not in "\n".join(screen(app))


async def test_what_is_typed_can_be_read() -> None:
    app = shown()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(AskScreen("Evaluate", "An expression"))
        await pilot.press(*"1+1")
        await until(pilot, lambda: "1+1" in "\n".join(screen(app)))
        await pilot.press("escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_the_key_line_follows_the_width() -> None:
    app = shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        wide = screen(app)[-1]
        await pilot.resize_terminal(10, 5)
        await pilot.pause()
        assert screen(app)[-1] != wide
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert screen(app)[-1] == wide


async def test_the_palette_takes_keys_before_its_commands_are_there() -> None:
    app = shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", "pageup", "pagedown", "end", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_a_tab_is_chosen_with_the_mouse() -> None:
    app = shown()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        line = next(y for y, text in enumerate(screen(app)) if "k Console" in text)
        await pilot.click(offset=(screen(app)[line].index("Console") + 2, line))
        await pilot.pause()
        assert app.shown["activity"] == "console"
        assert app.focused is not None and app.focused.is_on_screen


async def test_k_leads_to_the_line_that_is_asked_for() -> None:
    app = shown()
    asked = {"type": "input", "lane": 0, "span": None, "state": "asked", "prompt": "you: ", "ts": 1}
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.debugger.model.apply(asked)
        app.sync(set())
        await pilot.pause()
        assert app.shown["activity"] == "console"
        await pilot.press("k", "h", "i")
        assert isinstance(app.focused, InputLine)
        assert app.focused.value == "hi"
        await pilot.press("escape", "m", "k")
        assert isinstance(app.focused, InputLine)
