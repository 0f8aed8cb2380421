"""Where the actions stand beside their edges: never over a box, another label or another edge."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from .drawing import ROW, Area, Point, Rect, cells_of
from .tracks import Line

_TIGHT = 3  # what it costs to stand right beside something
_WINDOW = 24  # cells around the middle of a piece that are looked at
_UPRIGHT = 12  # what it costs to stand beside an upright piece where flows read to the right


class Spot(NamedTuple):
    """Where a label stands; `right` when its end is what is beside the edge."""

    x: int
    y: int
    right: bool = False


class Labels:
    """Finds places one by one; each keeps its cells."""

    def __init__(self, lines: list[Line], rects: list[Rect], down: bool) -> None:
        self._down = down
        self._owner: dict[int, int] = {}  # the line through a cell; -1 where there are several
        for number, line in enumerate(lines):
            for cell in line.across | line.down:
                self._owner[cell] = number if cell not in self._owner else -1
        self._busy = set(self._owner)
        self._solid = Area(rects)

    def place(self, number: int, points: list[Point], room: int) -> Spot | None:
        """The best free place for a label of an edge; None where there is none."""
        best, best_cost = None, 1_000_000
        for cost, spot in sorted(_candidates(points, room, self._down)):
            if cost >= best_cost:
                break
            crowd = self._crowd(number, spot, room)
            if crowd is not None and cost + crowd < best_cost:
                best, best_cost = spot, cost + crowd
        if best is not None:
            self._keep(best, room)
        return best

    def place_anywhere(self, points: list[Point], room: int) -> Spot:
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
                    spot = Spot(middle.x + dx, middle.y + dy)
                    if self._crowd(-1, spot, room) is not None:
                        self._keep(spot, room)
                        return spot

    def _crowd(self, number: int, spot: Spot, room: int) -> int | None:
        """How tight it is there; None when something of another's is in the way."""
        x, y, _ = spot
        if self._solid.meets(x, y, room):
            return None
        first = y * ROW + x
        owner = self._owner
        cells = range(first, first + room)
        if not self._busy.isdisjoint(cells) and any(owner.get(cell, number) != number for cell in cells):
            return None
        cost = 0
        for beside in (-1, room):
            cost += _TIGHT * self._solid.has(x + beside, y)
            cost += 2 * _TIGHT * (owner.get(first + beside, number) != number)
        return cost

    def _keep(self, spot: Spot, room: int) -> None:
        self._solid.add(Rect(spot.x, spot.y, room, 1))


def _candidates(points: list[Point], room: int, down: bool) -> Iterator[tuple[int, Spot]]:
    """Places along a line and what they cost: the longest pieces and their middles first."""
    longest = max(abs(a.x - b.x) // 2 + abs(a.y - b.y) for a, b in pairwise(points))
    for a, b in pairwise(points):
        if a.y == b.y and (a != b or not down):
            low, high = min(a.x, b.x), max(a.x, b.x)
            short = longest - (high - low) // 2 if down else 0
            middle = (low + high + 1 - room) // 2
            for x in _window(low + 2, high - 1 - room, middle):
                yield short + abs(x - middle), Spot(x, a.y)
            for x in _window(low, max(high - room, low) + 1, middle):
                yield short + abs(x - middle) + 4, Spot(x, a.y - 1)
                yield short + abs(x - middle) + 5, Spot(x, a.y + 1)
        else:
            low, high = min(a.y, b.y), max(a.y, b.y)
            short = longest - (high - low) if down else _UPRIGHT
            middle = (low + high) // 2
            for y in _window(low, high + 1, middle):
                off = short + 2 * abs(y - middle)
                yield off + 1, Spot(a.x + 2, y)
                yield off + 2, Spot(a.x - 1 - room, y, True)
                yield off + 5, Spot(a.x + 1, y)
                yield off + 6, Spot(a.x - room, y, True)


def _window(low: int, high: int, middle: int) -> range:
    return range(max(low, middle - _WINDOW), min(high, middle + _WINDOW))
