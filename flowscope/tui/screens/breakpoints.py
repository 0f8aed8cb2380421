"""The breakpoints of this script: switch, edit, remove, add."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, OptionList
from textual.widgets.option_list import Option

from flowscope_engine.debug import breakpoints as specs

from ..breakpoints import Breakpoints
from .ask import AskScreen

HINT = (
    "Node · Node.exec · Node[2] · Copies[2]/Node · Node -> action · shared.key · raise; "
    "then *3, if EXPR, log TEXT {expr}"
)


class BreakpointsScreen(ModalScreen[bool]):
    """A list; the result tells whether anything was changed."""

    BINDINGS = [
        Binding("escape,q,B", "close", "close"),
        Binding("space", "switch", "on/off", priority=True),
        Binding("a,insert", "add", "add"),
        Binding("x,delete", "remove", "remove"),
        Binding("e", "edit", "edit"),
    ]
    DEFAULT_CSS = """
    BreakpointsScreen { align: center middle; }
    BreakpointsScreen Vertical {
        width: 90%; max-width: 110; height: auto; max-height: 80%;
        border: round $primary; background: $surface;
    }
    BreakpointsScreen OptionList, BreakpointsScreen OptionList:focus {
        height: auto; max-height: 20; border: none; background: $surface;
    }
    BreakpointsScreen Label { width: 100%; padding: 1 2; color: $text-muted; }
    """

    def __init__(self, breakpoints: Breakpoints) -> None:
        super().__init__()
        self._breakpoints = breakpoints
        self._changed = False

    def compose(self) -> ComposeResult:
        """The list, or what to do where it is empty."""
        with Vertical() as box:
            box.border_title = "Breakpoints"
            box.border_subtitle = "Space on/off · a add · e edit · x remove · Esc"
            yield Label("None yet: press a to add one, or b on a node, a key of shared or a source line.")
            yield OptionList(markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill()

    def _fill(self, at: int = 0) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        every = self._breakpoints.all
        options.add_options([Option(f"{'●' if each.enabled else '○ (off)'} {each.spec}") for each in every])
        self.query_one(Label).display = not every
        options.display = bool(every)
        if every:
            options.highlighted = min(at, len(every) - 1)
            options.focus()

    def _at(self) -> int | None:
        return self.query_one(OptionList).highlighted if self._breakpoints.all else None

    @on(OptionList.OptionSelected)
    def action_switch(self) -> None:
        """On or off."""
        if (at := self._at()) is not None:
            self._breakpoints.switch(self._breakpoints.all[at])
            self._changed = True
            self._fill(at)

    def action_remove(self) -> None:
        """Take it away."""
        if (at := self._at()) is not None:
            self._breakpoints.remove(self._breakpoints.all[at])
            self._changed = True
            self._fill(at)

    def action_add(self) -> None:
        """A new one."""
        self._ask("")

    def action_edit(self) -> None:
        """Another spec for this one."""
        if (at := self._at()) is not None:
            self._ask(self._breakpoints.all[at].spec, at)

    def _ask(self, value: str, at: int | None = None) -> None:
        async def check(line: str) -> str | None:
            try:
                specs.parse(line)
            except ValueError as error:
                return str(error)
            return None

        def done(line: str | None) -> None:
            if line is None:
                return
            if at is not None:
                self._breakpoints.remove(self._breakpoints.all[at])
            self._breakpoints.add(line)
            self._changed = True
            self._fill(len(self._breakpoints.all))

        self.app.push_screen(AskScreen("Break spec", HINT, value, check), done)

    def action_close(self) -> None:
        """Back, telling whether there is something to send to the program."""
        self.dismiss(self._changed)
