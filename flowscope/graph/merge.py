"""The graphs of several runs as one: each flow once, as it was at last, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

Event = dict[str, Any]
_Parts = Iterable[dict[str, Any]]


def merged(graphs: Iterable[Event]) -> Event | None:
    """One graph event of all that do not look alike; None where there is none."""
    latest = {graph["nodes"][0]["id"]: graph for graph in graphs if graph["nodes"]}
    found: dict[Any, Event] = {}
    for graph in latest.values():
        found.setdefault(sight(graph["nodes"], graph["edges"]), graph)
    if len(found) < 2:
        return next(iter(found.values()), None)
    first, *others = found.values()
    nodes, edges = [*first["nodes"]], [*first["edges"]]
    for number, graph in enumerate(others, 2):
        taken = {node["id"] for node in nodes}
        ids = {node["id"]: _free(node["id"], number, taken) for node in graph["nodes"]}
        for node in graph["nodes"]:
            linked = {key: ids.get(node.get(key), node.get(key)) for key in ("id", "parent", "start")}
            nodes.append({**node, **linked})
        edges += [
            {**edge, **{end: ids[edge[end]] for end in ("source", "target")}} for edge in graph["edges"]
        ]
    return {**first, "nodes": _told_apart(nodes), "edges": edges}


def sight(nodes: _Parts, edges: _Parts) -> frozenset[Any]:
    """What tells two graphs apart on sight: the classes, where flows start, and how all is connected."""
    nodes = list(nodes)
    classes = {node.get("id"): node.get("class") for node in nodes}
    inner = (
        (node.get("class"), classes.get(node.get("parent")), classes.get(node.get("start"))) for node in nodes
    )
    arrows = (
        (classes.get(edge.get("source")), classes.get(edge.get("target")), edge.get("action"))
        for edge in edges
    )
    return frozenset((*inner, *arrows))


def _free(key: str, number: int, taken: set[str]) -> str:
    """The id of a node in the graph of this number: a node that stands in two flows is drawn in each."""
    return f"{key}.{number}" if key in taken else key


def _told_apart(nodes: list[Event]) -> list[Event]:
    """Outermost flows of one label get the name of their variable."""
    labels = Counter(node.get("label") for node in nodes if node.get("parent") is None)
    return [
        {**node, "label": f"{node['label']} ({node['name']})"}
        if node.get("parent") is None and node.get("name") and labels[node.get("label")] > 1
        else node
        for node in nodes
    ]
