"""Rules about the way through the graph: where it ends, what it never reaches, where it goes in circles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..events import Change
from ..patch import Value
from ..spans import Span
from .rule import Rule

_CIRCLES = 5  # visits with nothing changed
_MOST_SCANNED = 10_000  # values looked at to know that `shared` holds nothing that changes unseen


class DeadEndAction(Rule):
    """PocketFlow warns too; this says where. A node without successors may return what it likes."""

    name = "dead-end-action"
    explanation = (
        "A node returned an action for which it has no successor, though it has some: the flow ended."
    )

    def ended(self, span: Span) -> None:
        last, graph = span.left, self.model.graphs.get(span.run.id)
        if span.status != "ok" or last is None or graph is None:
            return
        edges = [edge for edge in graph.edges if edge.get("source") == last.node]
        actions = [str(edge.get("action")) for edge in edges]
        action = last.action or "default"
        if not actions or action in actions:
            return
        if last.action is None and self._went_on(last):
            return  # a loop that is left by returning nothing
        if any(edge.get("source") == span.node and edge.get("action") == span.action for edge in graph.edges):
            return  # a nested flow, whose parent goes on along this action
        known = ", ".join(f"'{known}'" for known in actions[:5])
        said = f"'{action}'" if last.action else "no action"
        self.report(
            (last.node, action),
            f"{last.name} returned {said}, but has successors only for {known}: the flow {span.label} ended.",
            last,
        )

    def _went_on(self, last: Span) -> bool:
        taken = self.model.tally.taken.get(last.run.id, Counter())
        return last.number > 1 and any(edge.source == last.node for edge in taken)


class UnreachedNode(Rule):
    """Told of programs that went well to their end only."""

    name = "unreached-node"
    explanation = "The program ended well, and a node of its flows was never visited."

    def finished(self) -> None:
        model = self.model
        outer = [run for run in model.runs if run.parent is None]
        if model.exit is None or model.exit.code != 0 or any(run.status != "ok" for run in outer):
            return
        reached = {run.node for run in model.runs} | set(model.tally.visits)
        graphs = [graph for run, graph in model.graphs.items() if run in model.spans]
        edges = [edge for graph in graphs for edge in graph.edges]
        nodes = {str(node.get("id")): node for graph in graphs for node in graph.nodes}
        into: dict[Any, dict[str, Any]] = {edge.get("target"): edge for edge in edges}
        into |= {edge.get("target"): edge for edge in edges if edge.get("source") in reached}
        for id, node in nodes.items():
            parent = node.get("parent")
            if id not in reached and (parent is None or parent in reached):
                self._unreached(id, str(node.get("label", id)), into.get(id))

    def _unreached(self, id: str, label: str, edge: dict[str, Any] | None) -> None:
        source = None if edge is None else self.model.tally.latest.get(str(edge.get("source")))
        if source is None or edge is None:
            self.report(id, f"{label} was never visited.")
        else:
            text = f"{label} was never visited: no visit of {source.label} returned '{edge.get('action')}'."
            self.report(id, text, source)


@dataclass(slots=True)
class _Circle:
    changes: int  # of `shared` before the first of these visits
    first: Span
    latest: Span
    visits: int = 1


class NoProgressLoop(Rule):
    """Silent where `shared` holds what cannot be looked into: a queue may well have changed."""

    name = "no-progress-loop"
    explanation = "A node was visited again and again with the same results and nothing in `shared` changed."

    def __init__(self, *model_and_report: Any) -> None:
        super().__init__(*model_and_report)
        self._changes: Counter[int] = Counter()  # by run
        self._circles: dict[int, dict[str, _Circle]] = {}  # by what is around the visits, and node

    def changed(self, change: Change, span: Span) -> None:
        self._changes[span.run.id] += 1

    def began(self, span: Span) -> None:
        if span.kind != "visit" or span.parent is None:
            return
        circles = self._circles.setdefault(span.parent.id, {})
        circle = circles.get(span.node)
        changes = self._changes[span.run.id]
        if circle is None or circle.changes != changes or not _counts(circle, span):
            circles[span.node] = _Circle(changes, span, span)
            return
        circle.latest = span
        circle.visits += 1
        if circle.visits == _CIRCLES and _is_known(self.model.shared.get(span.run.id)):
            text = (
                f"{span.label} was visited {_CIRCLES} times with the same results, "
                "and nothing in `shared` changed."
            )
            self.report((span.run.id, span.node), text, circle.first, span)

    def ended(self, span: Span) -> None:
        self._circles.pop(span.id, None)


def _counts(circle: _Circle, span: Span) -> bool:
    """Does the visit go on with the circle? One that the user asked for does not."""
    a, b = circle.first, circle.latest
    if b.branch is not None or span.again is not None:
        return False
    return a is b or (a.action == b.action and _results(a) == _results(b))


def _results(visit: Span) -> list[Value]:
    return [phase.result for phase in visit.children if phase.kind in ("prep", "exec")]


def _is_known(value: Value) -> bool:
    """Would every change of this value be seen?"""
    pending, looked = [value], 0
    while pending:
        held = pending.pop()
        looked += 1
        if looked > _MOST_SCANNED:
            return False
        if isinstance(held, list):
            pending += held
        elif isinstance(held, dict):
            if held.get("$") in ("opaque", "unscanned", "stale"):
                return False
            pending += held.values()
    return True
