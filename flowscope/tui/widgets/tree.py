"""A tree as rows: unfolded by path, so that what is open stays open whatever changes beneath."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, overload

from textual import events
from textual.binding import Binding, BindingType

from flowscope.model import Span

from .rows import MARGIN, Parts, Place, Rows

Path = tuple[Any, ...]

PAGE = 100  # items shown of one parent until more are wanted
_MOST_SEARCHED = 20_000
_NOTHING: Any = object()


@dataclass(frozen=True, slots=True)
class Item:
    """One row and what is beneath it. Its path tells it from all others, now and later."""

    path: Path
    draw: Callable[[int, bool], Parts]  # for a width, and unfolded or not
    below: Callable[[], Sequence[Item]] | None = None
    open: bool = False  # until the user says otherwise
    title: str = ""  # of the value, when it is looked at in full
    value: Any = _NOTHING  # what is looked at
    name: str | None = None  # what a search looks at where something is beneath; None: the row
    also: tuple[int, ...] = ()  # indices beneath that are shown on whatever page they are
    page: int = PAGE  # items beneath that are shown at first, when it was not the user who unfolded it
    visit: Span | None = None  # that Enter leads to
    rest: int = 0  # stands for items left out: how many to show instead


class Listed(Sequence[Item]):
    """Items made when they are asked for: a page of 100,000 costs no more than one of 100."""

    def __init__(self, count: int, make: Callable[[int], Item]) -> None:
        self._count = count
        self._make = make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | Sequence[Item]:
        if isinstance(at, slice):
            return [self._make(each) for each in range(self._count)[at]]
        if not -self._count <= at < self._count:
            raise IndexError(at)
        return self._make(at % self._count)


class Tree(Rows):
    """Rows that unfold. Subclasses call `show` whenever there is something new."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "unfold", show=False),
        Binding("left", "fold", show=False),
        Binding("space", "peek", show=False),
    ]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._items: Sequence[Item] = ()
        self._flat: list[tuple[Item, int]] = []
        self._chosen: dict[Path, bool] = {}  # unfolded or not, by the user
        self._pages: dict[Path, int] = {}

    def show(self, items: Sequence[Item]) -> None:
        """The items at the top. The cursor stays on its item, and where it is on the screen."""
        self._items = items
        self._lay_out()

    def item(self) -> Item | None:
        """The one under the cursor."""
        return self._flat[self.cursor][0] if self.cursor < len(self._flat) else None

    def place_of(self, item: Item) -> Place | None:
        """Where the item's value is, where that is known."""
        return None

    def is_open(self, item: Item) -> bool:
        """Is it unfolded?"""
        return item.below is not None and self._chosen.get(item.path, item.open)

    def _lay_out(self) -> None:
        was, at = self.item(), self.cursor
        self._flat = list(self._flattened(self._items, None, 0))
        if was is not None:
            self.cursor = self._found(was.path, at)
        self.refresh_rows()
        if self.cursor != at and self.scroll_offset.y:
            to = self.scroll_offset.y + self.cursor - at
            self.scroll_to(y=to, animate=False, force=True, immediate=True)

    def _found(self, path: Path, at: int) -> int:
        places = {item.path: place for place, (item, _) in enumerate(self._flat)}
        for length in range(len(path), 0, -1):
            if path[:length] in places:
                return places[path[:length]]
        return at

    def _page(self, parent: Item | None) -> int:
        path = () if parent is None else parent.path
        first = PAGE if parent is None or path in self._chosen else parent.page
        return self._pages.get(path, first)

    def _flattened(
        self, items: Sequence[Item], parent: Item | None, depth: int
    ) -> Iterator[tuple[Item, int]]:
        page, count = self._page(parent), len(items)
        beyond = [] if parent is None else [at for at in parent.also if page <= at < count]
        for at in (*range(min(page, count)), -1, *beyond):
            if at < 0:
                if left := max(count - page, 0) - len(beyond):
                    yield _rest(() if parent is None else parent.path, page, left), depth
                continue
            item = items[at]
            yield item, depth
            if item.below is not None and self.is_open(item):
                yield from self._flattened(item.below(), item, depth + 1)

    # What Rows asks

    def count(self) -> int:
        """Rows of all items that are unfolded."""
        return len(self._flat)

    def draw(self, at: int, width: int) -> Parts:
        """Indent, arrow, and what the item draws."""
        item, depth = self._flat[at]
        is_open = self.is_open(item)
        arrow = " " if item.below is None else "▾" if is_open else "▸"
        indent = " " * min(2 * depth, max(width - 16, 0))
        used = len(indent) + 2
        return [(f"{indent}{arrow} ", "quiet"), *item.draw(max(width - used, 1), is_open)]

    def find(self, needle: str, start: int) -> int | None:
        """The next item with this text, in what is folded as well: it is unfolded then."""
        every = []
        for item, above in self._every(self._items, ()):
            every.append((item, above))
            if len(every) >= _MOST_SEARCHED:
                break
        here = self.item()
        at = next((at for at, (item, _) in enumerate(every) if here and item.path == here.path), -1)
        for item, above in every[at + 1 :] + every[: at + 1]:
            if needle in _words(item).lower():
                for parent, index in above:
                    if parent is not None:
                        self._chosen[parent.path] = True
                    if index >= self._page(parent):
                        self._pages[() if parent is None else parent.path] = (index // PAGE + 1) * PAGE
                self._lay_out()
                return self._found(item.path, self.cursor)
        return None

    def _every(
        self, items: Sequence[Item], above: tuple[tuple[Item | None, int], ...], parent: Item | None = None
    ) -> Iterator[tuple[Item, tuple[tuple[Item | None, int], ...]]]:
        for index, item in enumerate(items):
            place = (*above, (parent, index))
            yield item, place
            if item.below is not None:
                yield from self._every(item.below(), place, item)

    def enter(self, at: int) -> None:
        """Unfold or fold; the next page; a value without anything beneath it is shown in full."""
        item = self._flat[at][0]
        if item.rest:
            self._pages[item.path[:-1]] = item.rest
            self._lay_out()
        elif item.below is not None:
            self._chosen[item.path] = not self.is_open(item)
            self._lay_out()
        elif item.visit is not None:
            self.post_message(self.Chosen(item.visit))
        else:
            self._peek(item)

    # Keys

    def action_unfold(self) -> None:
        """Unfold, or go on to what is beneath."""
        item = self.item()
        if item is not None and item.below is not None:
            if self.is_open(item):
                self.move_to(self.cursor + 1)
            else:
                self.enter(self.cursor)

    def action_fold(self) -> None:
        """Fold, or go to what this is beneath of."""
        item = self.item()
        if item is None:
            return
        if self.is_open(item):
            self.enter(self.cursor)
            return
        depth = self._flat[self.cursor][1]
        outer = (at for at in range(self.cursor, -1, -1) if self._flat[at][1] < depth)
        self.move_to(next(outer, self.cursor))

    def action_peek(self) -> None:
        """Show the value in full."""
        if (item := self.item()) is not None:
            self._peek(item)

    def _peek(self, item: Item) -> None:
        if item.value is not _NOTHING:
            self.post_message(self.Peeked(item.title, item.value, self.place_of(item)))

    def on_click(self, event: events.Click) -> None:
        """On an arrow, one click is enough."""
        super().on_click(event)
        at = self.row_at(event.y)
        if at is None or event.chain != 1 or self._flat[at][0].below is None:
            return
        if event.x <= MARGIN + 2 * self._flat[at][1] + 1:
            self.enter(at)


def _rest(parent: Path, page: int, left: int) -> Item:
    text = f"… {left:,} more: Enter shows them"
    return Item((*parent, "…"), lambda width, is_open: [(text, "quiet")], rest=(page // PAGE + 1) * PAGE)


def _words(item: Item) -> str:
    if item.below is not None and item.name is not None:
        return item.name
    return "".join(text for text, _ in item.draw(400, True))
