"""The networkx graph of a program's flows, from a graph event's nodes and edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import networkx as nx


Graph: TypeAlias = "nx.MultiDiGraph[str]"


def build(nodes: Iterable[dict[str, Any]], edges: Iterable[dict[str, Any]]) -> Graph:
    """A node for each described one, with its description as attributes; an edge for each action.

    Nesting is the attribute `parent`, always a node of the graph or None. An edge's attributes are `action`
    and `declared`, which is False when the edge was only seen being taken. What names an unknown node is
    left out, and a parent that would make a ring of parents is taken as none.
    """
    import networkx as nx  # takes as long as a screen does: it is painted meanwhile

    graph: Graph = nx.MultiDiGraph()
    for number, node in enumerate(nodes):
        key = str(node.get("id", f"?{number}"))
        known = {name: value for name, value in node.items() if name != "id"}
        graph.add_node(key, **{"label": key, "kind": "Node", "async": False, "parent": None, **known})
    for key in graph:
        _settle_parent(graph, key)
    for edge in edges:
        add_edge(graph, str(edge.get("source")), str(edge.get("target")), edge.get("action"))
    return graph


def add_edge(graph: Graph, source: str, target: str, action: object, declared: bool = True) -> None:
    """Add an edge, unless it is there already or one of its ends is not."""
    name = "default" if action in (None, "") else str(action)
    if source in graph and target in graph and not graph.has_edge(source, target, name):
        graph.add_edge(source, target, key=name, action=name, declared=declared)


def children(graph: Graph, parent: str | None) -> list[str]:
    """The nodes directly within a flow, or outermost ones, in the order they were described."""
    return [key for key in graph if graph.nodes[key]["parent"] == parent]


def is_flow(graph: Graph, key: str) -> bool:
    """Whether the node runs nodes of its own."""
    return str(graph.nodes[key]["kind"]).endswith("Flow")


def path_to(graph: Graph, key: str) -> Iterator[str]:
    """The node and the flows around it, innermost first."""
    inner: str | None = key
    while inner is not None:
        yield inner
        inner = graph.nodes[inner]["parent"]


def kind_words(kind: str) -> str:
    """A node's kind in a word or two: `async`, `parallel`, `batch flow`; nothing for a plain node."""
    words = [
        word
        for word, part in (("async", "Async"), ("parallel", "Parallel"), ("batch", "Batch"), ("flow", "Flow"))
        if part in kind
    ]
    if "parallel" in words:  # such a node is always async and a batch
        words = [word for word in words if word not in ("async", "batch")]
    return " ".join(words)


def kind_sign(kind: str) -> str:
    """`||` for what runs in parallel, `=` for a batch, of items or of runs."""
    return "||" if "Parallel" in kind else "=" if "Batch" in kind else ""


def _settle_parent(graph: Graph, key: str) -> None:
    parent = graph.nodes[key]["parent"]
    above, seen = parent, {key}
    while above in graph and above not in seen:
        seen.add(above)
        above = graph.nodes[above]["parent"]
    if parent not in graph or above in seen:
        graph.nodes[key]["parent"] = None
