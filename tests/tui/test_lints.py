"""The warnings: listed with their rule, shown where they are, switched off for good."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowscope import lint_choice
from flowscope.model import Lint
from flowscope.tui.app import FlowScope
from flowscope.tui.breakpoints import Breakpoints
from flowscope.tui.debugger import Debugger
from flowscope.tui.screens.lints import LintsScreen
from flowscope.tui.widgets.lanes import LanesPane
from tests.model.story import AGENT, AGENT_EDGES, Story

from .screen import Alone, press, screen, until


async def test_a_warning_is_shown_chosen_and_its_rule_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint_choice, "path", lambda: tmp_path / "deep" / "no-lints.json")
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    visit = story.visit("n1", run, "serach")
    story.end(run)
    story.tell("exit", code=0)
    lints = story.model.lints

    def switch(rule: str) -> None:
        lints.switch(rule)
        lint_choice.switch(rule, rule in lints.off)

    chosen: list[Lint | None] = []
    app = Alone(LanesPane(), story.model)
    async with app.run_test(size=(110, 24)) as pilot:
        app.push_screen(LintsScreen(lints, switch), chosen.append)
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "⚠ dead-end-action  Decide returned 'serach'" in text
        assert "⚠ unreached-node  Search" in text
        await press(pilot, "enter")
        assert chosen[0] is not None and chosen[0].spans[0] == visit
        app.push_screen(LintsScreen(lints, switch), chosen.append)
        await pilot.pause()
        assert "⚠ dead-end-action" not in "\n".join(await press(pilot, "x"))
        text = "\n".join(await press(pilot, "x"))
        assert "Nothing looks wrong so far" in text and "dead-end-action is switched off" in text
        assert "dead-end-action," not in text  # among the rules that look
        assert lint_choice.chosen_off()[0] == {"dead-end-action", "unreached-node"}
        text = "\n".join(await press(pilot, "down", "enter", "x"))
        assert "⚠ dead-end-action  Decide returned" in text and "unreached-node is switched off" in text
        await press(pilot, "escape")
    assert lint_choice.chosen_off()[0] == {"unreached-node"}


async def test_the_badge_counts_no_warnings_of_a_rule_that_was_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint_choice, "path", lambda: tmp_path / "no-lints.json")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    story.visit("n1", run, "serach")
    story.end(run)
    story.tell("exit", code=0)
    app = FlowScope(Debugger(None, Breakpoints(None)), story.events)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "⚠ 3 warnings" in screen(app)[0])
        await pilot.press("L", "x", "escape")
        await until(pilot, lambda: "⚠ 2 warnings:" in screen(app)[0])
