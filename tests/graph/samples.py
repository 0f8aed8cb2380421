"""Graphs to draw: some by hand, and any by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from flowscope.graph.build import Graph, build

KINDS = ("Node", "BatchNode", "AsyncNode", "AsyncBatchNode", "AsyncParallelBatchNode")


def node(
    key: str, label: str = "", kind: str = "Node", parent: str | None = "f1", **more: Any
) -> dict[str, Any]:
    return {
        "id": key,
        "label": label or key,
        "kind": kind,
        "async": "Async" in kind,
        "parent": parent,
        **more,
    }


def edge(source: str, target: str, action: str = "default") -> dict[str, str]:
    return {"source": source, "target": target, "action": action}


def agent() -> Graph:
    return build(
        [
            node("f1", "ResearchAgent", "Flow", None, start="n1"),
            node("n1", "DecideAction"),
            node("n2", "SearchWeb"),
            node("n3", "AnswerQuestion"),
        ],
        [edge("n1", "n2", "search"), edge("n2", "n1", "decide"), edge("n1", "n3", "answer")],
    )


def nested() -> Graph:
    return build(
        [
            node("f1", "Orders", "Flow", None, start="f2"),
            node("f2", "Payment", "AsyncFlow", start="n1"),
            node("n1", "支払い", parent="f2"),
            node("f3", "Stock", "AsyncParallelBatchFlow", "f2", start="n2"),
            node("n2", "Check", "AsyncParallelBatchNode", "f3"),
            node("n3", "Ship", "BatchNode"),
        ],
        [edge("f2", "n3", "paid"), edge("n1", "f3"), edge("n2", "n2", "wait"), edge("n3", "f2", "再試行")],
    )


def chain(count: int) -> Graph:
    """Nodes in a row, each seventh with a way back and a way around."""
    nodes = [node("f1", "Chain", "Flow", None, start="n0")]
    edges = []
    for number in range(count):
        nodes.append(node(f"n{number}", f"Step{number}", KINDS[number % 5]))
        if number:
            edges.append(edge(f"n{number - 1}", f"n{number}"))
        if number % 7 == 6:
            edges += [
                edge(f"n{number}", f"n{number - 3}", "again"),
                edge(f"n{number - 4}", f"n{number}", "skip"),
            ]
    return build(nodes, edges)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any nested graph: flows in flows, cycles, self loops, parallel and opposite edges, odd labels."""
    flows: list[str | None] = [None]
    nodes, level = [], dict[str | None, list[str]]()
    for number in range(draw(st.integers(1, 14))):
        parent = draw(st.sampled_from(flows))
        key = f"n{number}"
        label = draw(st.text(min_size=1, max_size=40)) if draw(st.booleans()) else f"Node{number}"
        flow = draw(st.integers(0, 3)) == 0
        nodes.append(node(key, label, "Flow" if flow else draw(st.sampled_from(KINDS)), parent))
        level.setdefault(parent, []).append(key)
        if flow:
            flows.append(key)
    groups = [keys for keys in level.values() if keys]
    edges = []
    for number in range(draw(st.integers(0, 24))):
        keys = draw(st.sampled_from(groups))
        action = draw(st.sampled_from(["default", "go", "retry_the_search", "戻る", f"action{number}"]))
        edges.append(edge(draw(st.sampled_from(keys)), draw(st.sampled_from(keys)), action))
    return build(nodes, edges)
