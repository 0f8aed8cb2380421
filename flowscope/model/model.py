"""The state of a debugged program, folded from its events; every view reads it, none writes it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import structs

from . import events
from .at_once import AtOnce
from .branches import Branch, abandon, take_over
from .by_hand import ByHand
from .changes import merged
from .events import Blocked, Change, Event, Exit, Graph, Header, Input, Intervention, Notice, Stopped
from .history import History
from .lane_rows import lane_name
from .lanes import LANE_STATUS, Lane
from .lints import Lints
from .outputs import Output, Outputs
from .patch import Owned, Value, patch
from .regions import culprit
from .spans import Edit, Span
from .tally import Edge, Tally

_MOST_MARKS = 2_000  # changes looked through for marks


class Model:
    """Folds events one by one with `apply`; read the rest.

    Runs are named by the id of their span. Work per event does not grow with the length of the run.
    """

    def __init__(self, no_lints: Collection[str] = ()) -> None:
        self.header: Header | None = None
        self.graphs: dict[int, Graph] = {}
        """The latest graph of each run."""
        self.nodes: dict[str, dict[str, Any]] = {}
        """The latest description of every node, by its id; ids are unique in the program."""
        self.spans: dict[int, Span] = {}
        self.runs: list[Span] = []
        """In begin order; a run started within a node has a parent."""
        self.visits: list[Span] = []
        """In begin order: visits, and runs of a plain node."""
        self._at_once = AtOnce()
        self.lanes = self._at_once.lanes
        self.regions = self._at_once.regions
        """Parallel regions: by the id of the span that started the lanes; see there for gathered runs."""
        self.blocked = self._at_once.blocked
        """When a lane kept the loop for long."""
        self.interventions: list[Intervention] = []
        self.by_hand = ByHand()
        """What the user does to lanes."""
        self.tally = Tally()
        """What is counted of nodes and edges."""
        self.shared: dict[int, Value] = {}
        """Each run's `shared` as it is now. Do not keep it: take_dirty, then read it again."""
        self.history = History()
        """Every step, and `shared` as it was there."""
        self.changes = self.history.changes
        """The latest changes: the oldest are let go together with their steps."""
        self.branches: list[Branch] = []
        """What was abandoned by going back."""
        self.outputs = Outputs()
        self.stopped = self._at_once.stopped
        """The lanes that are held by the debugger."""
        self.input: Input | None = None
        """What the program asks for, while it waits for a line."""
        self.notices: list[Notice] = []
        self.lints = Lints(self, no_lints)
        """What looks wrong; not by the rules of these names."""
        self.exit: Exit | None = None
        self.ended = False
        """No event will follow: the program has exited, or the stream was cut."""
        self._dirty: set[str] = set()
        self._open: dict[int, Span] = {}
        self._owned: Owned = {}
        self._since_resume = 0  # index in changes
        self._since_visit = 0  # index in changes: of those that the latest visit made
        self._latest = 0  # ts

    def apply(self, event: dict[str, Any]) -> bool:
        """Fold one event. False: it is ignored, being unknown or incomplete; a newer engine may send such."""
        parsed = events.parse(event)
        if parsed is not None:
            self._fold(parsed)
        return parsed is not None

    def take_dirty(self) -> set[str]:
        """What has changed since the last call: header, graph, spans, edges, lanes, shared, output, stopped,
        input, notices, interventions, exit."""
        dirty, self._dirty = self._dirty, set()
        self._owned.clear()
        return dirty

    def cut(self) -> None:
        """The stream ends here, with an exit or without: what is still open stays unfinished."""
        if self.ended:
            return
        self.ended = True
        for span in self._open.values():
            span.status = "unfinished"
            self._close(span, self._latest)
        for lane in self.lanes.values():
            lane.stop = None
            if lane.current is not None:
                self._finish(lane, "unfinished", self._latest)
        self._open.clear()
        self.stopped.clear()
        self.history.thinned = None  # there is no program to lead back
        self.lints.finished()
        self.input = None
        self._dirty |= {"spans", "lanes", "stopped", "input", "exit"}

    def current(self, lane: int) -> list[Span]:
        """The open spans of a lane and those around it, innermost first; at the end, where it was cut off."""
        found = self.lanes.get(lane)
        return [] if found is None or found.current is None else found.current.path()

    def elapsed(self, span: Span, now: int | None = None) -> int:
        """Nanoseconds of the program's that it has taken, at `now` or the latest event if it is open."""
        return self._at_once.elapsed(span, self._latest if now is None else now)

    def worked(self, ts: int | None = None) -> int:
        """Nanoseconds from the first run to this time, or to the latest event, without stops of all of it."""
        ts = self._latest if ts is None else ts
        return self._at_once.worked(self.runs[0].begin if self.runs else ts, ts)

    def parts(self, bounds: Sequence[int]) -> list[tuple[int, int]]:
        """When it was between each two of these times of `worked`; of a part with a stop, the longer side."""
        return self._at_once.parts(self.runs[0].begin if self.runs else 0, bounds)

    def undeclared(self, run: int) -> set[Edge]:
        """The edges that were taken though the run's graph does not have them."""
        graph = self.graphs.get(run)
        edges = [] if graph is None else graph.edges
        declared = {(edge.get("source"), edge.get("target"), edge.get("action")) for edge in edges}
        return {edge for edge in self.tally.taken.get(run, ()) if edge not in declared}

    @property
    def stands_still(self) -> bool:
        """Is the whole program held, not only lanes of it?"""
        return self._at_once.stands_still

    @property
    def last_changes(self) -> list[Change]:
        """At a stop, the changes since the program last went on; else those of the latest visit with any."""
        since = self._since_resume if self.stopped else self._since_visit
        return self.changes[max(since, len(self.changes) - _MOST_MARKS) :]

    def marks(self, run: int) -> dict[tuple[Any, ...], Change]:
        """What to mark in this run's `shared`: `last_changes`, several of one path made one."""
        mine = (change for change in self.last_changes if self.spans[change.span].run.id == run)
        return merged(change for change in mine if change.path)

    def _fold(self, event: Event) -> None:
        match event:
            case events.Begin():
                self._begin(event)
            case events.End():
                self._end(event)
            case Change():
                self._change(event)
            case events.Output():
                # What the terminal shows while a node waits for a line is its prompt, and the line.
                writer = self.input.span if event.span is None and self.input is not None else event.span
                span = None if writer is None else self.spans.get(writer)
                label = "" if span is None else span.label
                output = Output(event.lane, event.span, label, event.stream, event.text, event.ts)
                self.outputs.append(output)
                self._seen("output", event.ts)
            case events.Lane():
                self._at_once.tell(event)
                if event.name is not None:
                    self.by_hand.roots[event.name] = event.id
                self._seen("lanes")
            case Blocked():
                self._block(event)
            case Intervention():
                self._intervene(event)
            case events.Thinned():
                self.history.thinned = event
                self._seen("spans", event.ts)
            case events.Schedule():
                self.by_hand.schedule = event
            case events.Following():
                self.by_hand.follow(event)
                self._seen("lanes")
            case Graph():
                self.graphs[event.run] = event
                self.nodes.update((str(node.get("id")), node) for node in event.nodes)
                self._seen("graph")
            case Stopped():
                self._at_once.stop(event)
                self._seen("stopped", event.ts)
            case events.Resumed():
                self._since_resume = len(self.changes)
                self._at_once.resume(event)
                self._seen("stopped", event.ts)
            case Input():
                self.input = event if event.state == "asked" else None
                self._seen("input")
            case Notice():
                self.notices.append(event)
                self._seen("notices")
                self._log(event)
            case Header():
                self.header = event
                self._seen("header")
            case Exit():
                self.exit = event
                self._seen("exit", event.ts)
                self.cut()

    def _seen(self, what: str, ts: int | None = None) -> None:
        self._dirty.add(what)
        if ts is not None and ts > self._latest:
            self._latest = ts

    def _log(self, notice: Notice) -> None:
        """A log message stands among the output, beside what its node printed."""
        span = self.spans.get(notice.span) if notice.span is not None else None
        if span is not None:
            text = notice.text + "\n"
            self.outputs.append(Output(span.lane, span.id, span.label, "log", text, self._latest))
            self._seen("output")

    def _begin(self, event: events.Begin) -> None:
        parent = None if event.parent is None else self.spans.get(event.parent)
        span = Span(
            id=event.id,
            kind=event.kind,
            node=event.node,
            label=event.label,
            lane=event.lane,
            begin=event.ts,
            parent=parent,
            is_flow=str(self.nodes.get(event.node, {}).get("kind", "")).endswith("Flow"),
            item=event.item,
            attempt=event.attempt,
            value=event.value,
            params=event.params,
            number=event.visit or 1,
            file=event.file,
            line=event.line,
            inherited=event.inherited,
            again=event.again,
            shares=event.shares,
        )
        self.spans[span.id] = self._open[span.id] = span
        if parent is not None:
            parent.children.append(span)
        if span.kind == "run":
            self.runs.append(span)
        elif span.kind == "visit" and parent is not None:
            if span.again is not None:
                self._repeat(parent, span.again)
            self._follow(parent, span)
        if span.kind == "visit" or (span.kind == "run" and not span.is_flow):
            self.visits.append(span)
            self.tally.began(span)
        lane = self._at_once.begin(span)
        self._reach(span, "begin")
        old = None if span.again is None else self.spans.get(span.again)
        if old is not None:
            take_over(span, old)
        self.lints.began(span)
        if lane.span is span:
            self._at_once.start(lane, span)
            self._dirty.add("lanes")
        self._seen("spans", event.ts)

    def _repeat(self, parent: Span, again: int) -> None:
        """A visit begins in place of one that a rewind led into the midst of: all of that is left."""
        parent.left = None
        old = self.spans.get(again)
        if old is not None and old.branch is None and self.branches:
            old.branch = self.branches[-1].number
            self.tally.abandon([old], old)

    def _follow(self, parent: Span, span: Span) -> None:
        """A visit begins: the one that ended before it under the same parent took an edge to it."""
        before, parent.left = parent.left, None
        if before is not None:
            self.tally.follow(span, before)
            self._dirty.add("edges")

    def _end(self, event: events.End) -> None:
        span = self._open.pop(event.id, None)
        if span is None:
            self._correct(event)
            return
        self._told_end(span, event)
        if self.input is not None and self.input.span == event.id:  # at an end of input, nothing else tells
            self.input = None
            self._seen("input")
        self._close(span, event.ts, event.held)
        self._reach(span, "end")
        parent = span.parent
        if span.kind in ("run", "visit"):
            self.tally.ended(span)
        if span.kind == "visit" and parent is not None:
            parent.left = span if span.status == "ok" else None
        self.lints.ended(span)
        lane = self.lanes[span.lane]
        if lane.current is span:
            goes_on = parent is not None and parent.lane == span.lane and parent.id in self._open
            lane.current = parent if goes_on else None
            if not goes_on:
                self._finish(lane, LANE_STATUS.get(span.status, span.status), span.end)
        self._seen("spans", event.ts)

    def _correct(self, event: events.End) -> None:
        """A span ends otherwise than was told: the user intervened where it had just ended."""
        span = self.spans.get(event.id)
        if span is None:
            return
        if span.kind in ("run", "visit"):
            self.tally.reopened(span)
        self._told_end(span, event)
        if span.kind in ("run", "visit"):
            self.tally.ended(span)
        if span.kind == "visit" and span.parent is not None:
            span.parent.left = span if span.status == "ok" else None
        self._seen("spans", event.ts)

    @staticmethod
    def _told_end(span: Span, event: events.End) -> None:
        if event.given != "edit" or span.status != "ok":  # else the visit's edits tell of it
            span.result = event.result
        span.status, span.action, span.error = event.status, event.action, event.error
        span.given = event.given or ("replay" if event.replayed else "")

    def _reach(self, span: Span, at: str) -> None:
        self.history.add(span, at)
        if self.history.is_full:
            gone = self.history.drop()
            self._since_resume = max(0, self._since_resume - gone)
            self._since_visit = max(0, self._since_visit - gone)

    def _close(self, span: Span, ts: int, held: int | None = None) -> None:
        end = max(ts, span.begin)
        span.held = self._at_once.held(span, end) if held is None else held
        span.end = end

    def _change(self, change: Change) -> None:
        span = self.spans.get(change.span)
        if span is None:
            return
        before = self.spans[self.changes[-1].span] if self.changes else None
        if before is not span:
            self._owned.clear()  # values of an earlier step stay as they were
        if before is None or before.visit is not span.visit:
            self._since_visit = len(self.changes)
        span.changes.append(change)
        run = span.run.id
        if self.history.change(change, run, self.shared.get(run)):
            self._owned.clear()  # the value before is kept, as it is
        new = None if change.op == "remove" else change.new
        self.shared[run] = patch(self.shared.get(run), change.path, change.op, new, self._owned)
        self.lints.changed(change, span)
        self._dirty.add("shared")

    def _block(self, event: Blocked) -> None:
        span = None if event.span is None else self.spans.get(event.span)
        if span is not None:
            span = culprit(span, event)
            event = structs.replace(event, span=span.id)
            self.lints.blocked(event, span)
        self._at_once.block(event, span)
        self._seen("lanes", event.ts)

    def _intervene(self, event: Intervention) -> None:
        self.interventions.append(event)
        step = self.history.dropped + len(self.history)
        lane = 0 if event.lane is None else event.lane
        self.by_hand.intervened(event, lane_name(lane, self.lanes.get(lane)))
        target = None if event.to is None else self.spans.get(event.to)
        if target is not None and target.parent is not None:
            target.parent.left = None  # no edge leads from what is left to what begins anew
        if target is not None:
            at = None if event.span is None else self.spans.get(event.span)
            gone = None if event.left is None else [self.spans[id] for id in event.left if id in self.spans]
            branch = abandon(target, len(self.branches), step, at, gone)
            self.branches.append(branch)
            left = [visit for visit in branch.visits if visit.branch == branch.number]
            self.tally.abandon(left, target)
            if target.visit.edits:
                target.visit.edit(Edit(step, "back", value=target.step))
        at = None if event.span is None else self.spans.get(event.span)
        if at is not None and event.name is not None:
            op = "undo" if event.kind == "undo" else "set"
            at.visit.edit(Edit(step, op, event.name, event.value))
            self._dirty.add("spans")
        span = None if event.reopens is None else self.spans.get(event.reopens)
        if span is not None:
            if span.kind in ("run", "visit"):
                self.tally.reopened(span)
            span.status, span.end, span.error, span.action = "open", None, None, None
            span.end_step = None
            self._open[span.id] = span
            self._at_once.reopen(span, event.ts)
        self._seen("interventions", event.ts)

    def _finish(self, lane: Lane, status: str, ts: int | None) -> None:
        self._at_once.finish(lane, status, ts)
        self._dirty.add("lanes")
