"""A way for a line that could not be freed by moving its pieces: the cheapest one around everything."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import pairwise

from .drawing import ROW, Area, Point, Rect
from .tracks import Line, inset_of, others, tangled

_MARGIN = 4  # cells around everything where lines may run, too
_TURN, _CROSSING, _SHARED = 4, 2, 40  # what these cost, in steps
_EAGER = 2  # what a cell of the way ahead is taken for: more is faster, and less often the best way
_MOST = 60_000  # cells looked at for all lines, once none runs through a box
_TURNS = {1: (1, ROW, -ROW), -1: (-1, ROW, -ROW), ROW: (ROW, 1, -1), -ROW: (-ROW, 1, -1)}  # not back
_FAR = 1 << 30
_SHIFT = ROW.bit_length() - 1


def detour(lines: list[Line], rects: list[Rect]) -> None:
    """Lead lines that run through boxes or along others around them; each from the side that is best."""
    solid = Area(rects)
    bad = [line for line in tangled(lines, solid) if line.source is not line.target]
    if not bad:
        return
    walls = _walls(lines, rects)
    bad.sort(key=lambda line: not solid.covers(line.points, line.across | line.down))
    looked = 0
    for line in bad:
        if looked > _MOST and not solid.covers(line.points, line.across | line.down):
            return
        search = _Search(walls, *others(lines, line), line)
        way = search.way()
        looked += search.looked
        if way is not None:
            line.leaves, line.enters = way[0], way[2]
            line.go(way[1])


def _walls(lines: list[Line], rects: list[Rect]) -> set[int]:
    """Where no line may run: the cells of boxes, and those around everything."""
    corners = [point for line in lines for point in line.points]
    corners += [Point(rect.x, rect.y) for rect in rects] + [Point(rect.right, rect.bottom) for rect in rects]
    left, right = min(x for x, _ in corners) - _MARGIN, max(x for x, _ in corners) + _MARGIN
    top, bottom = min(y for _, y in corners) - _MARGIN, max(y for _, y in corners) + _MARGIN
    walls: set[int] = set()
    for y in (top, bottom):
        walls.update(range(y * ROW + left, y * ROW + right + 1))
    for x in (left, right):
        walls.update(range(top * ROW + x, bottom * ROW + x + 1, ROW))
    for rect in rects:
        for y in range(rect.y, rect.bottom):
            walls.update(range(y * ROW + rect.x, y * ROW + rect.right))
    return walls


class _Search:
    """A* over cells and the way one came into them."""

    def __init__(self, walls: set[int], across: set[int], down: set[int], line: Line) -> None:
        self._walls, self._across, self._down, self._line = walls, across, down, line
        self._busy = across | down
        self.looked = 0
        """Cells so far."""

    def way(self) -> tuple[str, list[Point], str] | None:
        """The side it leaves, its corners, and the side it enters."""
        busy, walls = self._busy, self._walls
        ends = {(cell, -way): side for cell, way, side in _doors(self._line.target) if cell not in busy}
        begins = {(cell, way): side for cell, way, side in _doors(self._line.source) if cell not in walls}
        best: dict[tuple[int, int], int] = {}
        came: dict[tuple[int, int], tuple[int, int]] = {}
        heap: list[tuple[int, int, int, int]] = []
        for cell, way in begins:
            cost = self._entering(cell, way) + (cell in busy) * _SHARED
            best[cell, way] = cost
            heap.append((cost + self._ahead(cell), cost, cell, way))
        heapify(heap)
        while heap:
            _, cost, cell, way = heappop(heap)
            if cost > best[cell, way]:
                continue
            self.looked += 1
            if (cell, way) in ends:
                states = [(cell, way)]
                while states[-1] in came:
                    states.append(came[states[-1]])
                states.reverse()
                return begins[states[0]], _corners(states), ends[cell, way]
            turning = cost + 1 + _TURN + (cell in busy) * _SHARED
            for turn in _TURNS[way]:
                after = cell + turn
                if after in walls:
                    continue
                total = cost + 1 if turn == way else turning
                if after in busy:
                    total += self._entering(after, turn)
                state = after, turn
                if total < best.get(state, _FAR):
                    best[state] = total
                    came[state] = cell, way
                    heappush(heap, (total + self._ahead(after), total, after, turn))
        return None

    def _entering(self, cell: int, way: int) -> int:
        along, over = (self._across, self._down) if way in (1, -1) else (self._down, self._across)
        return _SHARED if cell in along else _CROSSING * (cell in over)

    def _ahead(self, cell: int) -> int:
        x, y = ((cell + ROW // 2) & ROW - 1) - ROW // 2, cell + ROW // 2 >> _SHIFT
        left, top, width, height = self._line.target
        aside = left - x if x < left else max(x - left - width + 1, 0)
        return _EAGER * (aside + (top - y if y < top else max(y - top - height + 1, 0)))


def _place(cell: int) -> Point:
    """The cell of a number; columns may be negative."""
    y, x = divmod(cell + ROW // 2, ROW)
    return Point(x - ROW // 2, y)


def _doors(rect: Rect) -> Iterator[tuple[int, int, str]]:
    """The cells beside a box where a line may begin, the way it sets out, and the side."""
    inset = inset_of(rect.width)
    for x in range(rect.x + inset, rect.right - inset):
        yield (rect.y - 1) * ROW + x, -ROW, "top"
        yield rect.bottom * ROW + x, ROW, "bottom"
    inset = inset_of(rect.height)
    for y in range(rect.y + inset, rect.bottom - inset):
        yield y * ROW + rect.x - 1, -1, "left"
        yield y * ROW + rect.right, 1, "right"


def _corners(states: list[tuple[int, int]]) -> list[Point]:
    """The first and last cell, and those where the line turns."""
    points = [_place(states[0][0])]
    for (cell, way), (_, after) in pairwise(states):
        if way != after and _place(cell) != points[-1]:
            points.append(_place(cell))
    last = _place(states[-1][0])
    return [*points, last]
