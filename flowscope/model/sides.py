"""What is compared: the visits of a program, of a branch, or of what was done in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .branches import Branch, roots_instead
from .model import Model
from .spans import Span

_KINDS = ("run", "visit", "item")


@dataclass(frozen=True, slots=True)
class Side:
    """Runs, visits and items of one model, outermost first, and how they are called."""

    name: str
    model: Model
    roots: list[Span]
    is_cut: bool = False
    """What would follow is not known: it was cut or left, or it still goes on."""
    branch: int | None = None
    """The number of the branch that this is, if it is one."""
    notes: tuple[str, ...] = ()
    """What else is to be known of it, in sentences."""

    @classmethod
    def whole(cls, name: str, model: Model, notes: tuple[str, ...] = ()) -> Side:
        """All that a program did; branches that were abandoned are left out."""
        roots = [run for run in model.runs if run.parent is None and run.branch is None]
        return cls(name, model, roots, model.exit is None, notes=notes)

    def inner(self, span: Span, with_kept: bool = True) -> list[Span]:
        """The visits, runs and items right below: items by index, whichever lane was faster.

        With those that a rewind into its midst has kept, unless only its own are wanted.
        """
        found: list[Span] = []
        pending = (span.standing if with_kept else span.children)[::-1]
        while pending:
            below = pending.pop()
            if below.branch not in (None, self.branch):
                continue
            if below.kind in _KINDS:
                found.append(below)
            else:
                pending += reversed(below.standing if with_kept else below.children)
        return sorted(found, key=lambda each: -1 if each.item is None else each.item)

    def is_over(self, span: Span) -> bool:
        """Is it known how the span ended? Of one that was cut off or left, it is not."""
        is_left = span.status == "cancelled" and span.branch is not None
        return not (self.is_cut and (is_left or span.status in ("open", "unfinished")))

    def has_changes(self, span: Span) -> bool:
        """Is it kept what the span changed in `shared`? The oldest changes of very long runs are not."""
        return span.step >= self.model.history.dropped


def of_branch(branch: Branch, model: Model) -> tuple[Side, Side]:
    """An abandoned branch, and what was done instead."""
    around = {span.id for span in _row(branch.to).path()[1:]}
    left = list(_outermost(branch.roots, around))
    now = Side("instead", model, [], model.exit is None)
    roots = list(_entered(now, _outermost(roots_instead(branch), around), around))
    return Side("the branch", model, left, True, branch.number), replace(now, roots=roots)


def _outermost(roots: Iterable[Span], around: set[int]) -> Iterator[Span]:
    """The spans that rows are made of; of a phase, its visit or item, but not a flow around the branch."""
    seen = set(around)
    for root in roots:
        row = _row(root)
        if row.id not in seen:
            seen.add(row.id)
            yield row


def _row(span: Span) -> Span:
    return next((around for around in span.path() if around.kind in _KINDS), span)


def _entered(side: Side, spans: Iterable[Span], around: set[int]) -> Iterator[Span]:
    """A flow that was entered again in its midst stands for what is in it: the branch began there, too."""
    for span in spans:
        if span.again in around:
            yield from _entered(side, side.inner(span, with_kept=False), around)
        else:
            yield span
