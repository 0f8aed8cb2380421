"""A question at the bottom of the screen, answered in one line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

Answer = Callable[[str], Awaitable[str | None]]
"""Does something with the line; a text it returns is shown, and the question stays."""


class AskScreen(ModalScreen[str | None]):
    """Asks for one line. Escape gives None, Enter the line once `check` has nothing to say against it."""

    BINDINGS = [
        Binding("escape", "cancel", "cancel"),
        Binding("up", "older", "older", priority=True),
        Binding("down", "newer", "newer", priority=True),
    ]
    DEFAULT_CSS = """
    AskScreen { align: center bottom; background: $background 30%; }
    AskScreen Vertical {
        height: auto; max-height: 60%; background: $surface; border: round $primary; padding: 0 1;
    }
    AskScreen Label { color: $text-muted; width: 100%; }
    AskScreen Input, AskScreen Input:focus { border: none; height: 1; padding: 0; background: $panel; }
    AskScreen Static { height: auto; max-height: 16; color: $foreground; }
    """

    def __init__(
        self,
        title: str,
        hint: str = "",
        value: str = "",
        check: Answer | None = None,
        history: list[str] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._check = check
        self._history = history if history is not None else []
        self._at = len(self._history)

    def compose(self) -> ComposeResult:
        """Hint, answers so far, and the line."""
        with Vertical() as box:
            box.border_title = self._title
            box.border_subtitle = "Enter · Esc"
            yield Label(self._hint)
            yield Static("", id="said", markup=False)
            yield Input(self._value, select_on_focus=False)

    def on_mount(self) -> None:
        """No room for what is not there."""
        self.query_one("#said").display = False
        self.query_one(Label).display = bool(self._hint)

    @on(Input.Submitted)
    async def submitted(self, event: Input.Submitted) -> None:
        """Try the line."""
        event.stop()
        line = event.value.strip()
        if line and (not self._history or self._history[-1] != line):
            self._history.append(line)
        self._at = len(self._history)
        said = await self._check(line) if self._check is not None else None
        if said is None:
            self.dismiss(line)
            return
        answer = self.query_one("#said", Static)
        answer.display = True
        answer.update(said)
        self.query_one(Input).select_all()

    def action_cancel(self) -> None:
        """Nothing is wanted."""
        self.dismiss(None)

    def action_older(self) -> None:
        """The line before, of those typed here."""
        self._recall(-1)

    def action_newer(self) -> None:
        """The line after it."""
        self._recall(+1)

    def _recall(self, by: int) -> None:
        if self._history:
            self._at = max(0, min(self._at + by, len(self._history)))
            line = self.query_one(Input)
            line.value = self._history[self._at] if self._at < len(self._history) else ""
            line.cursor_position = len(line.value)
