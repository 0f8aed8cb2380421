"""Branches: what the program did before it was led back, and what it did instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .spans import Edit, Span


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """An abandoned future: from the begin of `to` until the user led the program back to there."""

    number: int
    to: Span
    at: Span
    """What goes on: around `to`, or entered again in place of what is."""
    step: int
    """The first step after the rewind."""
    roots: list[Span]
    """The outermost spans that were abandoned, `to` first."""

    @property
    def visits(self) -> list[Span]:
        """What was abandoned, in begin order."""
        return visits_of(self.roots)


def abandon(
    to: Span, number: int, step: int, at: Span | None = None, left: list[Span] | None = None
) -> Branch:
    """Mark what was left, with all below: what began at `to` or after it on its lane, unless that is told."""
    roots = _from(to) if left is None else [to, *(span for span in left if span is not to)]
    roots = [root for root in roots if root.branch is None]
    for root in roots:
        for below in root.walk():
            if below.branch is None:
                below.branch = number
    return Branch(number, to, to if at is None else at, step, roots)


def _from(to: Span) -> list[Span]:
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
    return roots


def take_over(span: Span, old: Span) -> None:
    """What a rewind into the midst of the old one has left as it was stands below the new one."""
    if kept := [child for child in old.standing if child.branch is None]:
        span.kept = kept
    around = None if span.parent is None else span.parent.kept
    if around is not None and old in around:
        around.remove(old)
    if old.edits:  # what was set before the step that is led back to
        span.edits = [Edit(span.step, "set", name, value) for name, value in old.by_hand().items()]


def instead(branch: Branch) -> list[Span]:
    """The visits that took the place of a branch: those that began after the rewind, and still stand."""
    visits = visits_of(roots_instead(branch))
    return [visit for visit in visits if visit.step >= branch.step]  # not the flow that goes on


def roots_instead(branch: Branch) -> list[Span]:
    """The outermost spans that took the place of a branch."""
    around = {span.id: span for span in (*branch.to.path()[1:], *branch.at.path())}
    return [
        child
        for span in around.values()
        if span.lane == branch.to.lane
        for child in span.children
        if child.step >= branch.step and child.branch is None
    ]


def visits_of(roots: Iterable[Span]) -> list[Span]:
    """All visits at or below these spans, in begin order; of a phase, the visit that it belongs to."""
    visits = {root.visit.id: root.visit for root in roots if root.kind not in ("run", "visit", "item")}
    for root in roots:
        visits |= {span.id: span for span in root.walk() if span.kind in ("run", "visit")}
    return sorted(visits.values(), key=lambda visit: (visit.begin, visit.id))
