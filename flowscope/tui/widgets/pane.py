"""What the app expects of a pane."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget

from ..focus import Focus


class AnyPane(Widget):
    """A part of the screen that shows one aspect of the program."""

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """Show what has changed: names as of Model.take_dirty, `focus` for another place, `all` at first.

        Called up to 30 times a second, on the app's loop: the cost is that of what is visible.
        """

    def for_keys(self) -> Widget:
        """The part of it that takes the keys."""
        return self

    def break_spec(self) -> str | None:
        """What a breakpoint set here would be about; None: the node in focus."""
        return None

    def expression(self) -> str | None:
        """What the value under the cursor is called in the program; None where nothing can be set."""
        return None

    def search(self) -> bool:
        """Begin a search in this pane; False where there is none."""
        return False

    def zoom(self, by: int) -> bool:
        """Closer (1), farther (-1) or all of it (0); False where there is nothing to zoom."""
        return False

    def lanes(self) -> list[int] | None:
        """The lanes under the cursor that live; None in a pane that is not about lanes: the one in focus."""
        return None

    def numbered(self, number: int) -> int | None:
        """The lane that bears this number on screen."""
        return None


class Pane(AnyPane, ScrollView, can_focus=True):
    """A pane that is drawn line by line, as nearly all of them are."""

    def resize_content(self, size: Size) -> None:
        """The content has another size. The screen is laid out anew only where a scrollbar comes or goes."""
        room = self.container_size
        before = self.virtual_size.width > room.width, self.virtual_size.height > room.height
        if before != (size.width > room.width, size.height > room.height):
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = size.height
            if self.show_horizontal_scrollbar:
                self.horizontal_scrollbar.window_virtual_size = size.width
