"""A short list to choose from, by letter or with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option


@dataclass(frozen=True)
class Choice:
    """One of the list; `key` chooses it at once."""

    id: str
    key: str
    label: str
    help: str = ""


class ChooseScreen(ModalScreen[str | None]):
    """The id of what was chosen, None for nothing."""

    BINDINGS = [Binding("escape", "dismiss", "leave")]
    DEFAULT_CSS = """
    ChooseScreen { align: center middle; }
    ChooseScreen Vertical {
        width: 84; max-width: 95%; height: auto; max-height: 90%;
        border: round $primary; background: $surface; padding: 0 1;
    }
    ChooseScreen Label { color: $text-muted; width: 100%; }
    ChooseScreen OptionList, ChooseScreen OptionList:focus {
        height: auto; max-height: 20; border: none; background: $surface;
    }
    """

    def __init__(self, title: str, choices: Sequence[Choice], hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The hint and the list."""
        widest = max((len(each.label) for each in self._choices), default=0)
        with Vertical() as box:
            box.border_title = self._title
            box.border_subtitle = "Enter · Esc"
            if self._hint:
                yield Label(self._hint, markup=False)
            yield OptionList(
                *(
                    Option(f"{each.key}  {each.label:<{widest}}  {each.help}", each.id)
                    for each in self._choices
                ),
                markup=False,
            )

    def on_key(self, event: events.Key) -> None:
        """The letter of a choice."""
        for each in self._choices:
            if event.character == each.key:
                event.stop()
                self.dismiss(each.id)

    @on(OptionList.OptionSelected)
    def selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a choice."""
        self.dismiss(event.option.id)

    async def action_dismiss(self, result: str | None = None) -> None:
        """Nothing was chosen."""
        self.dismiss(None)
