"""The order of lanes: what was chosen in it, and its bounds."""

from __future__ import annotations

import pytest

from flowscope_engine.debug import order as orders
from flowscope_engine.debug.order import HOLD, RELEASE, Order


def test_what_was_held_when_it_went_on_was_chosen() -> None:
    order = Order()
    order.steps += ["A", HOLD, "B", f"{RELEASE} A", "A", f"{HOLD} A", "A", "(end) A", RELEASE, "B"]
    assert order.chosen() == ["B", "A"]
    assert order.told() == {"steps": order.steps, "whole": True, "doubts": []}


def test_one_that_is_too_long_keeps_what_is_held_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST", 10)
    order = Order()
    order.steps += ["A", HOLD, f"{RELEASE} A", *["A"] * 9, "B", f"{HOLD} A"]
    order.trim()
    assert order.steps == [HOLD, f"{RELEASE} A", "A", "A", "A", "B", f"{HOLD} A"]
    told = order.told()
    assert (told["steps"], told["whole"]) == (["B"], False)
    assert "More than" in str(told["doubts"])
