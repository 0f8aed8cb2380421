"""What the graph pane shows: the graph with the edges that were seen, and the look of its parts."""

from __future__ import annotations

from flowscope.graph.build import Graph, add_edge, build
from flowscope.graph.drawing import Drawing, EdgeKey
from flowscope.graph.look import EdgeLook, Look, Mark, NodeLook, Use
from flowscope.model import Model

from .focus import Focus


def graph_of(model: Model, run: int) -> Graph:
    """The run's graph, with the edges that were taken though it does not declare them."""
    found = model.graphs.get(run)
    if found is None:
        return build([], [])
    graph = build(found.nodes, found.edges)
    for edge in sorted(model.undeclared(run)):
        add_edge(graph, edge.source, edge.target, edge.action, declared=False)
    return graph


def look_of(focus: Focus, graph: Graph, drawing: Drawing, run: int) -> Look:
    """Marks and counts of everything drawn; a folded flow stands for what it holds."""
    model = focus.model
    current, stops = focus.current_node, _breakpoints(focus, graph)
    running = {span.node for lane in model.lanes for span in model.current(lane)}
    here = drawing.box_of(current).node if current and drawing.box_of(current) else None  # type: ignore[union-attr]
    nodes = {}
    for key in drawing.boxes:
        count, failed = model.tally.visits[key], model.tally.failed[key] > 0
        mark = (
            Mark.CURRENT if key == here else Mark.RUNNING if key in running and not model.ended else Mark.NONE
        )
        if mark is Mark.NONE and count:
            mark = Mark.FAILED if failed else Mark.VISITED
        inside = any(drawing.hidden.get(stop) == key for stop in stops)
        note = _lanes(model, key) if "Parallel" in str(graph.nodes[key]["kind"]) else ""
        nodes[key] = NodeLook(mark, count, failed, key in stops or inside, key == focus.selected, note)
    return Look(nodes, _edges(model, drawing, run))


def _edges(model: Model, drawing: Drawing, run: int) -> dict[EdgeKey, EdgeLook]:
    taken = model.tally.taken[run].items() if run in model.tally.taken else ()
    counts = {(edge.source, edge.target, edge.action): count for edge, count in taken}
    last = (
        tuple(model.tally.last_edge[1])
        if model.tally.last_edge is not None and model.tally.last_edge[0] == run
        else None
    )
    begun = bool(model.visits)
    looks = {}
    for route in drawing.routes:
        count = counts.get(route.edge, 0)
        use = Use.NOW if route.edge == last else Use.TAKEN if count else Use.NEVER if begun else Use.PLAIN
        looks[route.edge] = EdgeLook(use, count)
    return looks


def _breakpoints(focus: Focus, graph: Graph) -> set[str]:
    if focus.breakpoints is None or not focus.breakpoints.all:
        return set()
    return {key for key in graph if focus.breakpoints.of_node({"id": key, **graph.nodes[key]})}


def _lanes(model: Model, node: str) -> str:
    """What the lanes of its latest visit do."""
    visit = model.tally.latest.get(node)
    for span in () if visit is None else (visit, *visit.children):
        if (region := model.regions.get(span.id)) is not None:
            return region.summary()
    return ""
