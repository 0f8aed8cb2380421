"""Visits so far, a row each, on one axis of the program's own time."""

from __future__ import annotations

import time
from itertools import chain

from rich.cells import cell_len

from flowscope.model import Model, Span
from flowscope.model.text import one_line

from ..focus import Focus
from .rows import Parts, Rows, fit
from .spans import Look

_CARES = {"spans", "stopped", "focus", "time", "exit", "all"}
_DEEPEST = 8


class TimelinePane(Rows):
    """Enter shows the program at that visit; the end stays in view until another row is looked at."""

    FOLLOWS = True

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model = Model()
        self._shown: Span | None = None
        self._look = Look(self._model)
        self._moment: int | None = None
        self._clock = 0
        self._items: dict[int, str] = {}  # by id of an ended visit

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """Take the visits as they are now."""
        if not dirty & _CARES:
            return
        model = focus.model
        if model is not self._model:
            self._model, self._clock, self.cursor = model, 0, 0
            self._items.clear()
        was, self._shown = self._shown, focus.visit
        self._look, self._moment = Look(model), focus.moment
        # The model has no clock: while the program runs, the axis goes on with the program's own, ours.
        self._clock = max(self._clock, time.monotonic_ns()) if "time" in dirty else self._clock
        self.refresh_rows()
        if was is not self._shown:
            self._go_along(was)

    def _go_along(self, was: Span | None) -> None:
        """The cursor that was on the visit shown before goes to the one shown now."""
        visits, shown = self._model.visits, self._shown
        if shown is None or not (self.cursor < len(visits) and visits[self.cursor] is was):
            return
        at = next((at for at in range(len(visits) - 1, -1, -1) if visits[at] is shown), None)
        if at is not None:
            self.move_to(at)

    def count(self) -> int:
        """One row for each visit."""
        return len(self._model.visits)

    def empty(self) -> str:
        """No visit yet, or none at all."""
        if self._model.ended:
            return "No node was visited: the program has ended without running a flow."
        return "No node has been visited yet."

    def enter(self, at: int) -> None:
        """Show this visit."""
        self.post_message(self.Chosen(self._model.visits[at]))

    def find(self, needle: str, start: int) -> int | None:
        """By name, action or error."""
        visits = self._model.visits
        for at in chain(range(start, len(visits)), range(min(start, len(visits)))):
            visit = visits[at]
            words = f"{visit.name} → {visit.action or 'default'} {visit.status} {visit.error or ''}"
            if needle in words.lower():
                return at
        return None

    def draw(self, at: int, width: int) -> Parts:
        """Sign, name, action, duration and bar, as far as there is room."""
        visit = self._model.visits[at]
        sign, style, _ = self._look.status(visit)
        bar = min(max(width - 62, 0), width // 2)
        action = max(width - bar - 12, 0) * 2 // 5
        name = width - bar - action - 12
        is_later = self._moment is not None and visit.step > self._moment
        own = "  " * min(_depth(visit), _DEEPEST) + visit.name + (" ◂" if visit is self._shown else "")
        named = (
            "busy" if visit is self._shown else "quiet" if is_later or visit.branch is not None else "value"
        )
        parts: Parts = [(f"{sign} ", style), (own, named)]
        thinned = "thinned: not kept" if self._model.history.is_thinned(visit) else ""
        note = f" {' '.join(filter(None, (self._items_of(visit), thinned)))}"
        if cell_len(own) + len(note) <= name:
            parts.append((note, "quiet"))
        parts = _fitted(parts, name + 2)
        if action:
            outcome = fit(self._outcome(visit), action - 1)
            parts += [(outcome, "bad" if visit.error else "name"), (" ", "")]
        parts.append((f"{self._look.time(visit, self._now()):>8}", "quiet"))
        return [*parts, (" ", ""), *self._bar(visit, bar - 1, style)] if bar > 4 else parts

    def _outcome(self, visit: Span) -> str:
        if visit.error is not None:
            return f"failed: {one_line(str(visit.error), 80)}"
        if visit.status == "ok":
            return f"→ {one_line(visit.action or 'default', 80)}"
        return self._look.status(visit)[2]

    def _now(self) -> int | None:
        return None if self._model.ended or self._model.stands_still or not self._clock else self._clock

    def _bar(self, visit: Span, width: int, style: str) -> Parts:
        model = self._model
        whole = max(model.worked(self._now()), 1)
        begin = min(model.worked(visit.begin) * width // whole, width - 1)
        end = model.worked(self._now() if visit.end is None else visit.end)
        size = max(min(-(-end * width // whole), width) - begin, 1)
        return [("─" * begin, "faint"), ("━" * size, style), ("─" * (width - begin - size), "faint")]

    def _items_of(self, visit: Span) -> str:
        """`12 items, 2 failed`; empty where there are none."""
        if visit.id in self._items:
            return self._items[visit.id]
        held = [each for each in visit.standing if each.kind == "item"]
        for phase in visit.standing:
            if phase.kind == "exec":
                held += [each for each in phase.standing if each.kind == "item"]
        text = ""
        if held:
            text = f"{len(held):,} item{'s' if len(held) > 1 else ''}"
            if failed := sum(each.status == "failed" for each in held):
                text += f", {failed:,} failed"
        elif visit.parent is not None and visit.parent.kind == "item":
            text = f"of item {visit.parent.item}"
        if visit.status != "open":
            self._items[visit.id] = text
        return text


def _depth(visit: Span) -> int:
    """Visits around it; a run holds its visits at the left edge."""
    depth, span = -1, visit.parent
    while span is not None:
        depth += span.kind in ("run", "visit")
        span = span.parent
    return max(depth, 0)


def _fitted(parts: Parts, width: int) -> Parts:
    """The parts in exactly so many columns."""
    fitted: Parts = []
    for text, style in parts:
        text = fit(text, min(cell_len(text), width))
        fitted.append((text, style))
        width -= cell_len(text)
    return [*fitted, (" " * width, "")]
