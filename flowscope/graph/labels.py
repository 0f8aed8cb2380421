"""Where the actions stand beside their edges: never over a box, another label or another edge."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from .drawing import Area, Point, Rect, cells_of
from .tracks import Line

_TIGHT = 3  # what it costs to stand right beside something


class Labels:
    """Finds places one by one; each keeps its cells."""

    def __init__(self, lines: list[Line], rects: list[Rect]) -> None:
        self._lines: dict[Point, set[int]] = {}
        for number, line in enumerate(lines):
            for cell in cells_of(line.points):
                self._lines.setdefault(cell, set()).add(number)
        self._solid = Area(rects)

    def place(self, number: int, points: list[Point], room: int) -> Point | None:
        """The best free place for a label of an edge; None where there is none."""
        best, best_cost = None, 1_000_000
        for at, cost in _candidates(points, room):
            if cost >= best_cost or (crowd := self._crowd(number, at, room)) is None:
                continue
            if cost + crowd < best_cost:
                best, best_cost = at, cost + crowd
        if best is not None:
            self._keep(best, room)
        return best

    def place_anywhere(self, points: list[Point], room: int) -> Point:
        """The free place that is nearest to the middle of an edge."""
        middle = cells_of(points)[len(cells_of(points)) // 2]
        distance = 0
        while True:
            distance += 1
            for dy in range(-distance, distance + 1):
                steps = (
                    (-2 * distance, 2 * distance)
                    if abs(dy) < distance
                    else range(-2 * distance, 2 * distance + 1)
                )
                for dx in steps:
                    at = Point(middle.x + dx, middle.y + dy)
                    if self._crowd(-1, at, room) is not None:
                        self._keep(at, room)
                        return at

    def _crowd(self, number: int, at: Point, room: int) -> int | None:
        """How tight it is there; None when something of another's is in the way."""
        if self._solid.meets(at.x, at.y, room):
            return None
        for x in range(at.x, at.x + room):
            if (here := self._lines.get(Point(x, at.y))) and here != {number}:
                return None
        cost = 0
        for x in (at.x - 1, at.x + room):
            cell = Point(x, at.y)
            others = self._lines.get(cell, set()) - {number}
            cost += _TIGHT * (cell in self._solid) + 2 * _TIGHT * bool(others)
        return cost

    def _keep(self, at: Point, room: int) -> None:
        self._solid.add(Rect(at.x, at.y, room, 1))


def _candidates(points: list[Point], room: int) -> Iterator[tuple[Point, int]]:
    """Places along a line and what they cost: the longest pieces and their middles first."""
    longest = max(abs(a.x - b.x) // 2 + abs(a.y - b.y) for a, b in pairwise(points))
    for a, b in pairwise(points):
        if a.y == b.y:
            low, high = min(a.x, b.x), max(a.x, b.x)
            short = longest - (high - low) // 2
            middle = (low + high + 1 - room) // 2
            for x in range(low + 2, high - 1 - room):
                yield Point(x, a.y), short + abs(x - middle)
            for x in range(low, max(high - room, low) + 1):
                yield Point(x, a.y - 1), short + abs(x - middle) + 4
                yield Point(x, a.y + 1), short + abs(x - middle) + 5
        else:
            low, high = min(a.y, b.y), max(a.y, b.y)
            short = longest - (high - low)
            for y in range(low, high + 1):
                off = short + 2 * abs(y - (low + high) // 2)
                yield Point(a.x + 2, y), off + 1
                yield Point(a.x - 1 - room, y), off + 2
                if low < y < high:
                    yield Point(a.x - room // 2, y), off + 6
                yield Point(a.x + 1, y), off + 5
                yield Point(a.x - room, y), off + 6
