"""The app of `flowscope diff`: two recordings compared, and nothing else."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.driver import Driver

from flowscope.diff import Recorded, code_of
from flowscope.model import Span

from .base import Base
from .screens.comparison import ComparisonScreen


class Comparing(Base):
    """Its return code is that of the command."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "interrupt", show=False, priority=True)]

    def __init__(self, one: Recorded, other: Recorded, driver: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver)
        self._recordings = one, other

    def on_mount(self) -> None:
        """The one screen."""
        self.dress()
        shown = ComparisonScreen(*self._recordings)

        def leave(span: Span | None) -> None:
            is_damaged = any(each.damage for each in self._recordings)
            compared = 1 if shown.comparison is None else code_of(shown.comparison)
            self.exit(return_code=2 if is_damaged else compared)

        self.push_screen(shown, leave)

    def action_interrupt(self) -> None:
        """Ctrl+C."""
        self.notify("q leaves FlowScope.", timeout=2)
