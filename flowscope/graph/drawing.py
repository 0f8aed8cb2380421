"""A drawing of a graph as plain data, in character cells: what `layout` makes and `paint` shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple

EdgeKey = tuple[str, str, str]
"""Source, target and action of an edge of the graph."""


class Zoom(IntEnum):
    """How much of each node is shown."""

    TINY = 0
    COMPACT = 1
    FULL = 2


class Point(NamedTuple):
    """A cell."""

    x: int
    y: int


class Rect(NamedTuple):
    """A block of cells."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column beyond it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.y + self.height

    def moved(self, dx: int, dy: int) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.width, self.height)

    def meets(self, other: Rect) -> bool:
        """Whether they have a cell in common."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def has(self, x: int, y: int) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom


ROW = 1 << 16
"""Cells are numbered `y * ROW + x` where many are compared: a row below is this much more."""

_LARGE = 1_000  # cells of a block that are no longer kept one by one


class Area:
    """The cells of some blocks, by number; large ones are kept as they are."""

    def __init__(self, rects: Iterable[Rect]) -> None:
        self._cells: set[int] = set()
        self._large: list[Rect] = []
        for rect in rects:
            self.add(rect)

    def add(self, rect: Rect) -> None:
        if rect.width * rect.height > _LARGE:
            self._large.append(rect)
            return
        for y in range(rect.y, rect.bottom):
            self._cells.update(range(y * ROW + rect.x, y * ROW + rect.right))

    def has(self, x: int, y: int) -> bool:
        return y * ROW + x in self._cells or any(rect.has(x, y) for rect in self._large)

    def meets(self, x: int, y: int, width: int) -> bool:
        """Whether a piece of a row has a cell of it."""
        if not self._cells.isdisjoint(range(y * ROW + x, y * ROW + x + width)):
            return True
        return any(r.y <= y < r.bottom and r.x < x + width and x < r.right for r in self._large)

    def covers(self, points: Sequence[Point], cells: set[int]) -> bool:
        """Whether a line with these corners, that runs through these cells, has a cell of it."""
        if not self._cells.isdisjoint(cells):
            return True
        if not self._large:
            return False
        pieces = [_piece(a, b) for a, b in pairwise(points)]
        return any(rect.meets(piece) for rect in self._large for piece in pieces)


def _piece(a: Point, b: Point) -> Rect:
    return Rect(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x) + 1, abs(a.y - b.y) + 1)


def cells_of(points: Sequence[Point]) -> list[Point]:
    """Every cell of a line from its first point to its last, in order."""
    found = [points[0]]
    for a, b in pairwise(points):
        step = 1 if b.x > a.x else -1
        found += [Point(x, a.y) for x in range(a.x + step, b.x + step, step) if a.x != b.x]
        step = 1 if b.y > a.y else -1
        found += [Point(b.x, y) for y in range(a.y + step, b.y + step, step) if a.y != b.y]
    return found


@dataclass(frozen=True, slots=True)
class Box:
    """A node, or a flow, which when unfolded has boxes within it."""

    node: str
    rect: Rect
    label: str  # cut to the room there is
    kind: str
    words: str  # the kind, as one says it
    sign: str = ""  # the kind in a character or two, where there is no room for words
    flow: bool = False
    open: bool = False  # an unfolded flow: its rect is a frame
    start: bool = False  # its flow begins here
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """An edge: a line of cells from beside its source to beside its target, with a turn at each point."""

    edge: EdgeKey
    points: tuple[Point, ...]
    leaves: Point  # the cell of the source's border that the line comes out of
    enters: Point  # the cell of the target's border that the arrow points at
    label: str = ""
    label_at: Point | None = None
    room: int = 0  # cells kept free for the label and a count after it
    right: bool = False  # the end of the label is what is beside the edge
    declared: bool = True

    def cells(self) -> list[Point]:
        """Every cell of the line, in order."""
        return cells_of(self.points)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where everything is. Boxes come with the outer ones first."""

    width: int
    height: int
    boxes: dict[str, Box]
    routes: tuple[Route, ...]
    down: bool = True
    """Flows read from top to bottom; else from left to right."""
    zoom: Zoom = Zoom.FULL
    live: bool = True
    """There is room for marks and counts."""
    hidden: dict[str, str] = field(default_factory=dict)
    """Nodes within folded flows: the box that stands for each."""

    def box_of(self, node: str) -> Box | None:
        """The box of a node, or of the folded flow it is in."""
        return self.boxes.get(self.hidden.get(node, node))

    def box_at(self, x: int, y: int) -> Box | None:
        """The innermost box over a cell."""
        found = None
        for box in self.boxes.values():
            if box.rect.has(x, y):
                found = box
        return found
