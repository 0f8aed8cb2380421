"""What is counted of nodes and edges; what a rewind abandons is counted no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from .spans import Span


class Edge(NamedTuple):
    """From node to node by an action, as `taken` counts them."""

    source: str
    target: str
    action: str


class Tally:
    """Counts that are kept up as visits begin and end."""

    def __init__(self) -> None:
        self.visits: Counter[str] = Counter()
        """Visits of each node, and runs of a plain node."""
        self.latest: dict[str, Span] = {}
        """The latest of them."""
        self.failed: Counter[str] = Counter()
        """Failed visits and runs of each node."""
        self.taken: dict[int, Counter[Edge]] = {}
        """How often each edge was taken, by run; those that no graph declares as well."""
        self.edges: Counter[Edge] = Counter()
        """The same, of all runs together: as the visits are counted."""
        self.last_edge: tuple[int, Edge] | None = None
        """The run and the edge taken last."""
        self._entered: dict[int, Edge] = {}  # by the id of the visit

    def began(self, visit: Span) -> None:
        """A visit begins."""
        self.visits[visit.node] += 1
        self.latest[visit.node] = visit

    def follow(self, visit: Span, before: Span) -> None:
        """The visit that ended before this one took an edge to it."""
        edge = Edge(before.node, visit.node, before.action or "default")
        self.taken.setdefault(visit.run.id, Counter())[edge] += 1
        self.edges[edge] += 1
        self.last_edge = (visit.run.id, edge)
        self._entered[visit.id] = edge

    def ended(self, visit: Span) -> None:
        """A visit or a run has ended."""
        if visit.status == "failed":
            self.failed[visit.node] += 1

    def reopened(self, visit: Span) -> None:
        """It goes on after all, or its end is told again."""
        if visit.status == "failed":
            self.failed[visit.node] -= 1

    def abandon(self, visits: Iterable[Span], to: Span) -> None:
        """A rewind to the begin of `to` leaves these: the edge that led there is the way still."""
        for visit in visits:
            self.reopened(visit)
            self.visits[visit.node] -= 1
            edge = self._entered.pop(visit.id, None)
            if edge is not None and visit is not to:
                taken = self.taken[visit.run.id]
                taken[edge] -= 1
                self.edges[edge] -= 1
                if not taken[edge]:
                    del taken[edge]
