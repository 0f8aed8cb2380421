"""Two runs compared: their visits side by side, and below them one in detail; first where they part."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen
from textual.widgets import Static

from flowscope.diff import Recorded
from flowscope.model import Model, Span
from flowscope.model.aspects import aspects
from flowscope.model.comparison import DIFFERS, LEFT, RIGHT, Comparison
from flowscope.model.sides import Side
from flowscope.model.text import counted, duration_text, one_line
from flowscope.model.verdict import remarks, verdict

from ..base import Base
from ..commands import COMPARING
from ..widgets.aspects import AspectRows
from ..widgets.bars import KeyBar, StatusBar
from ..widgets.rows import Parts
from ..widgets.sides import VisitRows, status_of
from .aspects import AspectsScreen

_CHUNK = 2_000  # events or rows between two turns of the keys
_MOST_REMARKS = 4


class ComparisonScreen(ModalScreen[Span | None]):
    """Recordings are read first. The result is a span of `here` that is to be shown there, None for none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(",".join(each.keys), each.id, each.label, show=False) for each in COMPARING),
        Binding("ctrl+z", "app.suspend_process", show=False),
    ]
    DEFAULT_CSS = """
    ComparisonScreen { background: $background; }
    ComparisonScreen Static { height: auto; max-height: 8; padding: 0 1; background: $surface; }
    ComparisonScreen Container { height: 1fr; border: round $border; background: $surface; }
    ComparisonScreen Container:focus-within { border: round $primary; }
    ComparisonScreen.-narrow Container, ComparisonScreen.-narrow Container:focus-within { border: none; }
    """

    def __init__(self, one: Side | Recorded, other: Side | Recorded, here: Model | None = None) -> None:
        super().__init__()
        self.comparison: Comparison | None = None
        self._sources: Sequence[Side | Recorded] = (one, other)
        self._here = here

    def compose(self) -> ComposeResult:
        """What it comes to, what is to be known, the visits, and one of them in detail."""
        yield StatusBar()
        yield Static(markup=False)
        with Container(id="visits-box"):
            yield VisitRows()
        with Container():
            yield AspectRows(id="aspects")
        yield KeyBar()

    def on_mount(self) -> None:
        """The frame first: reading takes its time."""
        self.query_one(Static).display = False
        self.query_one(VisitRows).focus()
        self._say("… reading", "status--busy")
        keys = self.query_one(KeyBar)
        keys.set_commands(each for each in COMPARING if each.rank and (self._here or each.id != "show"))
        self._prepare()

    def _say(self, text: str, style: str) -> None:
        names = f" {self._sources[0].name} │ {self._sources[1].name} "
        self.query_one(StatusBar).show([(names, "status--name"), (f" {text} ", style)])

    @work
    async def _prepare(self) -> None:
        sides = []
        for source in self._sources:
            if isinstance(source, Recorded):
                await self._through(source.fold(), f"Reading {source.name}", "event")
            sides.append(source.side if isinstance(source, Recorded) else source)
        comparison = Comparison(sides[0], sides[1])
        await self._through(comparison.compare(), "Comparing", "visit")
        self.comparison = comparison
        self._show(comparison)

    async def _through(self, work: Iterator[object], doing: str, what: str) -> None:
        """Do it in pieces, so that keys are answered meanwhile."""
        rows = self.query_one(VisitRows)
        for done, _ in enumerate(work):
            if done % _CHUNK == 0:
                rows.say(f"{doing}: {counted(done, what)}…")
                await asyncio.sleep(0)

    def _show(self, comparison: Comparison) -> None:
        notes = remarks(comparison.one, comparison.other)
        if len(notes) > _MOST_REMARKS:
            notes[_MOST_REMARKS - 1 :] = [f"{len(notes) - _MOST_REMARKS + 1} more remarks: see --text."]
        text = Text(verdict(comparison), "bold")
        for note in notes:
            text.append(f"\n⚠ {note}", self.app.current_theme.warning or "")
        said = self.query_one(Static)
        said.update(text)
        said.display = True
        rows = self.query_one(VisitRows)
        rows.say("")
        rows.show(comparison, comparison.rows.index(comparison.first) if comparison.first is not None else 0)
        self._make_room()
        self.moved()

    def _make_room(self) -> None:
        """Few rows leave their room to the details."""
        box = self.query_one("#visits-box")
        box.styles.max_height = self.query_one(VisitRows).count() + 1 + box.gutter.height

    def _show_count(self, comparison: Comparison, at: int) -> None:
        """How many differences there are, and which one this is."""
        rows = comparison.rows
        if not rows:
            self._say("nothing to compare", "status--quiet")
            return
        places = [place for place in comparison.stops if rows[place].mark in (DIFFERS, LEFT, RIGHT)]
        if not places:
            self._say("= no difference", "status--good")
            return
        text = counted(len(places), "difference")
        number = bisect_right(places, at)
        is_one = number and (places[number - 1] == at or rows[at].mark in (LEFT, RIGHT))
        self._say(f"~ {text}, number {number:,} in focus" if is_one else f"~ {text}", "status--stopped")

    # What is in focus

    @on(VisitRows.Moved)
    def moved(self) -> None:
        """Another row: its details."""
        comparison = self.comparison
        if comparison is not None:
            at = self.query_one(VisitRows).place
            if comparison.rows:
                self.query_one(AspectRows).show(self._title(at), aspects(comparison, at))
            self._show_count(comparison, at)

    def _title(self, at: int) -> Parts:
        assert self.comparison is not None
        row = self.comparison.rows[at]
        parts: Parts = [(one_line(row.span.name, 60), "name")]
        for sign, span in (("-", row.one), ("+", row.other)):
            if span is not None:
                _, style, word = status_of(span)
                took = "" if span.duration is None else f" {duration_text(span.duration)}"
                is_apart = span.parent is not None and span.lane != span.parent.lane
                lane = f" lane {span.lane}" if is_apart else ""
                parts += [(f"   {sign} ", "quiet"), (word, style), (f"{took}{lane}", "quiet")]
        return parts

    @on(VisitRows.Wanted)
    @on(AspectRows.Wanted)
    def action_full(self) -> None:
        """The row in full."""
        comparison = self.comparison
        if comparison is not None and comparison.rows:
            at = self.query_one(VisitRows).place
            details = self.query_one(AspectRows)
            place = details.aspect if details.has_focus else 0
            self.app.push_screen(AspectsScreen(self._title(at), aspects(comparison, at), place))

    def action_next_difference(self) -> None:
        """From the row in focus."""
        self._to(1, "There is no further difference.")

    def action_previous_difference(self) -> None:
        """From the row in focus."""
        self._to(-1, "There is no difference before this.")

    def _to(self, by: int, nothing: str) -> None:
        comparison, rows = self.comparison, self.query_one(VisitRows)
        if comparison is None:
            return
        here = rows.place
        stops = [at for at in comparison.stops if (at > here if by > 0 else at < here)]
        if stops:
            rows.go_to(stops[0] if by > 0 else stops[-1])
        else:
            self.notify(nothing, timeout=2)

    def action_only_differences(self) -> None:
        """Or all visits."""
        self.query_one(VisitRows).toggle()
        self._make_room()

    def action_search(self) -> None:
        """In what has the keys."""
        if isinstance(self.focused, VisitRows | AspectRows):
            self.focused.search()

    def action_other_pane(self) -> None:
        """The visits, or the details."""
        rows = self.query_one(VisitRows)
        self.set_focus(self.query_one(AspectRows) if rows.has_focus else rows)

    def action_show(self) -> None:
        """The visit in focus, in the panes of the program that it is of."""
        comparison = self.comparison
        if comparison is None or self._here is None or not comparison.rows:
            return
        row = comparison.rows[self.query_one(VisitRows).place]
        sides = ((row.one, comparison.one), (row.other, comparison.other))
        spans = [span for span, side in sides if span is not None and side.model is self._here]
        if spans:
            self.dismiss(spans[0])
        else:
            self.notify("This visit is in the recording alone.", timeout=2)

    def action_theme(self) -> None:
        """The other one."""
        if isinstance(self.app, Base):
            self.app.swap_theme()

    def action_leave(self) -> None:
        """Back to where the comparison was asked for."""
        self.dismiss(None)
