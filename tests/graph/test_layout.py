"""What holds for any drawing."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowscope.graph.build import Graph, add_edge, is_flow
from flowscope.graph.drawing import Drawing, Zoom
from flowscope.graph.layout import layout
from flowscope.graph.paint import Canvas

from . import samples


@settings(max_examples=60, deadline=None)
@given(samples.graphs(), st.booleans(), st.booleans(), st.sampled_from(Zoom), st.data())
def test_any_graph_is_drawn_whole(
    graph: Graph, down: bool, live: bool, zoom: Zoom, data: st.DataObject
) -> None:
    flows = [key for key in graph if is_flow(graph, key)]
    folded = data.draw(st.sets(st.sampled_from(flows))) if flows else set()
    drawing = layout(graph, folded, zoom=zoom, live=live, down=down)
    _check_boxes(graph, drawing)
    _check_routes(drawing)
    shown = {
        key
        for key in graph.edges(keys=True)
        if drawing.hidden.get(key[0], 0) != drawing.hidden.get(key[1], 1)
    }
    assert {route.edge for route in drawing.routes} == shown
    canvas = Canvas(drawing)
    rows = [canvas.row_text(row) for row in range(canvas.height)]
    for row in range(canvas.height):
        assert "".join(text for text, _ in canvas.spans(row, 0, canvas.width)).rstrip() == rows[row]
    for route in drawing.routes:
        for x, y in route.points:
            assert 0 <= x < drawing.width and 0 <= y < drawing.height
        if zoom is not Zoom.TINY and route.label:
            at = route.label_at
            assert at is not None
            cut = "".join(t for t, _ in canvas.spans(at.y, at.x, at.x + route.room))
            assert route.label in cut


def _check_boxes(graph: Graph, drawing: Drawing) -> None:
    assert set(drawing.boxes) | set(drawing.hidden) == set(graph)
    for one, other in combinations(drawing.boxes.values(), 2):
        parents = graph.nodes[one.node]["parent"], graph.nodes[other.node]["parent"]
        if parents[0] == parents[1]:
            assert not one.rect.meets(other.rect)
    for box in drawing.boxes.values():
        around = drawing.boxes.get(graph.nodes[box.node]["parent"])
        if around is not None:
            outer, inner = around.rect, box.rect
            assert outer.x < inner.x and outer.y < inner.y
            assert inner.right < outer.right and inner.bottom < outer.bottom


def _check_routes(drawing: Drawing) -> None:
    """No line runs through a box, and a label is over no box, no other label and no other line."""
    taken = {
        (x, y): box.node
        for box in drawing.boxes.values()
        if not box.open
        for y in range(box.rect.y, box.rect.bottom)
        for x in range(box.rect.x, box.rect.right)
    }
    for route in drawing.routes:
        assert not any(cell in taken for cell in route.cells())
    for number, route in enumerate(drawing.routes):
        if (at := route.label_at) is not None:
            here = {(x, at.y) for x in range(at.x, at.x + route.room)}
            assert not here & taken.keys()
            taken |= dict.fromkeys(here, f"label {number}")
            others = (other for other in drawing.routes if other is not route)
            assert not any(here.intersection(other.cells()) for other in others)


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize("graph", [samples.agent(), samples.nested(), samples.chain(30)])
def test_edges_go_around_boxes_and_each_other(graph: Graph, down: bool) -> None:
    drawing = layout(graph, down=down)
    closed = [box.rect for box in drawing.boxes.values() if not box.open]
    ways: dict[tuple[int, int, bool], tuple[str, str, str]] = {}
    for route in drawing.routes:
        for x, y in route.cells():
            assert not any(rect.has(x, y) for rect in closed)
        for a, b in zip(route.points, route.points[1:], strict=False):
            for x in range(min(a.x, b.x), max(a.x, b.x) + 1):
                for y in range(min(a.y, b.y), max(a.y, b.y) + 1):
                    assert ways.setdefault((x, y, a.x == b.x), route.edge) == route.edge


def test_equal_graphs_give_equal_drawings() -> None:
    assert layout(samples.nested()) == layout(samples.nested())


def test_a_folded_flow_hides_what_it_holds() -> None:
    drawing = layout(samples.nested(), {"f2"})
    assert set(drawing.boxes) == {"f1", "f2", "n3"}
    assert drawing.box_of("n2") is drawing.boxes["f2"]
    assert [route.edge[2] for route in drawing.routes] == ["paid", "再試行"]


def test_the_screen_decides_the_direction() -> None:
    assert layout(samples.chain(6), size=(40, 60)).down
    assert not layout(samples.chain(6), size=(240, 20)).down


@pytest.mark.parametrize("down", [True, False])
def test_an_edge_that_is_seen_moves_no_box(down: bool) -> None:
    graph = samples.chain(6)
    before = layout(graph, down=down)
    add_edge(graph, "n4", "n1", "again", declared=False)
    after = layout(graph, like=before)
    moved = {
        (after.boxes[key].rect.x - box.rect.x, after.boxes[key].rect.y - box.rect.y)
        for key, box in before.boxes.items()
        if not box.open
    }
    assert len(moved) == 1
    assert len(after.routes) == len(before.routes) + 1
    _check_routes(after)
