"""The single lines of the screen: what the program does, which panes there are, which keys help now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from flowscope.model.text import one_line

from ..commands import Command, key_text


class Bar(Widget):
    """One line of text in styles of this widget's component classes."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: list[tuple[str, str]] = []

    def show(self, parts: list[tuple[str, str]]) -> None:
        """Texts, each with the component class of its style; empty for the widget's own."""
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line, cut or filled to the width."""
        line = Text(style=self.rich_style, end="")
        for text, name in self._parts:
            line.append(text, self.get_component_rich_style(name) if name else "")
        line.truncate(self.size.width, overflow="ellipsis", pad=True)
        return Strip(line.render(self.app.console), self.size.width)


class StatusBar(Bar):
    """What is debugged, and what it is doing."""

    COMPONENT_CLASSES = {
        f"status--{name}" for name in ("name", "good", "busy", "stopped", "bad", "quiet", "past")
    }
    DEFAULT_CSS = """
    StatusBar { background: $panel; color: $foreground; }
    StatusBar .status--name { text-style: bold; color: $primary; background: $panel; }
    StatusBar .status--good { color: $success; background: $panel; }
    StatusBar .status--busy { color: $accent; background: $panel; text-style: bold; }
    StatusBar .status--stopped { color: $background; background: $primary; text-style: bold; }
    StatusBar .status--bad { color: $background; background: $error; text-style: bold; }
    StatusBar .status--past { color: $background; background: $secondary; text-style: bold; }
    StatusBar .status--quiet { color: $text-muted; background: $panel; }
    """


class TabStrip(Bar):
    """The names of panes that share a place; the one that is shown stands out."""

    COMPONENT_CLASSES = {"tabs--tab", "tabs--shown", "tabs--key"}
    DEFAULT_CSS = """
    TabStrip { background: $surface; }
    TabStrip .tabs--tab { color: $text-muted; background: $surface; }
    TabStrip .tabs--shown { color: $primary; background: $surface; text-style: bold underline; }
    TabStrip .tabs--key { color: $accent; background: $surface; }
    """

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, tabs: Sequence[tuple[str, str, str]]) -> None:
        """Each tab is the id of its pane, its key and its title."""
        super().__init__()
        self._tabs = tabs
        self._ends: list[tuple[int, str]] = []

    def set_shown(self, panes: Iterable[str], notes: dict[str, str]) -> None:
        """Which tabs there are now as shown panes; `notes` stand behind titles."""
        shown, parts, column = set(panes), [], 1
        parts.append((" ", ""))
        self._ends = []
        for pane, key, title in self._tabs:
            note = notes.get(pane, "")
            text = f"{title}{' ' + note if note else ''}"
            parts += [
                (key, "tabs--key"),
                (" ", ""),
                (text, "tabs--shown" if pane in shown else "tabs--tab"),
                ("  ", ""),
            ]
            column += len(key) + len(text) + 3
            self._ends.append((column, pane))
        self.show(parts)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        for end, pane in self._ends:
            if event.x < end:
                self.post_message(self.Chosen(pane))
                return


class KeyBar(Bar):
    """The keys that help now, as many as there is room for."""

    COMPONENT_CLASSES = {"keys--key", "keys--label"}
    DEFAULT_CSS = """
    KeyBar { background: $panel; }
    KeyBar .keys--key { color: $accent; background: $panel; text-style: bold; }
    KeyBar .keys--label { color: $foreground; background: $panel; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self._commands: list[Command] = []

    def on_resize(self) -> None:
        """There is room for more of them, or for fewer."""
        self.set_commands(self._commands)

    def set_commands(self, commands: Iterable[Command]) -> None:
        """The commands in the order of their importance."""
        self._commands = list(commands)
        parts: list[tuple[str, str]] = []
        room = self.size.width
        for command in self._commands:
            key = f" {key_text(command.keys[0])} " if command.keys else " "
            label = f"{one_line(command.label, 14)} "
            room -= len(key) + len(label)
            if room < 0:
                break
            parts += [(key, "keys--key"), (label, "keys--label")]
        self.show(parts)
