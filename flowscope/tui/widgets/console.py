"""The program's output, each line with the node that wrote it, and a line to type into when it is wanted."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from flowscope.model import Model
from flowscope.model.text import one_line

from ..focus import Focus
from ..lines import Lines
from .pane import AnyPane
from .rows import Parts, Rows, clean, fit, wrapped

_AT_ONCE = 5_000  # pieces of output read before keys get their turn
_WIDEST_TAG = 16
_SIGNS = {"stderr": " ! ", "log": " ● "}  # of stdout │; log is what breakpoints say


class Log(Rows):
    """Lines of output, wrapped. Enter shows one of them alone."""

    FOLLOWS = True

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = Lines()
        self._rows: list[tuple[int, int, int]] = []  # line, begin and end in its text
        self._total = 0  # pieces of output read
        self._tag = 0  # columns for labels
        self._wrapped_at = 0
        self._model = Model()

    def read(self, model: Model) -> None:
        """Take what the program wrote since the last time."""
        if model is not self._model:
            self._model, self._lines, self._total, self._tag = model, Lines(), 0, 0
            self._rows, self.cursor = [], 0
            self.refresh_rows(True)
        outputs = model.outputs
        if self._total == outputs.total:
            return
        changed = self._lines.end
        new = outputs.since(self._total)
        for output in new[:_AT_ONCE]:
            changed = min(changed, self._lines.feed(output))
            self._tag = max(self._tag, min(cell_len(clean(output.label)), _WIDEST_TAG))
        self._total = outputs.total - len(new[_AT_ONCE:])
        self._lay_out(changed)
        if self._total < outputs.total:
            self.call_later(self._read_on)

    def _read_on(self) -> None:
        self.read(self._model)

    def rewrap(self) -> None:
        """Lines end elsewhere."""
        self._lay_out(self._lines.end)

    def _room(self) -> tuple[int, int]:
        """Columns for the tag, and for the text."""
        tag = min(self._tag, self.width // 4)
        return tag, max(self.width - tag - 3, 8)

    def _lay_out(self, changed: int) -> None:
        """Wrap lines from number `changed` on; all of them when the width is another one."""
        if self.width <= 0:
            return
        _, room = self._room()
        follow, first = self.at_end(), self._lines.first
        here = self._rows[self.cursor][0] if self.cursor < len(self._rows) else None
        if room != self._wrapped_at:
            self._wrapped_at, changed, self._rows = room, first, []
        gone = bisect_left(self._rows, (first, 0, 0))
        if gone:
            del self._rows[:gone]
            self.cursor = max(0, self.cursor - gone)
        if gone and not follow:
            top = max(0, self.scroll_offset.y - gone)
            self.scroll_to(y=top, animate=False, force=True, immediate=True)
        del self._rows[bisect_left(self._rows, (changed, 0, 0)) :]
        for number in range(max(changed, first), self._lines.end):
            begin = 0
            for piece in wrapped(clean(self._lines[number].settled()[0]), room):
                self._rows.append((number, begin, begin + len(piece)))
                begin += len(piece)
        if changed == first and here is not None and not follow:
            self.cursor = bisect_left(self._rows, (here, 0, 0))
        self.refresh_rows(follow)

    def count(self) -> int:
        """Wrapped lines."""
        return len(self._rows)

    def empty(self) -> str:
        """Nothing, or nothing yet."""
        return "The program printed nothing." if self._model.ended else "The program has printed nothing yet."

    def head(self, width: int) -> Parts | None:
        """What is missing above."""
        if not self._lines.first and not self._model.outputs.dropped:
            return None
        return [("… earlier output was dropped", "quiet")]

    def draw(self, at: int, width: int) -> Parts:
        """Who wrote it, which stream, and the text in the program's own colours."""
        number, begin, end = self._rows[at]
        line = self._lines[number]
        tag, _ = self._room()
        above = self._lines[number - 1] if number > self._lines.first else None
        label = line.label if begin == 0 else ""
        style = "quiet" if above is not None and above.label == line.label else "name"
        error = line.stream == "stderr"
        sign = _SIGNS.get(line.stream, " │ ")
        parts: Parts = [(fit(label, tag), style), (sign, "warn" if error else "quiet")]
        text, styles = line.settled()
        return [*parts, *_styled(text, begin, end, styles, "warn" if error else "value")]

    def enter(self, at: int) -> None:
        """The whole line."""
        line = self._lines[self._rows[at][0]]
        who = f"{line.label}: " if line.label else ""
        self.post_message(self.Peeked(f"{who}{line.stream}", line.settled()[0]))


def _styled(
    text: str, begin: int, end: int, styles: list[tuple[int, int, Style]], plain: str
) -> list[tuple[str, str | Style]]:
    parts: list[tuple[str, str | Style]] = []
    for start, stop, style in styles:
        start, stop = max(start, begin), min(stop, end)
        if start < stop:
            parts += [(text[begin:start], plain), (text[start:stop], style)]
            begin = stop
    return [*parts, (text[begin:end], plain)]


class InputLine(Input):
    """The line that the program waits for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "end_or_delete", show=False),
        Binding("escape", "leave", show=False),
    ]
    DEFAULT_CSS = """
    InputLine, InputLine:focus { border: none; height: 1; padding: 0 1; background: $panel; }
    """

    def action_end_or_delete(self) -> None:
        """The end of all input, as in a terminal; within a text, delete a character."""
        if self.value:
            self.action_delete_right()
        else:
            self.post_message(ConsolePane.Typed("\x04"))

    def action_leave(self) -> None:
        """The keys go to the log."""
        self.screen.query_one(Log).focus()


class ConsolePane(AnyPane):
    """The log, and below it the line that the program asks for."""

    DEFAULT_CSS = """
    ConsolePane { layout: vertical; height: 1fr; background: $surface; }
    """

    class Typed(Message):
        """Text for the program's terminal, with its line end."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._log = Log()
        self._line = InputLine(select_on_focus=False)
        self._line.display = False
        self._answering = False  # the user answers questions, and means to answer the next one

    def compose(self) -> ComposeResult:
        """Log and line."""
        yield self._log
        yield self._line

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """New output, and whether a line is asked for."""
        if dirty & {"output", "all", "exit"}:
            self._log.read(focus.model)
        if dirty & {"input", "all", "exit"}:
            self._ask(focus.model)

    def _ask(self, model: Model) -> None:
        asked = model.input
        if asked is None:
            if self._line.has_focus:
                self._log.focus()
            self._line.display = False
            return
        span = None if asked.span is None else model.spans.get(asked.span)
        who = "The program" if span is None else span.label
        self._line.placeholder = f"{one_line(who, 30)} waits for a line: {one_line(asked.prompt, 60)}"
        if not self._line.display:
            self._line.value = ""
        self._line.display = True
        if self._answering or self._log.has_focus:
            self._line.focus()

    def for_keys(self) -> Widget:
        """The line when one is asked for, else the log."""
        return self._line if self._line.display else self._log

    def focus(self, *args: Any, **options: Any) -> ConsolePane:
        """Its part gets the keys."""
        self.for_keys().focus(*args, **options)
        return self

    def search(self) -> bool:
        """In the log."""
        return self._log.search()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Send the line."""
        event.stop()
        self._answering = True
        self._line.value = ""
        self.post_message(self.Typed(f"{event.value}\n"))

    @on(events.DescendantFocus)
    def focused_elsewhere(self, event: events.DescendantFocus) -> None:
        """Whoever goes to the log while a line is asked for does not want to type now."""
        if event.widget is self._log and self._line.display:
            self._answering = False
