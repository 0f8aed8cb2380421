"""The graph as Mermaid text, which renders on GitHub and in most editors."""

from __future__ import annotations

from flowscope.graph.build import Graph, children, is_flow, kind_words

_SHAPES = {"async": ("([", "])"), "batch": ("[[", "]]"), "": ("[", "]")}


def to_mermaid(graph: Graph) -> str:
    """A flowchart: flows are subgraphs, batch nodes have double sides, async nodes round ends."""
    names = {key: f"n{number}" for number, key in enumerate(graph, 1)}
    lines = ["flowchart TD"]

    def add(key: str, indent: str) -> None:
        node = graph.nodes[key]
        words = kind_words(str(node["kind"]))
        inner = children(graph, key)
        if is_flow(graph, key) and inner:
            title = f"{node['label']} · {words}" if words else str(node["label"])
            lines.append(f"{indent}subgraph {names[key]}[{_quoted(title)}]")
            for child in inner:
                add(child, indent + "    ")
            lines.append(f"{indent}end")
            return
        shape = "batch" if "Batch" in str(node["kind"]) else "async" if "Async" in str(node["kind"]) else ""
        left, right = _SHAPES[shape]
        text = str(node["label"]) + (f"<br/><i>{words}</i>" if words else "")
        lines.append(f"{indent}{names[key]}{left}{_quoted(text)}{right}")

    for key in children(graph, None):
        add(key, "    ")
    for source, target, data in graph.edges(data=True):
        arrow = "-->" if data["declared"] else "-.->"
        label = "" if data["action"] == "default" else f"|{_quoted(data['action'])}|"
        lines.append(f"    {names[source]} {arrow}{label} {names[target]}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return '"' + line.replace("#", "#35;").replace('"', "#quot;").replace("`", "#96;") + '"'
