"""What the graph pane shows: the graph with the edges that were seen, and the look of its parts."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter

from flowscope.graph.build import Graph, add_edge, build
from flowscope.graph.drawing import Drawing, EdgeKey
from flowscope.graph.look import EdgeLook, Mark, NodeLook, Use
from flowscope.model import Model, Span, Step
from flowscope.model.tally import Edge

from .focus import Focus

_LOOKED = 16  # visits of a node looked through for one that is open, or failed in the past

_OVER = {"ok": Mark.VISITED, "failed": Mark.FAILED, "cancelled": Mark.CANCELLED}


def graph_of(model: Model, run: int) -> Graph:
    """The run's graph, with the edges that were taken though it does not declare them."""
    found = model.graphs.get(run)
    if found is None:
        return build([], [])
    graph = build(found.nodes, found.edges)
    for edge in sorted(model.undeclared(run)):
        add_edge(graph, edge.source, edge.target, edge.action, declared=False)
    return graph


class FocusLook:
    """Marks and counts of what is drawn, worked out when they are asked for; a folded flow stands for what
    it holds. Where the focus is on the past, they are as they were then."""

    def __init__(self, focus: Focus, graph: Graph, drawing: Drawing, run: int, past: Past) -> None:
        self._focus, self._model = focus, focus.model
        self._graph, self._drawing, self._run, self._past = graph, drawing, run, past
        self._inside: dict[str, list[str]] = {}
        for node, box in drawing.hidden.items():
            self._inside.setdefault(box, []).append(node)
        self._stops: dict[str, bool | None] = {}
        self._specs: list[tuple[str, bool]] = []
        self.renew()

    def renew(self) -> None:
        """The program has gone on, or the focus: look again."""
        focus, model = self._focus, self._model
        here = self._drawing.box_of(focus.current_node or "")
        self._step = None if focus.moment is None else focus.step
        span, run = focus.span, focus.run
        over = model.ended and self._step is None and span is not None and span.status in _OVER
        self._here = None if here is None or over else here.node
        self._done = run if run is not None and run.end is not None and self._step is None else None
        self._around = set() if span is None else {each.node for each in span.path()}
        if self._step is None:
            last = model.tally.last_edge
            self._last: EdgeKey | None = last[1] if last is not None and last[0] == self._run else None
            self._begun = bool(model.visits)
        else:
            self._past.look_from(self._step.number)
            self._last = self._past.last(self._run)
            self._begun = True
        if focus.breakpoints is not None:
            specs = [(each.spec, each.enabled) for each in focus.breakpoints.all]
            if specs != self._specs:
                self._specs = specs
                self._stops.clear()

    def node(self, key: str) -> NodeLook:
        """The look of a box."""
        step, model = self._step, self._model
        if step is None:
            count, failed = model.tally.visits[key], model.tally.failed[key] > 0
        else:
            count = self._past.visits(key) if key in model.tally.visits else 0
            failed = count > 0 and self._had_failed(key, step)
        mark = Mark.NONE
        if key == self._here:
            mark = Mark.CURRENT
        elif self._is_open(key, step):
            mark = Mark.RUNNING
        elif count:
            mark = Mark.FAILED if failed else _OVER.get(self._latest_end(key), Mark.VISITED)
        elif self._done is not None and key == self._done.node:
            mark = _OVER.get(self._done.status, Mark.VISITED)
        stops = {self._stop(each) for each in (key, *self._inside.get(key, ()))} - {None}
        parallel = "Parallel" in str(self._graph.nodes[key]["kind"])
        latest = model.tally.latest.get(key) if parallel and step is None else None
        note = "" if latest is None else model.regions.summary(latest)
        return NodeLook(mark, count, failed, any(stops) if stops else None, key == self._focus.selected, note)

    def _latest_end(self, key: str) -> str:
        """How its latest visit ended; one that a rewind has left did not."""
        latest = self._model.tally.latest.get(key) if self._step is None else None
        return "" if latest is None or latest.branch is not None else latest.status

    def edge(self, key: EdgeKey) -> EdgeLook:
        """The look of an edge."""
        if self._step is None:
            count = self._model.tally.edges[Edge(*key)]
        else:
            count = self._past.taken(key)
        use = Use.TAKEN if count else Use.NEVER if self._begun else Use.PLAIN
        return EdgeLook(Use.NOW if key == self._last else use, count)

    def _is_open(self, key: str, step: Step | None) -> bool:
        if key in self._around:
            return step is not None or not self._model.ended
        if step is None:
            return not self._model.ended and any(span.end is None for span in self._visits(key, None))
        return any(self._model.history.status(span, step) == "open" for span in self._visits(key, step))

    def _had_failed(self, key: str, step: Step) -> bool:
        return any(self._model.history.status(span, step) == "failed" for span in self._visits(key, step))

    def _visits(self, key: str, step: Step | None) -> list[Span]:
        """The latest visits of a node, at a step or now."""
        history, found = self._model.history, list[Span]()
        at = self._model.history.dropped + len(history) if step is None else step.number + 1
        while len(found) < _LOOKED and (before := history.previous_visit(at, key)) is not None:
            found.append(before.span)
            at = before.number
        return found

    def _stop(self, key: str) -> bool | None:
        """Is a breakpoint on this node on? None where it has none."""
        if not self._specs or self._focus.breakpoints is None:
            return None
        if key not in self._stops:
            found = self._focus.breakpoints.of_node({"id": key, **self._graph.nodes[key]})
            self._stops[key] = any(each.enabled for each in found) if found else None
        return self._stops[key]


