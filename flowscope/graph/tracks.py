"""Lines on whole cells: each begins and ends beside a box, and no two run in the same cells.

What is apart in pixels can fall into the same cell. `untangle` moves pieces of lines to a free track nearby.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from .drawing import Area, Point, Rect

_ROUNDS = 3
_FARTHEST = 4  # cells a piece is moved
_ACROSS, _DOWN, _BOTH = 1, 2, 3  # how a line lies in a cell; both at a turn
_SOLID = 1_000  # the cost of a cell of a box


@dataclass(slots=True)
class Line:
    """A route while it is being made. Sides are those of the boxes it leaves and enters."""

    points: list[Point]
    source: Rect
    target: Rect
    leaves: str
    enters: str
    cells: dict[Point, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.source is not self.target:
            self._settle()

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
        if not inner:
            if upright and first.x != last.x:
                low, high = _shared(self.source.x, self.source.right, self.target.x, self.target.right)
                if low <= high:
                    x = min(max(first.x, low), high)
                    first, last = Point(x, first.y), Point(x, last.y)
            elif not upright and first.y != last.y:
                low, high = _shared(self.source.y, self.source.bottom, self.target.y, self.target.bottom)
                if low <= high:
                    y = min(max(first.y, low), high)
                    first, last = Point(first.x, y), Point(last.x, y)
        else:
            inner[0] = Point(first.x, inner[0].y) if upright else Point(inner[0].x, first.y)
            end_upright = self.enters in ("top", "bottom")
            inner[-1] = Point(last.x, inner[-1].y) if end_upright else Point(inner[-1].x, last.y)
        self.points = _square([first, *inner, last], upright)


def untangle(lines: list[Line], rects: list[Rect]) -> None:
    """Move pieces of lines that run through boxes or along each other, as far as free cells are near."""
    solid = Area(rects)
    taken: dict[Point, list[int]] = {}
    for line in lines:
        line.cells = _lie(line.points)
        _put(taken, line.cells)
    for _ in range(_ROUNDS):
        calm = True
        for line in lines:
            _take(taken, line.cells)
            cost = _cost(line.cells, taken, solid)
            while cost:
                best = min(
                    ((_cost(cells, taken, solid), points, cells) for points, cells in _moves(line)),
                    key=lambda found: found[0],
                    default=None,
                )
                if best is None or best[0] >= cost:
                    break
                cost, line.points, line.cells = best
                calm = False
            _put(taken, line.cells)
        if calm:
            return


def _moves(line: Line) -> Iterator[tuple[list[Point], dict[Point, int]]]:
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
                if _ends_fit(line, moved) and _is_square(moved):
                    yield moved, _lie(moved)


def _ends_fit(line: Line, points: list[Point]) -> bool:
    return _beside(line.source, line.leaves, points[0]) == points[0] and (
        _beside(line.target, line.enters, points[-1]) == points[-1]
    )


def _is_square(points: list[Point]) -> bool:
    return all(a.x == b.x or a.y == b.y for a, b in pairwise(points))


def _cost(cells: dict[Point, int], taken: dict[Point, list[int]], solid: Area) -> int:
    cost = 0
    for cell, lie in cells.items():
        if cell in solid:
            cost += _SOLID
        for other in taken.get(cell, ()):
            cost += 0 if lie | other == _BOTH and lie != _BOTH and other != _BOTH else 1
    return cost


def _lie(points: list[Point]) -> dict[Point, int]:
    cells: dict[Point, int] = {}
    for a, b in pairwise(points):
        if a.y == b.y:
            for x in range(min(a.x, b.x), max(a.x, b.x) + 1):
                cells[Point(x, a.y)] = cells.get(Point(x, a.y), 0) | _ACROSS
        else:
            for y in range(min(a.y, b.y), max(a.y, b.y) + 1):
                cells[Point(a.x, y)] = cells.get(Point(a.x, y), 0) | _DOWN
    cells[points[-1]] = _BOTH  # nothing crosses an arrow's head
    return cells


def _put(taken: dict[Point, list[int]], cells: dict[Point, int]) -> None:
    for cell, lie in cells.items():
        taken.setdefault(cell, []).append(lie)


def _take(taken: dict[Point, list[int]], cells: dict[Point, int]) -> None:
    for cell, lie in cells.items():
        taken[cell].remove(lie)


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
    inset = 1 if high - low > 2 else 0
    return min(max(value, low + inset), high - 1 - inset)


def _shared(a: int, a_end: int, b: int, b_end: int) -> tuple[int, int]:
    return max(a, b) + 1, min(a_end, b_end) - 2


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
