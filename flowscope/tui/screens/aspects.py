"""One row of a comparison in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from flowscope.model.aspects import Aspect

from ..widgets.aspects import AspectRows
from ..widgets.rows import Parts


class AspectsScreen(ModalScreen[None]):
    """Every line of both sides, what is the same included."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "leave", priority=False),
        Binding("n,right_parenthesis", "to_difference(1)", "next"),
        Binding("N,left_parenthesis", "to_difference(-1)", "previous"),
        Binding("slash", "search", "search"),
        Binding("y", "copy", "copy"),
    ]
    DEFAULT_CSS = """
    AspectsScreen { align: center middle; }
    AspectsScreen Vertical { width: 100%; height: 100%; border: round $primary; background: $surface; }
    """

    def __init__(self, title: Parts, aspects: Sequence[Aspect], at: int) -> None:
        super().__init__()
        self._title = title
        self._aspects = aspects
        self._at = at

    def compose(self) -> ComposeResult:
        """One list of lines."""
        with Vertical() as box:
            box.border_subtitle = "n N next, previous difference · / search · y copy · Esc"
            yield AspectRows(is_full=True)

    def on_mount(self) -> None:
        """Once it is known how wide it is."""
        rows = self.query_one(AspectRows)
        rows.focus()
        self.call_after_refresh(rows.show, self._title, self._aspects, self._at)

    def action_to_difference(self, by: int) -> None:
        """From the line in focus."""
        if not self.query_one(AspectRows).to_difference(by):
            self.notify("There is no further difference." if by > 0 else "There is none before.", timeout=2)

    def action_search(self) -> None:
        """In the text."""
        self.query_one(AspectRows).search()

    def action_copy(self) -> None:
        """To the clipboard, as far as the terminal lets us."""
        self.app.copy_to_clipboard(self.query_one(AspectRows).text())
        self.notify("Copied.", timeout=1.5)

    def action_leave(self) -> None:
        """Back to the visits."""
        self.dismiss()
