"""The shared store as a tree, with what this step changed."""

from __future__ import annotations

from flowscope.model.patch import Value
from flowscope.model.values import expression, is_container, path_text
from flowscope_engine.debug import breakpoints as specs
from flowscope_engine.debug.breakpoints import Breakpoint

from ..focus import Focus
from .rows import Parts, Place
from .tree import Item, Path, Tree
from .value_items import SIGNS, STYLES_OF, Marks, is_made_up, value_item, value_items

_MOST_UNFOLDED = 40  # changes of one step whose places are unfolded
_CARES = {"shared", "stopped", "focus", "exit", "all"}


class SharedPane(Tree):
    """Enter unfolds, Space shows a value in full, b breaks when the key changes."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._value: Value = None
        self._marks = Marks()
        self._unfold: set[Path] = set()

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """The store of the run in focus."""
        if not dirty & _CARES:
            return
        changes = focus.marks()
        self._value, self._marks = focus.shared(), Marks(changes)
        for path in list(changes)[-_MOST_UNFOLDED:]:
            self._unfold.update(path[:length] for length in range(1, len(path)))
        if is_container(self._value) or self._marks.removed.get(()):
            self.show(value_items(self._value, (), (), self._marks, self._unfold))
        elif self._value is None or self._value == {}:
            self.show(())
        else:
            self.show([value_item("shared", self._value, ("shared",))])

    def head(self, width: int) -> Parts | None:
        """What the step changed, in short."""
        if not self.count():
            return None
        changes = list(self._marks.changes.values())
        if not changes:
            return [("nothing changed in this step", "quiet")]
        parts: Parts = [(f"{len(changes)} changed: ", "quiet")]
        for change in changes[:12]:
            name = path_text(change.path)
            parts += [(f"{SIGNS[change.op]}{name}", STYLES_OF[change.op]), ("  ", "")]
        return parts

    def empty(self) -> str:
        """Nothing, or nothing yet."""
        return "shared is empty." if self._value == {} else "There is no shared store yet: no run has begun."

    def place_of(self, item: Item) -> Place | None:
        """Its path; None where no path leads."""
        return None if is_made_up(item, item.path) else Place(None, "shared", item.path)

    def key(self) -> Path | None:
        """Where the value under the cursor is in `shared`; None where no path leads."""
        item = self.item()
        return None if item is None or is_made_up(item, item.path) else item.path

    def break_spec(self) -> str | None:
        """Break when the key under the cursor changes."""
        path = self.key()
        return specs.format(Breakpoint("shared", path=path)) if path and _is_plain(path) else None

    def expression(self) -> str | None:
        """Its place in `shared`."""
        path = self.key()
        return expression(self._value, path) if path and _is_plain(path) else None


def _is_plain(path: Path) -> bool:
    """Do these keys mean in the program what they are here?"""
    return all(isinstance(key, (str, int)) and not isinstance(key, bool) for key in path)
