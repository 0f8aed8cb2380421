"""What is different between two values of `shared`, change by change."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from flowscope.model import Change
from flowscope.model.values import path_text, preview

_MOST = 500  # changes that are shown
_SIGNS = {"add": "+", "set": "~", "remove": "-"}


class DifferenceScreen(ModalScreen[None]):
    """A scrolling list; any of its keys closes it."""

    BINDINGS = [Binding("escape,q,enter,D", "close", "close")]
    DEFAULT_CSS = """
    DifferenceScreen { align: center middle; }
    DifferenceScreen VerticalScroll {
        width: 95%; height: 90%; border: round $primary; background: $surface; padding: 0 1;
    }
    DifferenceScreen Static { height: auto; background: $surface; }
    """

    def __init__(self, title: str, changes: Sequence[Change], hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._changes = changes
        self._hint = hint

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll() as scroll:
            scroll.border_title = self._title
            scroll.border_subtitle = "Esc closes"
            yield Static(self._text())

    def _text(self) -> Text:
        theme = self.app.current_theme
        colours = {"add": theme.success, "set": theme.warning, "remove": theme.error}
        text = Text()
        if self._hint:
            text.append(self._hint + "\n\n", "dim")
        for change in self._changes[:_MOST]:
            text.append(f"{_SIGNS.get(change.op, '?')} ", f"bold {colours.get(change.op) or ''}")
            text.append(path_text(change.path) or "shared", "bold")
            if change.op != "add":
                text.append(f"\n    was  {preview(change.old, 400)}", "dim")
            if change.op != "remove":
                text.append(f"\n    is   {preview(change.new, 400)}")
            text.append("\n")
        if not self._changes:
            text.append("Nothing is different.")
        if len(self._changes) > _MOST:
            text.append(f"… {len(self._changes) - _MOST} more changes", "dim")
        return text

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
