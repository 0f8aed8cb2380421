"""What the panes show: which lane, which moment, which node. Every pane reads it, the app alone sets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowscope.model import Change, Model, Span, Step, Stopped, merged
from flowscope.model.patch import Value

if TYPE_CHECKING:
    from .breakpoints import Breakpoints

Path = tuple[Any, ...]


class Focus:
    """One place of one run. Without a moment it is now: where the lane in focus stands."""

    def __init__(self, model: Model, breakpoints: Breakpoints | None = None) -> None:
        self.model = model
        self.breakpoints = breakpoints
        """Those of the program, for the marks of panes."""
        self.lane = 0
        self.moment: int | None = None
        """The number of the step of the past that is shown; None is now."""
        self.selected: str | None = None
        """The node that the user chose; None follows the program."""
        self.pinned: Span | None = None
        """The span that the user chose, of those around; None follows the program."""

    def follow(self) -> None:
        """Back to where the program stands."""
        self.selected = self.pinned = self.moment = None

    def go_to(self, step: Step) -> None:
        """Show a step of the past; the latest one is now."""
        self.follow()
        if step != self.model.history.last:
            self.moment = step.number

    def show(self, span: Span) -> None:
        """Show a span as it ended; where it is still open, as it is now."""
        step = self.model.history.of(span, "end")
        self.follow()
        self.moment = None if step is None else step.number
        self.pinned = span

    @property
    def step(self) -> Step | None:
        """The step that is shown; now, the latest of the lane's."""
        if self.moment is not None:
            return self.model.history.at(self.moment)
        stop = self.stop
        if stop is not None and stop.span in self.model.spans:
            found = self.model.history.of(self.model.spans[stop.span], stop.at)
            if found is not None:
                return found
        return self.model.history.last

    @property
    def stop(self) -> Stopped | None:
        """What holds the lane in focus, if something does."""
        return self.model.stopped.get(self.lane)

    @property
    def span(self) -> Span | None:
        """The innermost span that is shown."""
        if self.pinned is not None:
            return self.pinned
        if self.moment is not None:
            step = self.model.history.at(self.moment)
            return None if step is None else step.span
        stop = self.stop
        if stop is not None and stop.span in self.model.spans:
            span = self.model.spans[stop.span]
            return span.origin() if stop.reason == "exception" else span
        path = self.model.current(self.lane)
        if path:
            return path[0]
        return self.model.runs[-1].origin() if self.model.runs else None

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
    def goal(self) -> Span | None:
        """To whose begin a rewind leads: what the user chose, in the past the step shown, else the visit."""
        if self.pinned is not None:
            return self.pinned
        step = None if self.moment is None else self.model.history.at(self.moment)
        return self.visit if step is None or step.span.visit is not self.visit else step.span

    @property
    def node(self) -> str | None:
        """The id of the node that is shown: the selected one, else where the span is."""
        return self.selected if self.selected is not None else self.current_node

    @property
    def current_node(self) -> str | None:
        """The id of the node where the program stands, or stood, whatever is selected."""
        span = self.span
        return None if span is None else span.visit.node

    def source(self) -> tuple[str | None, int | None]:
        """File and line of the user's method behind the span that is shown, or of the node's class."""
        span = self.span
        while span is not None and span.visit is self.visit:
            if span.file is not None:
                return span.file, span.line
            span = span.parent
        node = self.model.nodes.get(self.node or "", {})
        return (node.get("file"), node.get("line")) if node.get("phases") else (None, None)

    def latest_visit(self, node: str) -> Span | None:
        """The latest visit of a node, at the moment that is shown; None before the first."""
        if self.moment is None:
            return self.model.tally.latest.get(node)
        found = self.model.history.previous_visit(self.moment + 1, node)
        return None if found is None else found.span

    def shared(self) -> Value:
        """`shared` of the run that is shown; None before there is one."""
        run, step = self.innermost_run, self.step
        if run is None:
            return None
        if self.moment is None or step is None:
            return self.model.shared.get(run.id)
        return self.model.history.shared(self.model.history.given(step, run.id), run.id)

    def marks(self) -> dict[Path, Change]:
        """What to mark in `shared`: the changes of the last step, by path."""
        run, step = self.innermost_run, self.step
        if run is None:
            return {}
        if self.moment is None or step is None:
            return self.model.marks(run.id)
        changes = self.model.history.changes_at(step)
        return merged(each for each in changes if each.path and self.model.spans[each.span].run is run)

    @property
    def innermost_run(self) -> Span | None:
        """The run whose `shared` is shown."""
        span = self.span
        return None if span is None else span.run
