"""The graph of a flow, found by following its objects; no node is run.

Ids are given to objects, not to names: the same node has the same id in every description, `n1…` for nodes
and `f1…` for flows. A node that the program lets go of is forgotten; its id is not given again.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any

from .essence import edition
from .families import is_own, traits
from .names import name_of
from .sources import class_line
from .uses import uses_of

PHASE_METHODS = {
    "prep": ("prep_async", "prep"),
    "exec": ("exec_async", "exec"),
    "post": ("post_async", "post"),
    "fallback": ("exec_fallback_async", "exec_fallback"),
}


def phase_methods(cls: type) -> dict[str, FunctionType]:
    """The functions behind the phases of a class, those that are the user's own rather than PocketFlow's."""
    methods = {}
    for phase in PHASE_METHODS:
        method = _own_method(cls, phase)
        while hasattr(method, "__wrapped__"):
            method = method.__wrapped__
        if isinstance(method, FunctionType):
            methods[phase] = method
    return methods


def exec_editions(cls: type) -> dict[str, str]:
    """What the user's own exec and fallback of a class do, as digests: those of edited ones are others."""
    methods = {phase: _own_method(cls, phase) for phase in ("exec", "fallback")}
    return {phase: edition(cls, method) for phase, method in methods.items() if method is not None}


def _own_method(cls: type, phase: str) -> Any:
    """What stands for a phase in a class, wrappers included; None where that is PocketFlow's."""
    sync = 0 if traits(cls).is_async else 1
    name = PHASE_METHODS[phase][sync]
    base = next((base for base in cls.__mro__ if name in base.__dict__), None)
    return None if base is None or is_own(base) else base.__dict__[name]


def class_name(cls: type) -> str:
    """`module.Class`."""
    return f"{cls.__module__}.{cls.__qualname__}"


def class_file(cls: type) -> str | None:
    """The source file of a class, None where it has none."""
    path = getattr(sys.modules.get(cls.__module__), "__file__", None)
    return os.path.abspath(path) if isinstance(path, str) else None


class Describer:
    """Gives ids and labels to the nodes of a program, and describes the flows that it runs."""

    def __init__(self) -> None:
        self._ids: dict[int, str] = {}
        self._labels: dict[str, str] = {}
        self._nodes: dict[str, weakref.ref[Any]] = {}
        self._by_successors: dict[int, weakref.ref[Any]] = {}  # a copy shares this dict with its original
        self._dicts: dict[str, int] = {}  # the identity of each one's successors
        self._successors: dict[str, tuple[Any, ...]] = {}  # as last described
        self._given: Counter[str] = Counter()  # ids, by their letter

    def id_of(self, node: Any) -> str | None:
        """The id of a node that has been described."""
        return self._ids.get(id(node))

    def label_of(self, node_id: str) -> str:
        """The label of a described node."""
        return self._labels[node_id]

    def original_of(self, copy: Any) -> Any:
        """The described node that this is a copy of, or the copy itself where that is unknown."""
        original = self._by_successors.get(id(getattr(copy, "successors", None)))
        node = None if original is None else original()
        return copy if node is None else node

    def is_current(self, node: Any) -> bool:
        """Has this node been described with the successors it has now?"""
        node_id = self._ids.get(id(node))
        return node_id is not None and self._successors[node_id] == _wiring(node)

    def classes_in(self, graph: dict[str, Any]) -> set[type]:
        """The classes of the nodes of a description."""
        nodes = [self._nodes[node["id"]]() for node in graph["nodes"]]
        return {type(node) for node in nodes if node is not None}

    def nodes(self) -> list[Any]:
        """All nodes that have been described and are still there."""
        return [node for known in list(self._nodes.values()) if (node := known()) is not None]

    def describe(self, root: Any, others: Iterable[tuple[Any, Any]] = ()) -> dict[str, Any]:
        """The `nodes` and `edges` of what `root` runs, as in a graph event; `root` is the first node.

        `others` are nodes that were run though nothing declares them, each with the flow that ran it.
        """
        found = list(_walk(root, others))
        classes = Counter(type(node).__name__ for node, _ in found)
        taken = {self._labels[self._ids[id(node)]] for node, _ in found if id(node) in self._ids}
        for node, _ in found:
            self._know(node, classes[type(node).__name__] == 1, taken)
        nodes = [self._node(node, parent) for node, parent in found]
        edges = [
            {"source": self._ids[id(node)], "target": self._ids[id(target)], "action": str(action)}
            for node, _ in found
            for action, target in _successors(node).items()
            if id(target) in self._ids
        ]
        return {"nodes": nodes, "edges": edges}

    def _know(self, node: Any, alone: bool, taken: set[str]) -> None:
        node_id = self._ids.get(id(node))
        if node_id is None:
            letter = "f" if traits(type(node)).is_flow else "n"
            self._given[letter] += 1
            node_id = self._ids[id(node)] = f"{letter}{self._given[letter]}"
            self._nodes[node_id] = weakref.ref(node, self._forget(id(node), node_id))
            self._labels[node_id] = _label(node, alone, taken)
        if type(getattr(node, "successors", None)) is dict:
            self._by_successors[id(node.successors)] = self._nodes[node_id]
            self._dicts[node_id] = id(node.successors)
        self._successors[node_id] = _wiring(node)

    def _forget(self, key: int, node_id: str) -> Callable[[Any], None]:
        """What to do when the node is gone: its identity may soon be another object's."""

        def forget(gone: Any) -> None:
            del self._ids[key], self._nodes[node_id], self._labels[node_id], self._successors[node_id]
            successors = self._dicts.pop(node_id, 0)
            if self._by_successors.get(successors) is gone:
                del self._by_successors[successors]

        return forget

    def _node(self, node: Any, parent: Any) -> dict[str, Any]:
        cls = type(node)
        start = getattr(node, "start_node", None) if traits(cls).is_flow else None
        return {
            "id": self._ids[id(node)],
            "label": self._labels[self._ids[id(node)]],
            "class": class_name(cls),
            "kind": traits(cls).kind,
            "async": traits(cls).is_async,
            "parent": None if parent is None else self._ids[id(parent)],
            "file": class_file(cls),
            "line": class_line(cls),
            "name": name_of(node),
            "start": self._ids.get(id(start)),
            "phases": {
                phase: [method.__code__.co_filename, method.__code__.co_firstlineno]
                for phase, method in phase_methods(cls).items()
            },
            "shared": _uses(cls),
            "code": exec_editions(cls),
            "max_retries": getattr(node, "max_retries", 1),
            "wait": getattr(node, "wait", 0),
        }


