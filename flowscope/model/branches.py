"""Branches: what the program did before it was led back, and what it did instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .spans import Span


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """An abandoned future: from the begin of `to` until the user led the program back to there."""

    number: int
    to: Span
    step: int
    """The first step after the rewind."""
    roots: list[Span]
    """The outermost spans that were abandoned, `to` first."""

    @property
    def visits(self) -> list[Span]:
        """What was abandoned, in begin order."""
        return visits_of(self.roots)


def abandon(to: Span, number: int, step: int) -> Branch:
    """Mark what began at `to` or after it on its lane, with all below: the siblings of its lane stay."""
    roots = [to]
    span = to
    while (parent := span.parent) is not None and parent.lane == to.lane:
        later = []
        for sibling in reversed(parent.children):
            if sibling.step <= to.step:
                break
            if sibling.lane == to.lane:
                later.append(sibling)
        roots += reversed(later)
        span = parent
    roots = [root for root in roots if root.branch is None]
    for root in roots:
        for below in root.walk():
            if below.branch is None:
                below.branch = number
    return Branch(number, to, step, roots)


def instead(branch: Branch) -> list[Span]:
    """The visits that took the place of a branch: those that began after the rewind, and still stand."""
    visits = visits_of(roots_instead(branch))
    return [visit for visit in visits if visit.step >= branch.step]  # not the flow that goes on


def roots_instead(branch: Branch) -> list[Span]:
    """The outermost spans that took the place of a branch."""
    roots: list[Span] = []
    span = branch.to
    while (parent := span.parent) is not None and parent.lane == branch.to.lane:
        roots += [child for child in parent.children if child.step >= branch.step and child.branch is None]
        span = parent
    return roots


def visits_of(roots: Iterable[Span]) -> list[Span]:
    """All visits at or below these spans, in begin order; of a phase, the visit that it belongs to."""
    visits = {root.visit.id: root.visit for root in roots if root.kind not in ("run", "visit", "item")}
    for root in roots:
        visits |= {span.id: span for span in root.walk() if span.kind in ("run", "visit")}
    return sorted(visits.values(), key=lambda visit: (visit.begin, visit.id))
