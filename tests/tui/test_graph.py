"""The graph pane: marks as the program goes, selection by keys and mouse, folding."""

from __future__ import annotations

from typing import Any

import pytest
from textual.strip import Strip

from flowscope.model import Model
from flowscope.tui.widgets.graph import GraphPane

from .screen import Alone, press, screen

NODES: list[dict[str, Any]] = [
    {"id": "f1", "label": "Agent", "kind": "Flow", "parent": None, "start": "n1"},
    {"id": "n1", "label": "Decide", "kind": "Node", "parent": "f1"},
    {"id": "n2", "label": "Search", "kind": "AsyncNode", "parent": "f1"},
]
EDGES = [
    {"source": "n1", "target": "n2", "action": "search"},
    {"source": "n2", "target": "n1", "action": "decide"},
]


def model_of(visits: list[tuple[str, str]]) -> Model:
    """A run with these visits, node and action; the last one is still open."""
    model = Model()
    model.apply({"type": "graph", "run": 1, "nodes": NODES, "edges": EDGES})
    model.apply({"type": "begin", "id": 1, "lane": 0, "kind": "run", "node": "f1", "label": "Agent", "ts": 0})
    for number, visit in enumerate(visits, 2):
        visit_of(model, number, *visit, ends=number <= len(visits))
    return model


def visit_of(model: Model, number: int, node: str, action: str, ends: bool) -> None:
    begin = {
        "type": "begin",
        "id": number,
        "parent": 1,
        "lane": 0,
        "kind": "visit",
        "node": node,
        "label": node,
    }
    model.apply({**begin, "ts": number * 10})
    if ends:
        model.apply({"type": "end", "id": number, "status": "ok", "action": action, "ts": number * 10 + 5})


async def test_the_current_node_and_the_edge_to_it_are_lit() -> None:
    app = Alone(GraphPane(), model_of([("n1", "search"), ("n2", "decide"), ("n1", "search"), ("n2", "")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "▶ Search" in text and "✓ Decide" in text and "┏" in text
        assert "search ×2" in text and "┃" in text


async def test_a_step_moves_the_mark() -> None:
    model = model_of([("n1", "")])
    app = Alone(GraphPane(), model)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "▶ Decide" in "\n".join(screen(app))
        model.apply({"type": "end", "id": 2, "status": "ok", "action": "search", "ts": 30})
        visit_of(model, 3, "n2", "", ends=False)
        app.sync()
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "▶ Search" in text and "✓ Decide" in text


async def test_arrows_select_and_enter_folds() -> None:
    app = Alone(GraphPane(), model_of([("n1", "")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down")
        assert isinstance(app.said[-1], GraphPane.Chosen) and app.said[-1].node == "n2"
        await press(pilot, "up")
        assert isinstance(app.said[-1], GraphPane.Chosen) and app.said[-1].node == "f1"
        app.place.selected = "f1"
        app.sync("focus")
        text = "\n".join(await press(pilot, "enter"))
        assert "▸ Agent" in text and "Decide" not in text
        assert "Decide" in "\n".join(await press(pilot, "enter"))


async def test_zoom_shows_less_of_each_node() -> None:
    app = Alone(GraphPane(), model_of([("n1", "")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "▶ here   ✓ done" in screen(app)[-1]
        app.pane.zoom(-1)
        await pilot.pause()
        lines = screen(app)
        here = next(row for row, line in enumerate(lines) if "[▶ Decide" in line)
        assert any("Search" in line for line in lines[here : here + 4])  # and close to it


async def test_the_past_is_shown_as_it_was() -> None:
    model = model_of([("n1", "search"), ("n2", "decide"), ("n1", "search"), ("n2", "")])
    app = Alone(GraphPane(), model)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.place.moment = model.visits[1].step
        app.sync("focus")
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "▶ Search" in text and "✓ Decide" in text
        assert "×" not in text and "┃" in text
        app.place.moment = model.visits[0].step
        app.sync("focus")
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "▶ Decide" in text and "✓ Search" not in text and "┆" in text


async def test_a_search_selects_and_unfolds() -> None:
    app = Alone(GraphPane(), model_of([("n1", "")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.place.selected = "f1"
        app.sync("focus")
        await press(pilot, "enter")
        assert app.pane.search()
        await pilot.pause()
        text = "\n".join(await press(pilot, *"sear", "enter"))
        assert "Search" in text
        assert isinstance(app.said[-1], GraphPane.Chosen) and app.said[-1].node == "n2"


async def test_a_node_beyond_the_screen_comes_into_view() -> None:
    nodes = [NODES[0], *({**NODES[1], "id": f"n{n}", "label": f"Step{n}"} for n in range(1, 13))]
    edges = [{"source": f"n{n}", "target": f"n{n + 1}", "action": "default"} for n in range(1, 12)]
    model = model_of([("n1", "default"), ("n12", "")])
    model.apply({"type": "graph", "run": 1, "nodes": nodes, "edges": edges})
    app = Alone(GraphPane(), model)
    async with app.run_test(size=(60, 14)) as pilot:
        await pilot.pause()
        app.sync("focus")
        await pilot.pause()
        assert "▶ Step12" in "\n".join(screen(app))


async def test_at_the_end_nothing_is_here() -> None:
    model = model_of([("n1", "search"), ("n2", "")])
    model.apply({"type": "end", "id": 3, "status": "ok", "action": "", "ts": 40})
    model.apply({"type": "end", "id": 1, "status": "ok", "action": "", "ts": 50})
    model.apply({"type": "exit", "code": 0, "ts": 60})
    app = Alone(GraphPane(), model)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "✓ Agent" in text and "✓ Search" in text and "▾ ▶" not in text


async def test_a_flow_that_was_cancelled_is_not_done() -> None:
    model = model_of([("n1", "search"), ("n2", "")])
    model.apply({"type": "end", "id": 3, "status": "cancelled", "ts": 40})
    model.apply({"type": "end", "id": 1, "status": "cancelled", "ts": 50})
    model.apply({"type": "exit", "code": 1, "ts": 60})
    app = Alone(GraphPane(), model)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = "\n".join(screen(app))
        assert "⊘ Agent" in text and "⊘ Search" in text and "✓ Decide" in text


async def test_nobody_is_told_that_no_flow_has_run_before_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, texts = model_of([("n1", "")]), set[str]()
    render = GraphPane.render_line

    def rendered(pane: GraphPane, y: int) -> Strip:
        strip = render(pane, y)
        texts.add(strip.text.strip())
        return strip

    monkeypatch.setattr(GraphPane, "render_line", rendered)
    monkeypatch.setattr(GraphPane, "on_resize", lambda pane: None)  # it has not come yet
    app = Alone(GraphPane(), model)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert texts == {""}
