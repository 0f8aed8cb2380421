"""The graph in Graphviz' language."""

from __future__ import annotations

from flowscope.graph.build import Graph, children, is_flow, kind_words


def to_dot(graph: Graph) -> str:
    """A digraph: flows are clusters, async nodes rounded, batch nodes with double borders."""
    lines = [
        "digraph flow {",
        "    compound=true;",
        '    node [shape=box, fontname="sans-serif"];',
        '    edge [fontname="sans-serif", fontsize=10];',
    ]

    def add(key: str, indent: str) -> None:
        node = graph.nodes[key]
        kind = str(node["kind"])
        words = kind_words(kind)
        label = _quoted(f"{node['label']}\n{words}" if words else str(node["label"]))
        inner = children(graph, key)
        if is_flow(graph, key) and inner:
            lines.append(f"{indent}subgraph {_quoted('cluster_' + key)} {{")
            lines.append(f"{indent}    label={label};")
            for child in inner:
                add(child, indent + "    ")
            lines.append(f"{indent}}}")
            return
        rounded = ", style=rounded" if "Async" in kind else ""
        double = ", peripheries=2" if "Batch" in kind else ""
        lines.append(f"{indent}{_quoted(key)} [label={label}{rounded}{double}];")

    for key in children(graph, None):
        add(key, "    ")
    for source, target, data in graph.edges(data=True):
        lines.append(f"    {_edge(graph, source, target, data['action'], data['declared'])}")
    return "\n".join([*lines, "}"]) + "\n"


def _edge(graph: Graph, source: str, target: str, action: str, declared: bool) -> str:
    """An edge joins nodes, not clusters: one of each flow's stands for it, and the line is clipped there."""
    attributes = [] if action == "default" else [f"label={_quoted(action)}"]
    if not declared:
        attributes.append("style=dashed")
    tail, head = _leaf(graph, source), _leaf(graph, target)
    if tail != source:
        attributes.append(f"ltail={_quoted('cluster_' + source)}")
    if head != target:
        attributes.append(f"lhead={_quoted('cluster_' + target)}")
    return f"{_quoted(tail)} -> {_quoted(head)}" + (f" [{', '.join(attributes)}]" if attributes else "") + ";"


def _leaf(graph: Graph, key: str) -> str:
    """A node that is drawn within a flow, its start node where that is known."""
    while is_flow(graph, key) and (inner := children(graph, key)):
        start = graph.nodes[key].get("start")
        key = start if start in inner else inner[0]
    return key


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
