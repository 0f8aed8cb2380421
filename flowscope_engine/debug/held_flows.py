"""The flows that the program's own variables hold, run or not: for a graph of what no node is to run of."""

from __future__ import annotations

from typing import Any

from ..describe import Describer
from ..families import is_node, traits
from ..names import attributes_of, learn
from ..reload import program_modules

Event = dict[str, Any]


def held_graphs(describer: Describer) -> list[Event]:
    """A graph event of each outermost one."""
    graphs = [describer.describe(flow) for flow in _held_flows()]
    inner = {node["id"] for graph in graphs for node in graph["nodes"][1:]}
    outer = [graph for graph in graphs if graph["nodes"][0]["id"] not in inner]
    return [{"type": "graph", "run": 0, **graph} for graph in outer]


def _held_flows() -> list[Any]:
    flows: dict[int, Any] = {}
    held = [attributes_of(module) for _, module in program_modules()]
    for name, value in [each for attributes in held for each in list(attributes.items())]:
        if is_node(value) and traits(type(value)).is_flow and getattr(value, "start_node", None) is not None:
            learn(name, value)
            flows[id(value)] = value
    return list(flows.values())
