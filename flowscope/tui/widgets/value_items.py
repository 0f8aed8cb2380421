"""VALUEs as items of a tree, with what a step changed marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rich.cells import cell_len

from flowscope.model import Change
from flowscope.model.patch import MORE, Value
from flowscope.model.values import children, is_container, path_text, preview, type_name

from .rows import Parts, clean, fit
from .tree import Item, Listed, Path

_FEW = 12  # elements shown of what was unfolded for a change in it
SIGNS = {"add": "+", "set": "~", "remove": "-"}
STYLES_OF = {"add": "good", "set": "changed", "remove": "gone"}


class Marks:
    """The changes of a step, by path; and which paths have changes beneath them."""

    def __init__(self, changes: Mapping[Path, Change] | None = None) -> None:
        self.changes = changes or {}
        self.above: dict[Path, list[Any]] = {}
        """By path: elements beneath with a change, or with a change beneath them."""
        self.removed: dict[Path, list[Change]] = {}
        for path, change in self.changes.items():
            for length in range(len(path)):
                self.above.setdefault(path[:length], []).append(path[length])
            if change.op == "remove":
                self.removed.setdefault(path[:-1], []).append(change)


_NO_MARKS = Marks()


def value_items(
    value: Value, path: Path = (), names: Path = (), marks: Marks = _NO_MARKS, unfold: Collection[Path] = ()
) -> Sequence[Item]:
    """What a container holds. `path` is where that is in the tree, `names` in `shared`."""
    held = children(value)
    removed = marks.removed.get(names, ())

    def make(at: int) -> Item:
        if at >= len(held):
            return _removed(path, removed[at - len(held)])
        name, element, each = held[at]
        known = isinstance(element, (str, int, float)) or (element is None and name == "None")
        key = element if known else f"\0{at} {name}"
        return value_item(name, each, (*path, key), (*names, key), marks, unfold)

    return Listed(len(held) + len(removed), make)


def is_made_up(item: Item, path: Path) -> bool:
    """Does this path below a value, which the item stands at, lead nowhere in the program?"""
    return bool(item.rest) or any(isinstance(key, str) and key.startswith("\0") for key in path)


def value_item(
    name: str,
    value: Value,
    path: Path,
    names: Path = (),
    marks: Marks = _NO_MARKS,
    unfold: Collection[Path] = (),
    style: str = "name",
) -> Item:
    """A value with its name, and what it holds beneath."""
    change = marks.changes.get(names)
    below = None
    also: tuple[int, ...] = ()
    if is_container(value) or names in marks.removed:
        below = lambda: value_items(value, path, names, marks, unfold)  # noqa: E731
        if changed := marks.above.get(names):
            also = _places(value, set(changed), len(marks.removed.get(names, ())))

    def draw(width: int, is_open: bool) -> Parts:
        if name == MORE:
            return [("  " * bool(names), ""), (preview(value, width), "quiet")]
        parts: Parts = []
        if names:
            if change is not None:
                parts.append((f"{SIGNS[change.op]} ", STYLES_OF[change.op]))
            else:
                parts.append(("• ", "changed") if names in marks.above else ("  ", ""))
        shown = fit(name, min(cell_len(clean(name)), max(width // 2, 8)))
        parts += [(shown, "changed" if change is not None else style), (": ", "quiet")]
        room = max(width - sum(cell_len(text) for text, _ in parts), 1)
        return parts + _value(value, change, room, is_open)

    title = path_text(names) if names else name
    return Item(path, draw, below, path in unfold, title, value, name, also, page=_FEW)


def _value(value: Value, change: Change | None, room: int, is_open: bool) -> Parts:
    parts: Parts = []
    if change is not None and change.op == "set" and not is_open:
        old = preview(change.old, max(min(room // 2 - 3, 60), 4))
        parts = [(clean(old), "gone"), (" → ", "changed")]
        room -= cell_len(parts[0][0]) + 3
    if is_container(value):
        size = f"{type_name(value)} {_size(value):,} "
        parts.append((size, "quiet"))
        room -= len(size)
        if is_open:
            return parts
    if isinstance(value, dict) and value.get("$") in ("opaque", "unscanned", "cycle", "stale", "more"):
        return [*parts, (preview(value, max(room, 1)), "quiet")]
    return [*parts, (_cut(preview(value, max(room, 1)), room), "value")]


def _cut(text: str, room: int) -> str:
    """Wide characters take two columns each."""
    return text if cell_len(text) <= room else fit(text, room)


def _size(value: Value) -> int:
    held = children(value)
    if held and held[-1][0] == MORE:
        return len(held) - 1 + int(held[-1][2].get("count", 0))
    return len(held)


def _places(value: Value, changed: set[Any], removed: int) -> tuple[int, ...]:
    """Where the changed elements are: they are shown even when they are not on the first page."""
    held = children(value)
    places = [at for at, (_, element, _) in enumerate(held) if _hashable(element) in changed]
    return (*places[:50], *range(len(held), len(held) + min(removed, 50)))


def _hashable(element: Any) -> Any:
    return element if isinstance(element, (str, int, float)) else None


def _removed(path: Path, change: Change) -> Item:
    name = path_text(change.path[-1:]) if not isinstance(change.path[-1], int) else str(change.path[-1])

    def draw(width: int, is_open: bool) -> Parts:
        room = max(width - len(name) - 3, 1)
        return [("- ", "bad"), (f"{name} {preview(change.old, room)}", "gone")]

    title = f"{path_text(change.path)} (removed)"
    return Item((*path, "\0removed", name), draw, title=title, value=change.old)
