"""One value in full: wrapped, searched, copied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from flowscope.model.patch import Value
from flowscope.model.pretty import is_cut, pretty, text_of
from flowscope.model.values import type_name

from ..widgets.rows import Parts, Rows, clean, wrapped

Fetch = Callable[[], Awaitable[str]]
"""The whole text of a value of which the events told the beginning. Raises ValueError where there is none."""


class TextRows(Rows):
    """Lines of text, long ones wrapped."""

    DEFAULT_CSS = "TextRows { height: 1fr; background: $surface; scrollbar-size: 1 1; }"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self._lines: list[tuple[str, bool]] = []  # and whether one continues the line before
        self._wrapped_at = 0

    def set_text(self, text: str) -> None:
        """Another text."""
        self.text, self._wrapped_at = text, 0
        self._wrap()

    def rewrap(self) -> None:
        """Lines end elsewhere."""
        self._wrap()

    def _wrap(self) -> None:
        width = self.width
        if width > 0 and width != self._wrapped_at:
            self._wrapped_at = width
            self._lines = [
                (part, at > 0)
                for line in self.text.expandtabs(4).splitlines() or [""]
                for at, part in enumerate(wrapped(clean(line), width))
            ]
        self.refresh_rows()

    def count(self) -> int:
        """Lines on screen."""
        return len(self._lines)

    def draw(self, at: int, width: int) -> Parts:
        """The line; what continues one has no sign, for it is to be copied."""
        return [(self._lines[at][0], "value")]

    def action_forget(self) -> None:
        """Leave the search, then the screen."""
        if self._needle:
            super().action_forget()
        else:
            self.screen.dismiss()


class ValueScreen(ModalScreen[None]):
    """Shows a VALUE as text; what the events left out is fetched when that is possible."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,space,enter", "close", "close", priority=False),
        Binding("slash", "search", "search"),
        Binding("y", "copy", "copy"),
    ]
    DEFAULT_CSS = """
    ValueScreen { align: center middle; }
    ValueScreen Vertical { width: 95%; height: 90%; border: round $primary; background: $surface; }
    """

    def __init__(self, title: str, value: Value, fetch: Fetch | None = None) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._fetch = fetch
        self._said = ""

    def compose(self) -> ComposeResult:
        """The text in a frame that tells what it is of."""
        with Vertical():
            yield TextRows(pretty(self._value))

    def on_mount(self) -> None:
        """Say what is shown, and get the rest."""
        self.query_one(TextRows).focus()
        if is_cut(self._value):
            if self._fetch is not None:
                self._said = "fetching the rest…"
                self._get(self._fetch)
            else:
                self._said = "only the beginning is known"
        self._label()

    def _label(self) -> None:
        box = self.query_one(Vertical)
        said = f" · {self._said}" if self._said else ""
        box.border_title = _escaped(clean(f"{self._title} · {self._kind()}{said}"))
        box.border_subtitle = "/ search · y copy · Esc"

    def _kind(self) -> str:
        name = type_name(self._value)
        if name != "str":
            return name
        size = self._value["len"] if isinstance(self._value, dict) else len(self._value)
        return f"str, {size:,} characters"

    @work
    async def _get(self, fetch: Fetch) -> None:
        try:
            text, known = await fetch(), text_of(self._value)
            if known is not None and not (text.startswith(known) and len(text) == self._value["len"]):
                raise ValueError("the program has another value there by now")
        except ValueError as error:
            self._said = f"only the beginning is known: {error}"
        else:
            self._said = ""
            self.query_one(TextRows).set_text(text)
        self._label()

    def action_search(self) -> None:
        """In the text."""
        self.query_one(TextRows).search()

    def action_copy(self) -> None:
        """To the clipboard, as far as the terminal lets us."""
        self.app.copy_to_clipboard(self.query_one(TextRows).text)
        self.notify("Copied.", timeout=1.5)

    def action_close(self) -> None:
        """Back to the panes."""
        self.dismiss()


def _escaped(text: str) -> Any:
    return text.replace("[", r"\[")
