"""The plan before a rewind, as it is told."""

from __future__ import annotations

from typing import Any

from flowscope.tui.screens.plan import PlanScreen
from flowscope.tui.widgets.node import NodePane
from tests.model.story import Story

from .screen import Alone, screen


async def test_many_visits_are_told_by_node() -> None:
    again: list[dict[str, Any]] = [{"label": "Ask", "ns": 1_000_000}]
    again += [{"label": f"Ask#{n}", "ns": 1_000_000} for n in range(2, 21)]
    again += [{"label": "Many", "ns": 2_000_000, "items": 3}]
    plan = {
        "runsAgain": again,
        "restored": ["shared['log']: 5 places in it"],
        "kept": [],
        "cost_ns": 22_000_000,
    }
    app = Alone(NodePane(), Story().model)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(PlanScreen("Ask", plan))
        await pilot.pause()
        lines = [line.strip(" │") for line in screen(app)]
        assert "Runs again  21 visits, 22 ms last time" in lines
        assert "Ask, 20 visits  20 ms" in lines
        assert "Many, 1 visit, 3 items  2.0 ms" in lines
