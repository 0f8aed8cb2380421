"""What all of FlowScope's apps have in common: themes, styles, notices, the way back from Ctrl+Z."""

from __future__ import annotations

from textual.app import App
from textual.notifications import Notify

from .notices import make_room
from .theme import DARK, LIGHT


class Base(App[None]):
    """Call `dress` once mounted."""

    TITLE = "FlowScope"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]

    def dress(self) -> None:
        """In our colours, those of a terminal that has only its own excepted; whole again after Ctrl+Z."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if not self.ansi_color and self.theme == "textual-dark":
            self.theme = DARK.name
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def swap_theme(self) -> None:
        """Light or dark, the other one."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def on_notify(self, event: Notify) -> None:
        """Before the app's own handler shows it."""
        make_room(self, event.notification)