def _uses(cls: type) -> dict[str, Any]:
    """What each phase does with `shared`: places by constant keys, each with its line."""
    found: dict[str, Any] = {}
    for phase, method in phase_methods(cls).items():
        uses = uses_of(method)
        parts = {"reads": uses.reads, "writes": uses.writes, "gives": uses.gives}
        if told := {
            name: [[list(place), line] for place, line in part.items()]
            for name, part in parts.items()
            if part
        }:
            found[phase] = told
    return found


def _label(node: Any, alone: bool, taken: set[str]) -> str:
    """The class, with the variable behind it where the class alone does not tell nodes apart."""
    label, name = type(node).__name__, name_of(node)
    if name and (not alone or label in taken):
        label = f"{label} ({name})"
    base, number = label, 2
    while label in taken:
        label, number = f"{base} ({number})", number + 1
    taken.add(label)
    return label


def _successors(node: Any) -> dict[Any, Any]:
    successors = getattr(node, "successors", None)
    if not isinstance(successors, dict):
        return {}
    return {action: target for action, target in list(successors.items()) if target is not None}


def _wiring(node: Any) -> tuple[Any, ...]:
    """What tells whether a node has been connected anew, without comparing nodes."""
    successors = getattr(node, "successors", None)
    if type(successors) is not dict:
        successors = _successors(node)
    start = id(getattr(node, "start_node", None))
    return (start, *successors, *map(id, successors.values()))


def nodes_of(flow: Any) -> list[Any]:
    """The nodes that this very flow runs, as far as they are declared; not those of flows within it."""
    return [node for node, parent in _walk(flow, ()) if parent is flow]


def _walk(root: Any, others: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Every node that `root` can run, with the flow that holds it; each once, in breadth-first order."""
    seen = {id(root)}
    found: list[tuple[Any, Any]] = [(root, None)]
    beside = list(others)
    for node, flow in found:  # grows while it is read
        yield node, flow
        near = [(target, flow) for target in _successors(node).values()] if flow is not None else []
        if traits(type(node)).is_flow:
            near += [(node.start_node, node)] if getattr(node, "start_node", None) is not None else []
            near += [(other, inside) for other, inside in beside if inside is node]
        for entry in near:
            if id(entry[0]) not in seen:
                seen.add(id(entry[0]))
                found.append(entry)
