"""What the panes show: which lane, which moment, which node. Every pane reads it, the app alone sets it."""

from __future__ import annotations

from typing import Any

from flowscope.model import Change, Model, Span
from flowscope.model.patch import Value

Path = tuple[Any, ...]


class Focus:
    """One place of one run. Without a moment it is now: where the lane in focus stands."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.lane = 0
        self.selected: str | None = None
        """The node that the user chose; None follows the program."""
        self.pinned: Span | None = None
        """The visit that the user chose in the timeline; None follows the program."""

    def follow(self) -> None:
        """Back to where the program stands."""
        self.selected = self.pinned = None

    @property
    def stop(self) -> Any:
        """The Stopped event that holds the lane in focus, if one does."""
        return self.model.stopped.get(self.lane)

    @property
    def span(self) -> Span | None:
        """The innermost span that is shown."""
        if self.pinned is not None:
            return self.pinned
        stop = self.stop
        if stop is not None and stop.span in self.model.spans:
            return self.model.spans[stop.span]
        path = self.model.current(self.lane)
        if path:
            return path[0]
        return self.model.runs[-1] if self.model.runs else None

    @property
    def run(self) -> Span | None:
        """The top-level run around it, whose graph is shown."""
        span = self.span
        while span is not None and span.run.parent is not None:
            span = span.run.parent
        return None if span is None else span.run

    @property
    def visit(self) -> Span | None:
        """The visit that is shown: of the selected node the latest one, else where the span is."""
        span = self.span
        if self.selected is not None and (span is None or span.visit.node != self.selected):
            return self.latest_visit(self.selected)
        return None if span is None else span.visit

    @property
    def node(self) -> str | None:
        """The id of the node that is shown: the selected one, else where the span is."""
        if self.selected is not None:
            return self.selected
        span = self.span
        return None if span is None else span.visit.node

    @property
    def current_node(self) -> str | None:
        """The id of the node where the program stands, whatever is selected."""
        span = self.span
        return None if span is None else span.visit.node

    def source(self) -> tuple[str | None, int | None]:
        """File and line of the method behind the span that is shown, or of the node's class."""
        span = self.span
        while span is not None and span.visit is self.visit:
            if span.file is not None:
                return span.file, span.line
            span = span.parent
        node = self.model.nodes.get(self.node or "", {})
        return node.get("file"), node.get("line")

    def latest_visit(self, node: str) -> Span | None:
        """The latest visit of a node; None before the first."""
        return self.model.latest_visit.get(node)

    def shared(self) -> Value:
        """`shared` of the run that is shown; None before there is one."""
        run = self._innermost_run()
        return None if run is None else self.model.shared.get(run.id)

    def marks(self) -> dict[Path, Change]:
        """What to mark in `shared`: the changes of the last step, by path."""
        run = self._innermost_run()
        return {} if run is None else self.model.marks(run.id)

    def _innermost_run(self) -> Span | None:
        span = self.span
        return None if span is None else span.run
