"""What looks wrong: the warnings of the lints, each with the place it is about."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from flowscope.model import RULES, Lint, Lints

_NONE = "Nothing looks wrong so far. "


class LintsScreen(ModalScreen[Lint | None]):
    """A list; the result is the lint whose place is to be shown."""

    BINDINGS = [Binding("escape,q,L", "dismiss", "close"), Binding("x,delete", "switch", "off or on")]
    DEFAULT_CSS = """
    LintsScreen { align: center middle; }
    LintsScreen Vertical {
        width: 95%; max-width: 130; height: auto; max-height: 85%;
        border: round $primary; background: $surface;
    }
    LintsScreen OptionList { height: auto; max-height: 24; background: $surface; }
    LintsScreen OptionList, LintsScreen OptionList:focus { border: none; }
    LintsScreen Label { width: 100%; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, lints: Lints, switch: Callable[[str], None]) -> None:
        """`switch` takes the name of a rule that is not wanted, or wanted again."""
        super().__init__()
        self._lints = lints
        self._switch = switch
        self._off: list[str] = []  # below what is found

    def compose(self) -> ComposeResult:
        """The list, and what the rule under the cursor looks for."""
        with Vertical() as box:
            box.border_title = "Warnings"
            box.border_subtitle = "Enter shows the place · x switches the rule off, or on · Esc"
            yield OptionList(markup=False)
            yield Label(markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill()

    def _fill(self, at: int = 0) -> None:
        options, found = self.query_one(OptionList), self._lints.found
        options.clear_options()
        self._off = [rule for rule in RULES if rule in self._lints.off]
        options.add_options([Option(self._text(lint)) for lint in found])
        options.add_options([Option(f"{rule} is switched off") for rule in self._off])
        options.display = bool(options.option_count)
        options.focus()
        if found:
            options.highlighted = min(at, len(found) - 1)
        else:
            rules = ", ".join(rule for rule in RULES if rule not in self._off)
            self.query_one(Label).update(_NONE + (f"These rules look for it: {rules}." if rules else ""))

    def _text(self, lint: Lint) -> Text:
        theme = self.app.current_theme
        text = Text.assemble((f"⚠ {lint.rule}  ", f"bold {theme.warning or ''}"), lint.message)
        if repeats := self._lints.repeats[lint]:
            text.append(f"  ({f'{repeats:,} times' if repeats > 1 else 'once'} more)")
        return text

    @on(OptionList.OptionHighlighted)
    def highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Another rule is under the cursor."""
        rule = self._rule(event.option_index)
        self.query_one(Label).update(f"{rule}: {RULES[rule]}")

    @on(OptionList.OptionSelected)
    def selected(self, event: OptionList.OptionSelected) -> None:
        """Show its place; a rule that is off has none."""
        found = self._lints.found
        if event.option_index < len(found):
            self.dismiss(found[event.option_index])

    def _rule(self, at: int) -> str:
        found = self._lints.found
        return found[at].rule if at < len(found) else self._off[at - len(found)]

    def action_switch(self) -> None:
        """This rule, from now on."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._switch(self._rule(at))
            self._fill(at)

    async def action_dismiss(self, result: Lint | None = None) -> None:
        """Back to the program."""
        self.dismiss(None)