class Past:
    """What was counted at a step of the past: worked out when that is first looked at, then kept up.

    As in the model's tally, what a rewind had abandoned by then is not counted.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._known = 0  # visits looked at
        self._before: dict[int, Span] = {}  # the latest visit within each span
        self._entered: dict[int, EdgeKey] = {}  # by the id of the visit
        self._taken: dict[EdgeKey, array[int]] = {}
        self._order: dict[int, tuple[array[int], list[EdgeKey]]] = {}
        self._step = -1
        self._branches = 0
        self._gone: Counter[str] = Counter()
        self._untaken: Counter[EdgeKey] = Counter()

    def look_from(self, step: int) -> None:
        """Be at this step."""
        visits, branches = self._model.visits, self._model.branches
        for number in range(self._known, len(visits)):
            self._add(visits[number])
        self._known = len(visits)
        if (step, len(branches)) == (self._step, self._branches):
            return
        self._step, self._branches = step, len(branches)
        self._gone.clear()
        self._untaken.clear()
        for branch in branches:
            for visit in branch.visits if branch.step <= step else ():
                self._gone[visit.node] += 1
                if visit is not branch.to and visit.id in self._entered:
                    self._untaken[self._entered[visit.id]] += 1

    def visits(self, node: str) -> int:
        """How many visits of a node had begun."""
        return max(0, self._model.history.visits(self._step, node) - self._gone[node])

    def taken(self, edge: EdgeKey) -> int:
        """How often an edge had been taken."""
        return bisect_right(self._taken.get(edge, ()), self._step) - self._untaken[edge]

    def last(self, run: int) -> EdgeKey | None:
        """The edge taken last."""
        if run not in self._order:
            return None
        steps, edges = self._order[run]
        at = bisect_right(steps, self._step)
        return edges[at - 1] if at else None

    def _add(self, visit: Span) -> None:
        if visit.kind != "visit" or visit.parent is None:
            return
        before = self._before.get(visit.parent.id)
        self._before[visit.parent.id] = visit
        if before is None or before.status != "ok":
            return
        if before.branch is not None and self._model.branches[before.branch].step <= visit.step:
            return  # the program was led back in between
        edge = (before.node, visit.node, before.action or "default")
        self._entered[visit.id] = edge
        self._taken.setdefault(edge, array("q")).append(visit.step)
        steps, edges = self._order.setdefault(visit.run.id, (array("q"), []))
        steps.append(visit.step)
        edges.append(edge)
