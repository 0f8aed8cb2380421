"""Rows with a cursor: what most panes are made of. Only the rows on screen are ever drawn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from flowscope.model import Span

from ..screens.ask import AskScreen
from .pane import Pane

Parts = list[tuple[str, str | Style]]
"""Texts, each with its style or the name of one of Rows.STYLES; empty for the widget's own."""


class Place(NamedTuple):
    """Where a value is in the program."""

    span: int | None
    """None: in `shared`, as it is shown."""
    at: str
    """Which value of the span: params, item, result."""
    path: tuple[Any, ...]


MARGIN = 1  # columns left of every row, where the cursor is


def clean(text: str) -> str:
    """The text without what would move the cursor or turn the writing around."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def fit(text: str, width: int) -> str:
    """The text in exactly so many columns; a cut ends with `…`."""
    if width <= 0:
        return ""
    text = clean(text)
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def wrapped(line: str, width: int) -> list[str]:
    """The line in pieces of at most `width` columns, cut between words where they allow it."""
    pieces: list[str] = []
    begin = 0
    while True:
        ahead = line[begin : begin + width + 1]
        if len(ahead) <= width and (ahead.isascii() or cell_len(ahead) <= width):
            return [*pieces, ahead]
        # A text of nothing but combining characters is chopped into nothing.
        piece = ahead[:width] if ahead.isascii() else [*chop_cells(ahead, width), ahead][0]
        if begin + len(piece) < len(line) and (space := piece.rfind(" ", len(piece) // 2)) > 0:
            piece = piece[: space + 1]
        pieces.append(piece)
        begin += len(piece)


class Rows(Pane):
    """A pane of rows: subclasses say how many there are, and draw one of them."""

    FOLLOWS: ClassVar[bool] = False
    """The last row stays in view as rows are added, until the user looks at another one."""
    STYLES = "head cursor far found quiet warn faint name value good bad busy changed gone"
    COMPONENT_CLASSES = {f"rows--{name}" for name in STYLES.split()}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "go(0)", show=False),
        Binding("end", "go(-1)", show=False),
        Binding("enter", "enter", show=False),
        Binding("escape", "forget", show=False),
    ]
    DEFAULT_CSS = """
    Rows { overflow-x: hidden; overflow-y: auto; }
    Rows .rows--head { color: $foreground; background: $panel; }
    Rows .rows--cursor { background: $primary-muted; }
    Rows .rows--far { background: $panel; }
    Rows .rows--found { text-style: bold reverse; }
    Rows .rows--quiet { color: $text-muted; }
    Rows .rows--name { color: $primary; }
    Rows .rows--value { color: $foreground; }
    Rows .rows--good { color: $success; }
    Rows .rows--bad { color: $error; text-style: bold; }
    Rows .rows--busy { color: $accent; text-style: bold; }
    Rows .rows--changed { color: $warning; text-style: bold; }
    Rows .rows--warn { color: $warning; }
    Rows .rows--gone { color: $text-muted; text-style: strike; }
    Rows .rows--faint { color: $border; }
    """

    class Peeked(Message):
        """A value is to be shown in full; `place` is where it is, where that is known."""

        def __init__(self, title: str, value: Any, place: Place | None = None) -> None:
            super().__init__()
            self.title = title
            self.value = value
            self.place = place

    class Chosen(Message):
        """This visit is to be shown."""

        def __init__(self, visit: Span) -> None:
            super().__init__()
            self.visit = visit

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self._needle = ""
        self._searches: list[str] = []
        self._said: dict[int, tuple[Parts, str | None]] = {}  # by line of the pane, as it was drawn last

    # What a subclass says

    def count(self) -> int:
        """How many rows there are."""
        return 0

    def draw(self, at: int, width: int) -> Parts:
        """One row, in at most `width` columns; what is more is cut."""
        return []

    def head(self, width: int) -> Parts | None:
        """A line above the rows that stays; None for none."""
        return None

    def empty(self) -> str:
        """What to say when there are no rows."""
        return ""

    def behind(self, at: int) -> str | None:
        """The style whose background the row has, when it is to stand out."""
        return None

    def enter(self, at: int) -> None:
        """The row was chosen."""

    def moved(self) -> None:
        """The cursor is on another row."""

    def find(self, needle: str, start: int) -> int | None:
        """The next row with this text from `start` on, then from the beginning; `needle` is in lower case."""
        count = self.count()
        for at in chain(range(start, count), range(min(start, count))):
            if needle in "".join(text for text, _ in self.draw(at, 2000)).lower():
                return at
        return None

    # Keeping up

    def refresh_rows(self, follow: bool | None = None) -> None:
        """The rows are others now. `follow`: the last one was in view before, if it is known."""
        count = self.count()
        follow = self.FOLLOWS and (self.at_end() if follow is None else follow)
        self.cursor = max(0, min(self.cursor, count - 1))
        self.resize_content(Size(1, count + self._above()))
        if follow and count:
            self.cursor = count - 1
            self.reveal()
        self.refresh_changed()

    def watch_show_vertical_scrollbar(self) -> None:
        """It takes a column, or gives it back."""
        self.call_after_refresh(self.rewrap)

    def rewrap(self) -> None:
        """There is another width for the rows: lay them out anew where that matters."""
        self.refresh_rows()

    def at_end(self) -> bool:
        """Were the last row in view and the cursor on it, before the latest rows came?"""
        known = self.virtual_size.height - self._above()
        return self.cursor >= known - 1 and self.scroll_offset.y >= self.max_scroll_y

    def _above(self) -> int:
        return 0 if self.head(self.width) is None else 1

    @property
    def width(self) -> int:
        """Columns for one row."""
        return max(self.scrollable_content_region.width - MARGIN, 0)

    def reveal(self, at: int | None = None) -> None:
        """Scroll as little as it takes to have the row, or that of the cursor, in view."""
        at = self.cursor if at is None else at
        rows = self._in_view()
        if at not in rows:
            to = at if at < rows.start else at - len(rows) + 1
            self.scroll_to(y=to, animate=False, force=True, immediate=True)

    def _in_view(self) -> range:
        """Places for rows on screen; one at least."""
        top = self.scroll_offset.y
        return range(top, top + max(self.container_size.height - self._above(), 1))

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """A cursor in view stays in view, in the very frame that has less room."""
        was_in_view = self.cursor in self._in_view()
        is_resized = super()._size_updated(size, virtual_size, container_size, layout)
        if was_in_view:
            self.reveal()
        return is_resized

    def on_resize(self, event: events.Resize) -> None:
        """So it does when the rows are laid out anew."""
        was_in_view = self.cursor in self._in_view()
        self.rewrap()
        if was_in_view:
            self.reveal()

    def on_focus(self) -> None:
        """The cursor stands out where the keys go."""
        self.refresh()

    def on_blur(self) -> None:
        """The keys go elsewhere."""
        self.refresh()

    # Moving

    def move_to(self, at: int) -> None:
        """Put the cursor on a row, and show it."""
        at = max(0, min(at, self.count() - 1))
        was, self.cursor = self.cursor, at
        self.reveal()
        self.refresh()
        if at != was:
            self.moved()

    def action_move(self, by: int) -> None:
        """Some rows down."""
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Some screens down."""
        self.move_to(self.cursor + by * max(self.scrollable_content_region.height - self._above() - 1, 1))

    def action_go(self, at: int) -> None:
        """To the first row, or the last."""
        self.move_to(self.count() - 1 if at < 0 else at)

    def action_enter(self) -> None:
        """Choose the row."""
        if self.cursor < self.count():
            self.enter(self.cursor)

    def row_at(self, y: int) -> int | None:
        """The row on a line of the screen."""
        at = y - self._above() + self.scroll_offset.y
        return int(at) if self._above() <= y and at < self.count() else None

    def on_click(self, event: events.Click) -> None:
        """The cursor goes to the row; a second click chooses it."""
        if (at := self.row_at(event.y)) is not None:
            self.move_to(at)
            if event.chain == 2:
                self.enter(at)

    # Searching

    def search(self) -> bool:
        """Ask for a text and go to it; again with the same text for the next one."""

        async def look(line: str) -> str | None:
            self._needle = line.lower()
            self.refresh()
            if not line:
                return None
            found = self.find(self._needle, self.cursor + 1)
            if found is None:
                return f"There is no {line!r} here."
            self.move_to(found)
            return None

        last = self._searches[-1] if self._searches else ""
        hint = "Enter goes to the next place; Esc in the pane ends the highlighting"
        self.app.push_screen(AskScreen("Search", hint, last, check=look, history=self._searches))
        return True

    def action_forget(self) -> None:
        """No more highlighting."""
        self._needle = ""
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """The line of a row, of the head, or of what is said when there are no rows."""
        said = self._said[y] = self._says(y)
        parts, behind = said
        base = self.rich_style
        if behind == "head":
            base = self._style("head")
        elif behind is not None and not self.app.ansi_color:
            # A terminal's own sixteen colours have no shade on which the others can all be read.
            base = base + Style(bgcolor=self._style(behind).bgcolor)
        return self._strip(parts, self.width + MARGIN, base)

    def _says(self, y: int) -> tuple[Parts, str | None]:
        """What a line says, and the style whose background it has."""
        width = self.width
        above = self.head(width)
        if above is not None:
            if y == 0:
                return [(" ", ""), *above], "head"
            y -= 1
        at, count = y + self.scroll_offset.y, self.count()
        if at < count:
            return self._row(at, width)
        text = self.empty() if count == 0 else ""
        lines = list(_wrapped(text, max(width - 2, 8)))
        return [(f"  {lines[y - 1]}", "quiet")] if 0 < y <= len(lines) else [], None

    def _row(self, at: int, width: int) -> tuple[Parts, str | None]:
        edge, behind = " ", self.behind(at)
        if at == self.cursor:
            behind = "cursor" if self.has_focus else "far"
            edge = "▌" if self.has_focus else "▏"
        parts = self.draw(at, width)
        if self._needle:
            parts = list(_highlighted(parts, self._needle))
        return [(edge, "name"), *parts], behind

    def refresh_changed(self) -> None:
        """Draw anew the lines that say something else than before: drawing costs, comparing does not."""
        size = self.size
        changed = [y for y in range(size.height) if self._said.get(y) != self._says(y)]
        if changed:
            self.refresh(*(Region(0, y, size.width, 1) for y in changed))

    def _strip(self, parts: Parts, width: int, base: Style) -> Strip:
        segments = []
        for text, name in parts:
            if isinstance(name, Style):
                segments.append(Segment(clean(text), base + name))
            elif name:
                base_of = self._style(name)
                # The colour is that of the part; behind it is the row.
                behind = base_of.bgcolor if name == "found" else base.bgcolor
                segments.append(Segment(clean(text), base_of + Style(bgcolor=behind)))
            else:
                segments.append(Segment(clean(text), base))
        strip = Strip(segments)
        if strip.cell_length > width:
            strip = Strip([*strip.crop(0, width - 1), Segment("…", base)])
        return strip.adjust_cell_length(width, base)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"rows--{name}")


def _wrapped(text: str, width: int) -> Iterator[str]:
    """The words of a short text in lines."""
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        yield line


def _highlighted(parts: Parts, needle: str) -> Iterator[tuple[str, str | Style]]:
    """The parts, cut where the text that is searched for begins and ends."""
    for text, name in parts:
        lower, at = text.lower(), 0
        while len(lower) == len(text) and (found := lower.find(needle, at)) >= 0:
            yield text[at:found], name
            at = found + len(needle)
            yield text[found:at], "found"
        yield text[at:], name
