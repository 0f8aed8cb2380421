"""The visits of two runs side by side, or in one column where there is no room for two."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.message import Message

from flowscope.model import Span
from flowscope.model.comparison import BEYOND, DIFFERS, LEFT, RIGHT, SAME, WITHIN, Comparison, Row
from flowscope.model.text import duration_text, one_line
from flowscope.model.values import preview

from .rows import Parts, Rows, clean, fit
from .spans import STATUS

WIDE = 120
"""Columns of a screen that has room for both sides."""

MARKS = {
    SAME: ("=", "quiet", ""),
    DIFFERS: ("~", "changed", ""),
    WITHIN: ("↓", "quiet", "inside"),
    LEFT: ("-", "bad", ""),
    RIGHT: ("+", "good", ""),
    BEYOND: ("·", "quiet", "beyond"),
}
"""Sign, style and word of each kind of row."""

_WORD = 8  # columns of that word, or of what is different
BETWEEN = " │ "
_DEEPEST = 8


class SideRows(Rows):
    """Rows of two columns, or of one."""

    COMPONENT_CLASSES = {"rows--minus", "rows--plus", "rows--less", "rows--more"}
    DEFAULT_CSS = """
    SideRows { height: 1fr; background: $surface; scrollbar-size: 1 1; }
    SideRows .rows--minus { color: $error; }
    SideRows .rows--plus { color: $success; }
    SideRows .rows--less { color: $error; text-style: bold underline; }
    SideRows .rows--more { color: $success; text-style: bold underline; }
    """

    @property
    def is_wide(self) -> bool:
        """Is there room for two?"""
        return self.screen.size.width >= WIDE

    def action_forget(self) -> None:
        """Leave the search, then the screen."""
        if self._needle:
            super().action_forget()
        else:
            self.screen.dismiss(None)

    def beside(self, width: int, before: int = 0) -> tuple[int, int]:
        """The widths of both columns, behind what stands before them."""
        room = max(width - before - len(BETWEEN), 2)
        return room // 2, room - room // 2


class VisitRows(SideRows):
    """The visits of both sides; Enter shows one in full."""

    class Moved(Message):
        """Another row is in focus."""

    class Wanted(Message):
        """The row is wanted in full."""

    def __init__(self) -> None:
        super().__init__(id="visits")
        self._comparison: Comparison | None = None
        self._places: Sequence[int] = ()  # of the rows shown
        self._said_empty = ""
        self.only_differences = False

    def say(self, text: str) -> None:
        """What is going on while there is nothing to show."""
        self._said_empty = text
        self.refresh_rows()

    def show(self, comparison: Comparison, at: int) -> None:
        """Everything is known: the rows, the cursor on one of them."""
        self._comparison = comparison
        self._choose(at)

    def _choose(self, at: int) -> None:
        comparison = self._comparison
        if comparison is None:
            return
        rows = comparison.rows
        self._places = range(len(rows))
        if self.only_differences:
            marked = {place for place, row in enumerate(rows) if row.mark not in (SAME, WITHIN)}
            near = {place + by for place in marked for by in (-1, 0, 1)}
            self._places = [place for place, row in enumerate(rows) if place in near or row.mark == WITHIN]
        self.refresh_rows()
        self.go_to(at)

    def toggle(self) -> None:
        """All rows, or those that differ and their neighbours."""
        self.only_differences = not self.only_differences
        self._choose(self.place)
        self.moved()

    @property
    def place(self) -> int:
        """The number of the comparison's row under the cursor."""
        return self._places[self.cursor] if self.cursor < len(self._places) else 0

    def go_to(self, place: int) -> None:
        """Put the cursor on a row of the comparison, or near to it, with some rows around it in view."""
        at = next((at for at, each in enumerate(self._places) if each >= place), len(self._places) - 1)
        self.reveal(max(at - 3, 0))
        self.reveal(min(at + 3, max(len(self._places) - 1, 0)))
        self.move_to(at)

    # What Rows asks

    def count(self) -> int:
        """Rows shown."""
        return len(self._places)

    def empty(self) -> str:
        """What is being done, or that there is nothing."""
        return self._said_empty

    def moved(self) -> None:
        """The details follow."""
        self.post_message(self.Moved())

    def enter(self, at: int) -> None:
        """In full."""
        self.post_message(self.Wanted())

    def head(self, width: int) -> Parts | None:
        """Which column, or which sign, is whose."""
        if self._comparison is None:
            return None
        one, other = self._comparison.one.name, self._comparison.other.name
        if not self.is_wide:
            room = max((width - 4) // 2, 1)
            return [
                ("- ", "bad"),
                (fit(one, min(cell_len(clean(one)), room)), "name"),
                ("  + ", "good"),
                (fit(other, min(cell_len(clean(other)), room)), "name"),
            ]
        before = 2 + _WORD
        left, right = self.beside(width, before)
        return [
            (" " * before, ""),
            ("- ", "bad"),
            (fit(one, left - 2), "name"),
            (BETWEEN, "faint"),
            ("+ ", "good"),
            (fit(other, right - 2), "name"),
        ]

    def draw(self, at: int, width: int) -> Parts:
        """Sign, what is different, and the visit on each side."""
        assert self._comparison is not None
        row = self._comparison.rows[self._places[at]]
        sign, style, word = MARKS[row.mark]
        if row.mark == DIFFERS:
            word = row.partings[0].kind + ("+" if len(row.partings) > 1 else "")
        elif row.mark in (LEFT, RIGHT):
            word = row.span.kind
        parts: Parts = [(f"{sign} ", style), (f"{word:<{_WORD}}", style)]
        if not self.is_wide:
            return [*parts, *_together(row, width - 2 - _WORD)]
        left, right = self.beside(width, 2 + _WORD)
        return [*parts, *_cell(row, row.one, 0, left), (BETWEEN, "faint"), *_cell(row, row.other, 1, right)]


def _name(row: Row, span: Span) -> str:
    """Visits in parallel items are counted as they come: their numbers say nothing here."""
    is_among = any(around.kind == "item" for around in span.path()[1:])
    name = span.label if is_among and span.kind == "visit" else span.name
    return "  " * min(row.depth, _DEEPEST) + clean(name)


def status_of(span: Span) -> tuple[str, str, str]:
    """Sign, style and word; what a branch was left in the midst of was cancelled by that alone."""
    is_left = span.branch is not None and span.status == "cancelled"
    return STATUS["rewound"] if is_left else STATUS.get(span.status, STATUS["unfinished"])


def _outcome(span: Span) -> tuple[str, str]:
    """How it ended, and the style of that."""
    if span.error is not None:
        return one_line(f"{span.status}: {span.error}", 200), "bad"
    if span.status != "ok":
        return status_of(span)[2], "quiet"
    if span.kind == "item":
        return "" if span.result is None else f"→ {preview(span.result, 100)}", "quiet"
    return f"→ {one_line(span.action or 'default', 80)}", "quiet"


def _cell(row: Row, span: Span | None, side: int, width: int) -> Parts:
    """One side of a row in exactly so many columns: sign, name, what became of it, how long it took."""
    if span is None:
        return [(" " * width, "")]
    sign, style, _ = status_of(span)
    took = "" if span.duration is None else duration_text(span.duration).replace(" ", "")
    time = f" {took:>7}"
    room = max(width - 2 - len(time), 1)
    name = fit(_name(row, span), min(cell_len(_name(row, span)), room))
    room -= cell_len(name)
    parts: Parts = [(f"{sign} ", style), (name, "value")]
    kinds = {parting.kind: parting for parting in row.partings}
    text, how = _outcome(span)
    if text and not ("value" in kinds and span.kind == "item"):
        told = fit(f" {text}", min(cell_len(text) + 1, room // 2 if "value" in kinds else room))
        parts.append((told, "changed" if kinds.keys() & {"action", "end"} else how))
        room -= cell_len(told)
    said = f"  {kinds['value'][2 + side]}" if "value" in kinds else ""
    return [*parts, (fit(said, room), "changed"), (time, "quiet")]


def _together(row: Row, width: int) -> Parts:
    """Both sides of a row in one column: the first difference, else what became of it."""
    name = fit(_name(row, row.span), min(cell_len(_name(row, row.span)), width))
    room = width - cell_len(name) - 2
    parts: Parts = [(name, {LEFT: "minus", RIGHT: "plus"}.get(row.mark, "value"))]
    if not row.partings or room < 12:
        text, style = _outcome(row.span)
        return [*parts, (fit(f" {text}", room), style)]
    one, other = (clean(side) for side in row.partings[0][2:])
    room -= len(BETWEEN)
    first = min(cell_len(one), max(room // 2, room - cell_len(other)))
    second = min(cell_len(other), room - first)
    return [
        *parts,
        ("  ", ""),
        (fit(one, first), "minus"),
        (BETWEEN, "quiet"),
        (fit(other, second), "plus"),
    ]
