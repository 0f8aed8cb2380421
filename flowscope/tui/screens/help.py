"""All keys and words on one screen, made of the table of commands."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from ..commands import PANE_KEYS, Command, key_text

_WHEN = {"stopped": "when stopped", "running": "while it runs", "live": "until it ends"}
_WORDS = {
    "node": "prep reads shared, exec computes, post writes shared and returns the action",
    "action": 'the string that names the edge to the next node; none means "default"',
    "order": "the nodes of a flow run one after another, in AsyncFlow too: await yields, and keeps the order",
    "lanes": "only items of AsyncParallelBatchNode and copies of AsyncParallelBatchFlow run concurrently",
}


class HelpScreen(ModalScreen[None]):
    """Keys by group; any key closes it."""

    BINDINGS = [Binding("escape,q,question_mark,f1", "dismiss", "close")]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 90%; max-width: 110; height: 90%; border: round $primary; background: $surface; padding: 0 1;
    }
    HelpScreen Static { background: $surface; height: auto; }
    """

    def __init__(self, commands: tuple[Command, ...]) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll() as scroll:
            scroll.border_title = "Keys"
            scroll.border_subtitle = "Esc closes"
            yield Static(self._table())

    def _table(self) -> Table:
        theme = self.app.current_theme
        title, key = f"bold {theme.primary}", f"bold {theme.accent or ''}"
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(width=13)
        for group in dict.fromkeys(command.group for command in self._commands):
            table.add_row(Text(group, title))
            for command in (each for each in self._commands if each.group == group):
                keys, does = "  ".join(key_text(each) for each in command.keys), Text(command.help)
                if command.id == f"step_lane_{keys}":  # nine of a kind
                    if keys != "1":
                        continue
                    keys, does = "1 … 9", Text("Step the lane with that number")
                if command.when in _WHEN:
                    does.append(f" · {_WHEN[command.when]}", "dim")
                table.add_row(Text(keys, key), does)
            table.add_row()
        table.add_row(Text("In a pane", title))
        for keys, does_there in PANE_KEYS:
            table.add_row(Text(keys, key), does_there)
        table.add_row()
        table.add_row(Text("Words", title))
        for word, meaning in _WORDS.items():
            table.add_row(Text(word, "bold"), meaning)
        return table

    async def action_dismiss(self, result: Any = None) -> None:
        """Back to the program."""
        self.dismiss(None)
