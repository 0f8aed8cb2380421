"""Event lists written by hand, without their repetitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowscope.model import Model, Span

Event = dict[str, Any]


def node(id: str, label: str, kind: str = "Node", parent: str | None = "f1", **more: Any) -> Event:
    """A node of a graph event."""
    return {"id": id, "label": label, "class": f"m.{label}", "kind": kind, "parent": parent, **more}


class Story:
    """Applies events to a model as they are told; one nanosecond passes between two of them, or more."""

    def __init__(self, listener: Callable[[Event], None] | None = None, model: Model | None = None) -> None:
        self.model = Model() if model is None else model
        self.listener = listener
        self.events: list[Event] = []
        self.ts = 0
        self._labels: dict[str, str] = {}
        self._lane: dict[int, int] = {}
        self._ids = 0

    def tell(self, type: str, **fields: Any) -> None:
        """Any event; its ts is now."""
        self.ts += 1
        event = {"type": type, "ts": self.ts, **fields}
        self.events.append(event)
        self.model.apply(event)
        if self.listener is not None:
            self.listener(event)

    def graph(self, run: int, nodes: list[Event], *edges: tuple[str, str, str]) -> None:
        """The graph of a run; edges are source, target, action."""
        self._labels.update((each["id"], each["label"]) for each in nodes)
        named = [{"source": source, "target": target, "action": action} for source, target, action in edges]
        self.tell("graph", run=run, nodes=nodes, edges=named)

    def begin(self, kind: str, node: str, parent: int | None = None, **fields: Any) -> int:
        """A span begins, on its parent's lane unless said otherwise; returns its id."""
        self._ids += 1
        lane = fields.pop("lane", self._lane.get(parent or 0, 0))
        self._lane[self._ids] = lane
        label = self._labels.get(node, node)
        self.tell(
            "begin", id=self._ids, parent=parent, lane=lane, kind=kind, node=node, label=label, **fields
        )
        return self._ids

    def end(self, span: int, status: str = "ok", **fields: Any) -> None:
        """A span ends."""
        if error := fields.get("error"):  # each span further out has a frame more
            fields["error"] = {**error, "traceback": f"Traceback…\n  File in {span}\n{error['traceback']}"}
        self.tell("end", id=span, status=status, **fields)

    def visit(self, node: str, parent: int, action: str | None = None, **fields: Any) -> int:
        """A whole visit that went well: prep, exec with one attempt, post."""
        visit = self.begin("visit", node, parent, **fields)
        for kind in ("prep", "exec", "post"):
            phase = self.begin(kind, node, visit)
            if kind == "exec":
                self.end(self.begin("attempt", node, phase, attempt=1))
            self.end(phase)
        self.end(visit, action=action)
        return visit

    def change(self, span: int, op: str, *path: str | int, value: Any = None, old: Any = None) -> None:
        """`shared` changed during a span."""
        self.tell("change", span=span, path=list(path), op=op, value=value, old=old)

    def span(self, id: int) -> Span:
        """The model's span."""
        return self.model.spans[id]


AGENT = [node("f1", "Flow", "Flow", None), node("n1", "Decide"), node("n2", "Search"), node("n3", "Answer")]
AGENT_EDGES = [("n1", "n2", "search"), ("n1", "n3", "answer"), ("n2", "n1", "default")]
BOOM = {"type": "ValueError", "message": "boom", "traceback": "Traceback…\nValueError: boom\n"}
