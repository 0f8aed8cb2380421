"""All keys and words on one screen, made of the table of commands."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from ..commands import PANE_KEYS, WHENS, Command, key_text

_WORDS = """\
node      prep reads shared, exec computes, post writes shared and returns the action
action    the string that names the edge to the next node; none means "default"
order     the nodes of a flow run one after another, in AsyncFlow too: await yields, and keeps the order
lanes     only the items of AsyncParallelBatchNode and the copies of AsyncParallelBatchFlow run concurrently
"""


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
            yield Static(self._text())

    def _text(self) -> Text:
        style = self.app.current_theme
        text = Text()
        for group in dict.fromkeys(command.group for command in self._commands):
            text.append(f"\n{group}\n", f"bold {style.primary}")
            for command in (each for each in self._commands if each.group == group):
                keys = "  ".join(key_text(key) for key in command.keys)
                when = f"  ({WHENS[command.when]})" if command.when not in ("always", "session") else ""
                text.append(f"  {keys:<16}", f"bold {style.accent or ''}").append(f"{command.help}{when}\n")
        text.append("\nIn a pane\n", f"bold {style.primary}")
        for keys, does in PANE_KEYS:
            text.append(f"  {keys:<16}", f"bold {style.accent or ''}").append(f"  {does}\n")
        text.append("\nWords\n", f"bold {style.primary}")
        for line in _WORDS.splitlines():
            word, rest = line[:10], line[10:]
            text.append(f"  {word:<16}", "bold").append(rest + "\n")
        return text

    async def action_dismiss(self, result: Any = None) -> None:
        """Back to the program."""
        self.dismiss(None)
