"""The graphs of several runs as one: each flow once, as it was at last, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

Event = dict[str, Any]
_Parts = Iterable[dict[str, Any]]


def as_one(graphs: Iterable[Event]) -> Event | None:
    """One graph event of all that do not look alike; None where there is none."""
    whole = [graph for graph in map(_whole, graphs) if graph["nodes"]]
    latest = {graph["nodes"][0]["id"]: graph for graph in whole}
    found: dict[Any, Event] = {}
    for graph in latest.values():
        found.setdefault(sight(graph["nodes"], graph["edges"]), graph)
    if len(found) < 2:
        return next(iter(found.values()), None)
    first, *others = found.values()
    nodes, edges = first["nodes"], first["edges"]
    for number, graph in enumerate(others, 2):
        taken = {node["id"] for node in nodes}
        ids = {node["id"]: _free(node["id"], number, taken) for node in graph["nodes"]}
        nodes += [_renamed(node, ids, "id", "parent", "start") for node in graph["nodes"]]
        edges += [_renamed(edge, ids, "source", "target") for edge in graph["edges"]]
    return {**first, "nodes": _told_apart(nodes), "edges": edges}


def sight(nodes: _Parts, edges: _Parts) -> frozenset[Any]:
    """What tells two graphs apart on sight: the classes, where flows start, and how all is connected."""
    nodes = list(nodes)
    classes = {str(node.get("id")): str(node.get("class")) for node in nodes}

    def seen(part: Event, *links: str) -> list[str | None]:
        return [classes.get(str(part.get(link))) for link in links]

    arrows = ((str(edge.get("action")), *seen(edge, "source", "target")) for edge in edges)
    return frozenset((*(tuple(seen(node, "id", "parent", "start")) for node in nodes), *arrows))


def _whole(graph: Event) -> Event:
    """Without what names no node, as a damaged recording may have it."""
    nodes = [node for node in graph.get("nodes", ()) if isinstance(node.get("id"), str)]
    known = {node["id"] for node in nodes}
    ends = ("source", "target")
    edges = [edge for edge in graph.get("edges", ()) if all(str(edge.get(end)) in known for end in ends)]
    return {**graph, "nodes": nodes, "edges": edges}


def _renamed(part: Event, ids: dict[str, str], *keys: str) -> Event:
    return {**part, **{key: ids.get(str(part.get(key)), part.get(key)) for key in keys}}


def _free(key: str, number: int, taken: set[str]) -> str:
    """The id of a node in the graph of this number: a node that stands in two flows is drawn in each."""
    return f"{key}.{number}" if key in taken else key


def _told_apart(nodes: list[Event]) -> list[Event]:
    """Outermost flows of one label get the name of their variable."""
    labels = Counter(str(node.get("label")) for node in nodes if node.get("parent") is None)
    return [
        {**node, "label": f"{node.get('label')} ({node['name']})"}
        if node.get("parent") is None and node.get("name") and labels[str(node.get("label"))] > 1
        else node
        for node in nodes
    ]
