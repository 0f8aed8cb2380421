"""Lines on whole cells: each begins and ends beside a box, and no two run in the same cells.

What is apart in pixels can fall into the same cell. `untangle` moves pieces of lines to a free track nearby.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from .drawing import ROW, Area, Point, Rect

_ROUNDS = 3
_FARTHEST = 4  # cells a piece is moved
_SOLID = 1_000  # the cost of running through a box


@dataclass(slots=True)
class Line:
    """A route while it is being made. Sides are those of the boxes it leaves and enters."""

    points: list[Point]
    source: Rect
    target: Rect
    leaves: str
    enters: str
    across: set[int] = field(default_factory=set)
    """The numbers of the cells that it runs through from side to side; turns and the head are in both."""
    down: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.source is not self.target:
            self._settle()
        self.go(self.points)

    def go(self, points: list[Point]) -> None:
        """Take this way from now on."""
        self.points = points
        self.across, self.down = _lie(points)

    def border(self, end: int) -> Point:
        """The cell of the source's (0) or target's (-1) border that the line touches."""
        rect, side = (self.source, self.leaves) if end == 0 else (self.target, self.enters)
        x, y = self.points[end]
        return {
            "top": Point(x, rect.y),
            "bottom": Point(x, rect.bottom - 1),
            "left": Point(rect.x, y),
            "right": Point(rect.right - 1, y),
        }[side]

    def _settle(self) -> None:
        """Put the ends beside the boxes, away from their corners, and every piece level or upright."""
        first = _beside(self.source, self.leaves, self.points[0])
        last = _beside(self.target, self.enters, self.points[-1])
        upright = self.leaves in ("top", "bottom")
        inner = self.points[1:-1]
        if inner:
            inner[0] = Point(first.x, inner[0].y) if upright else Point(inner[0].x, first.y)
            end_upright = self.enters in ("top", "bottom")
            inner[-1] = Point(last.x, inner[-1].y) if end_upright else Point(inner[-1].x, last.y)
        self.points = _square([first, *inner, last], upright)


def untangle(lines: list[Line], rects: list[Rect]) -> None:
    """Move pieces of lines that run through boxes or along each other, as far as free cells are near."""
    solid = Area(rects)
    for _ in range(_ROUNDS):
        calm = True
        for line in tangled(lines, solid):
            if line.source is line.target:
                continue
            across, down = others(lines, line)
            cost = _cost(line.points, line.across, line.down, across, down, solid)
            while cost:
                best = min(
                    ((_cost(points, *_lie(points), across, down, solid), points) for points in _moves(line)),
                    key=lambda found: found[0],
                    default=None,
                )
                if best is None or best[0] >= cost:
                    break
                cost = best[0]
                line.go(best[1])
                calm = False
        if calm:
            return


def tangled(lines: list[Line], solid: Area) -> list[Line]:
    """The lines that share a piece with another one, or run through a box."""
    shared = [_shared_cells(line.across for line in lines), _shared_cells(line.down for line in lines)]
    return [
        line
        for line in lines
        if not shared[0].isdisjoint(line.across)
        or not shared[1].isdisjoint(line.down)
        or solid.covers(line.points, line.across | line.down)
    ]


def others(lines: list[Line], line: Line) -> tuple[set[int], set[int]]:
    """The cells of all other lines: those they run through from side to side, and down."""
    rest = [each for each in lines if each is not line]
    return set().union(*(each.across for each in rest)), set().union(*(each.down for each in rest))


def _shared_cells(sets: Iterable[set[int]]) -> set[int]:
    once: set[int] = set()
    twice: set[int] = set()
    for cells in sets:
        twice |= once & cells
        once |= cells
    return twice


def _moves(line: Line) -> Iterator[list[Point]]:
    """The line with one of its pieces moved aside, nearest first."""
    points = line.points
    for i in range(len(points) - 1):
        a, b = points[i], points[i + 1]
        upright = a.x == b.x and a.y != b.y
        for distance in range(1, _FARTHEST + 1):
            for step in (distance, -distance):
                dx, dy = (step, 0) if upright else (0, step)
                moved = [*points]
                moved[i], moved[i + 1] = Point(a.x + dx, a.y + dy), Point(b.x + dx, b.y + dy)
                inside = 0 < i < len(points) - 2
                if (inside or _ends_fit(line, moved)) and _is_square(moved):
                    yield moved


def _ends_fit(line: Line, points: list[Point]) -> bool:
    return _beside(line.source, line.leaves, points[0]) == points[0] and (
        _beside(line.target, line.enters, points[-1]) == points[-1]
    )


def _is_square(points: list[Point]) -> bool:
    return all(a.x == b.x or a.y == b.y for a, b in pairwise(points))


def _cost(
    points: list[Point],
    across: set[int],
    down: set[int],
    others_across: set[int],
    others_down: set[int],
    solid: Area,
) -> int:
    cost = len(across & others_across) + len(down & others_down)
    return cost + _SOLID * solid.covers(points, across | down)


def _lie(points: list[Point]) -> tuple[set[int], set[int]]:
    """The cells of a line, by how it lies there."""
    across: set[int] = set()
    down: set[int] = set()
    for (ax, ay), (bx, by) in pairwise(points):
        if ay == by:
            across.update(range(ay * ROW + min(ax, bx), ay * ROW + max(ax, bx) + 1))
        else:
            down.update(range(min(ay, by) * ROW + ax, max(ay, by) * ROW + ax + 1, ROW))
    head = points[-1].y * ROW + points[-1].x
    across.add(head)  # nothing crosses an arrow's head
    down.add(head)
    return across, down


def _beside(rect: Rect, side: str, at: Point) -> Point:
    """The cell outside a side of a box that is nearest to a point; not at a corner if the side has others."""
    x = _between(at.x, rect.x, rect.right)
    y = _between(at.y, rect.y, rect.bottom)
    return {
        "top": Point(x, rect.y - 1),
        "bottom": Point(x, rect.bottom),
        "left": Point(rect.x - 1, y),
        "right": Point(rect.right, y),
    }[side]


def _between(value: int, low: int, high: int) -> int:
    """Inside the half-open range, and off its ends where there is room."""
    inset = inset_of(high - low)
    return min(max(value, low + inset), high - 1 - inset)


def inset_of(size: int) -> int:
    """How far from the corners of a side of this length lines begin and end."""
    return 1 if size > 2 else 0


def _square(points: Iterable[Point], upright: bool) -> list[Point]:
    """The points without repetitions, with a turn added wherever a piece would be slanted."""
    square: list[Point] = []
    for point in points:
        if square and point == square[-1]:
            continue
        if square and point.x != square[-1].x and point.y != square[-1].y:
            before = square[-1]
            if upright:
                middle = (before.y + point.y) // 2
                square += [Point(before.x, middle), Point(point.x, middle)]
            else:
                middle = (before.x + point.x) // 2
                square += [Point(middle, before.y), Point(middle, point.y)]
            square = [p for i, p in enumerate(square) if i == 0 or p != square[i - 1]]
            if square[-1] == point:
                continue
        square.append(point)
    if len(square) == 1:
        square.append(square[0])
    return square
