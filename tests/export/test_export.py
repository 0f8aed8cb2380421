"""The graph in other languages."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given, settings

from flowscope.export.dot import to_dot
from flowscope.export.mermaid import to_mermaid
from flowscope.export.svg import to_svg
from flowscope.graph.build import Graph, add_edge, build
from tests.graph import samples


def test_mermaid() -> None:
    assert to_mermaid(samples.agent()) == (
        "flowchart TD\n"
        '    subgraph n1["ResearchAgent · flow"]\n'
        '        n2["DecideAction"]\n'
        '        n3["SearchWeb"]\n'
        '        n4["AnswerQuestion"]\n'
        "    end\n"
        '    n2 -->|"search"| n3\n'
        '    n2 -->|"answer"| n4\n'
        '    n3 -->|"decide"| n2\n'
    )


def test_mermaid_escapes_what_it_would_take_for_its_own() -> None:
    text = to_mermaid(build([samples.node("n1", 'say "hi"\n#1', parent=None)], []))
    assert '"say #quot;hi#quot; #35;1"' in text


def test_dot_joins_nodes_and_clips_at_clusters() -> None:
    graph = samples.nested()
    add_edge(graph, "n3", "n3", "odd", declared=False)
    text = to_dot(graph)
    assert '"n1" -> "n3" [label="paid", ltail="cluster_f2"];' in text
    assert '"n3" -> "n3" [label="odd", style=dashed];' in text


@settings(max_examples=30, deadline=None)
@given(samples.graphs())
def test_svg_is_whole_and_stands_alone(graph: Graph) -> None:
    text = to_svg(graph)
    ElementTree.fromstring(text)
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text.count("<polyline") == text.count('marker-end="')
