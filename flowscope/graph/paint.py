"""A drawing and its look painted onto a grid of characters: the rows that are asked for, as they differ."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from .drawing import ROW, Area, Box, Drawing, Point, Rect, Route, Zoom
from .glyphs import DOWN, LEFT, RIGHT, UNICODE, UP, Glyphs
from .grid import Grid, Span
from .layout import fitted
from .look import AnyLook, EdgeLook, Look, Mark, NodeLook, Use

_ORDER = {Use.NEVER: 0, Use.PLAIN: 1, Use.TAKEN: 2, Use.NOW: 3}


class Canvas:
    """The painted cells. Read them with `spans`; `update` brings in a new look.

    Boxes and routes are the parts of a drawing. One is painted when a row of it is first shown, and again
    when such a row is shown and its look has changed since.
    """

    def __init__(self, drawing: Drawing, look: AnyLook | None = None, glyphs: Glyphs = UNICODE) -> None:
        self.drawing = drawing
        self.width, self.height = drawing.width, drawing.height
        self._look = Look() if look is None else look
        self.glyphs = glyphs
        self._grid = Grid(self.width)
        self._boxes = list(drawing.boxes.values())
        self._box_looks: dict[int, NodeLook] = {}  # as they were painted
        self._route_looks: dict[int, EdgeLook] = {}
        self._boxes_at: dict[int, list[int]] = {}  # by row
        self._routes_at: dict[int, list[int]] = {}
        self._shown: dict[int, int] = {}  # the rows, and the version of the look they show
        self._version = 0
        self._joints: dict[str, list[Point]] = {}  # where edges come out of a box's border
        self._lines: dict[int, list[tuple[int, int]]] = {}  # the routes through a cell, and how they go on
        self._cells: dict[int, list[int]] = {}  # of the routes that were painted, those no box covers
        self._closed = Area(box.rect for box in self._boxes if not box.open)
        for number, box in enumerate(self._boxes):
            for row in range(box.rect.y, box.rect.bottom):
                self._boxes_at.setdefault(row, []).append(number)
        for number, route in enumerate(drawing.routes):
            around = _around(route)
            for row in range(around.y, around.bottom):
                self._routes_at.setdefault(row, []).append(number)
            if drawing.zoom is Zoom.FULL or _is_frame(drawing, route.edge[0]):
                source = drawing.hidden.get(route.edge[0], route.edge[0])
                self._joints.setdefault(source, []).append(route.leaves)

    def spans(self, row: int, x0: int, x1: int) -> list[Span]:
        """What stands in the columns from x0 up to x1 of a row; they may lie beyond the drawing."""
        self._show(row, row + 1)
        return self._grid.spans(row, x0, x1)

    def row_text(self, row: int) -> str:
        """A row as plain text."""
        self._show(row, row + 1)
        return self._grid.text(row)

    def update(self, look: AnyLook, top: int = 0, bottom: int | None = None) -> list[Rect]:
        """Take on a new look; the blocks of cells that it touches in the rows from top up to bottom."""
        self._look = look
        self._version += 1
        return self._show(top, self.height if bottom is None else bottom)

    def _show(self, top: int, bottom: int) -> list[Rect]:
        """Paint what is not painted in these rows, or otherwise."""
        boxes: set[int] = set()
        routes: set[int] = set()
        for row in range(max(top, 0), min(bottom, self.height)):
            if self._shown.get(row) != self._version:
                self._shown[row] = self._version
                boxes.update(self._boxes_at.get(row, ()))
                routes.update(self._routes_at.get(row, ()))
        touched = []
        for number in sorted(boxes):  # those that hold others come first
            box = self._boxes[number]
            look = self._look.node(box.node)
            if self._box_looks.get(number) != look:
                self._box_looks[number] = look
                self._box(box, look)
                touched.append(box.rect)
        changed = []
        for number in sorted(routes):
            edge = self._look.edge(self.drawing.routes[number].edge)
            if self._route_looks.get(number) != edge:
                self._route_looks[number] = edge
                changed.append(number)
                if number not in self._cells:
                    self._trace(number)
        self._edges(changed)
        return touched + [_around(self.drawing.routes[number]) for number in changed]

    def _trace(self, number: int) -> None:
        """Note which way a route goes in which cell."""
        route = self.drawing.routes[number]
        cells = route.cells()
        chain = [route.leaves, *cells, route.enters]
        self._cells[number] = kept = []
        for i, cell in enumerate(cells, 1):
            if not self._closed.has(*cell):
                key = cell.y * ROW + cell.x
                ways = _way(cell, chain[i - 1]) | _way(cell, chain[i + 1])
                self._lines.setdefault(key, []).append((number, ways))
                kept.append(key)

    def _box(self, box: Box, look: NodeLook) -> None:
        if self.drawing.zoom is not Zoom.FULL and not box.open:
            self._chip(box, look)
            return
        glyphs, rect = self.glyphs, box.rect
        style, fill = look.mark.value, " fill" * (look.mark is Mark.CURRENT and not box.open)
        border = glyphs.borders[_border(box, look.mark)]
        x, y, right, bottom = rect.x, rect.y, rect.right - 1, rect.bottom - 1
        level, upright = border[LEFT | RIGHT], border[UP | DOWN]
        self._grid.put(x, y, border[RIGHT | DOWN] + level * (rect.width - 2) + border[LEFT | DOWN], style)
        self._grid.put(x, bottom, border[UP | RIGHT] + level * (rect.width - 2) + border[UP | LEFT], style)
        for row in range(y + 1, bottom):
            self._grid.put(x, row, upright, style)
            self._grid.put(right, row, upright, style)
            if not box.open:
                self._grid.put(x + 1, row, " " * (rect.width - 2), style + fill)
        for joint in self._joints.get(box.node, ()):
            self._joint(rect, joint, border, style)
        count = self._count(look.count)
        if box.open:
            mark = glyphs.marks[look.mark.value].strip()
            sign = f"{glyphs.dot} {box.words}" if box.words and self.drawing.zoom is Zoom.FULL else box.sign
            title = " ".join(filter(None, (mark, box.label, sign, count)))
            self._grid.put(x + 2, y, f" {glyphs.unfolded} {title} ", _label_style(look))
        else:
            if box.words:
                self._grid.put(x + 1, y, f" {box.words} ", "words")
            label = f"{glyphs.folded} {box.label}" if box.flow else box.label
            if self.drawing.live:
                self._grid.put(x + 1, y + 1, glyphs.marks[look.mark.value], f"{style} label{fill}")
            self._grid.put(x + 2 + self.drawing.live, y + 1, label, _label_style(look))
            self._grid.put(right - cell_len(count) - (count != ""), y + 1, count, "count" + fill)
            if look.note and rect.height > 3:
                self._grid.put(x + 2, bottom - 1, fitted(look.note, rect.width - 4), "note" + fill)
        self._below(box, look)
        if look.breakpoint is not None:
            self._grid.put(x, y + 1, self._point(look.breakpoint), "breakpoint")

    def _below(self, box: Box, look: NodeLook) -> None:
        """On the lower border, up to where an edge comes out: it failed; what an open flow's lanes do."""
        x, bottom = box.rect.x + 2, box.rect.bottom - 1
        end = min(
            (at.x for at in self._joints.get(box.node, ()) if at.y == bottom), default=box.rect.right - 1
        )
        for text, style in (("failed" * look.failed, "failed"), (look.note * box.open, "note")):
            if text and end - x > 9:
                text = f" {fitted(text, end - x - 3)} "
                self._grid.put(x, bottom, text, style)
                x += cell_len(text)

    def _chip(self, box: Box, look: NodeLook) -> None:
        """A node on one line: `[ ]` around a sync one, `( )` around an async one."""
        glyphs, rect = self.glyphs, box.rect
        style = f"{look.mark.value} label" + " fill" * (look.mark is Mark.CURRENT)
        left, right = "()" if "Async" in box.kind else "[]"
        for row in range(rect.y, rect.bottom):
            self._grid.put(rect.x, row, left + " " * (rect.width - 2) + right, style)
        start = rect.x + 1
        if self.drawing.live:
            self._grid.put(start, rect.y, glyphs.marks[look.mark.value], style)
            if look.breakpoint is not None:
                point = style if look.mark is Mark.CURRENT else "breakpoint"
                self._grid.put(start + 1, rect.y, self._point(look.breakpoint), point)
            start += 2
        label = fitted(
            " ".join(filter(None, (glyphs.folded * box.flow, box.label, box.sign))), rect.right - 1 - start
        )
        self._grid.put(start, rect.y, label, _label_style(look))
        count = self._count(look.count)
        at = rect.right - 1 - cell_len(count)
        if count and at > start + cell_len(label):
            self._grid.put(at, rect.y, count, "count" + " fill" * (look.mark is Mark.CURRENT))

    def _point(self, is_on: bool) -> str:
        return self.glyphs.breakpoint if is_on else self.glyphs.breakpoint_off

    def _joint(self, rect: Rect, at: Point, border: tuple[str, ...], style: str) -> None:
        ways = {rect.y: DOWN, rect.bottom - 1: UP}.get(at.y, 0)
        if at.x in (rect.x, rect.right - 1):
            ways = UP | DOWN | (LEFT if at.x == rect.x else RIGHT)
        else:
            ways = LEFT | RIGHT | (UP if at.y == rect.y else DOWN)
        self._grid.put(at.x, at.y, border[ways], style)

    def _count(self, count: int) -> str:
        return count_text(count, self.glyphs) if self.drawing.live and count > 1 else ""

    def _edges(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            for cell in self._cells[number]:
                self._line(cell)
        # a line of another edge may have been repainted across: labels come last
        for number in numbers:
            self._label(self.drawing.routes[number], self._route_looks[number])

    def _line(self, cell: int) -> None:
        here = self._lines[cell]
        y, x = divmod(cell, ROW)
        number, ways = here[0]
        if len(here) > 1:
            number = max(here, key=lambda found: _ORDER[self._use(found[0])])[0]
            for _, more in here:
                ways |= more
        route, use = self.drawing.routes[number], self._use(number)
        style = use.value if route.declared else f"{use.value} undeclared"
        for other, _ in here:
            head = self.drawing.routes[other]
            if (x, y) == head.points[-1]:
                char = self.glyphs.arrows[_way(head.points[-1], head.enters)]
                break
        else:
            look = "undeclared" if not route.declared and use is not Use.NOW else use.value
            char = self.glyphs.lines[look][ways]
            lit = [more for other, more in here if self._use(other) is Use.NOW]
            if len(here) > len(lit) and lit and ways == UP | DOWN | LEFT | RIGHT:
                char = self.glyphs.crossings[0 if lit[0] == LEFT | RIGHT else 1]
        self._grid.put(x, y, char, style)

    def _use(self, number: int) -> Use:
        return self._route_looks[number].use

    def _label(self, route: Route, look: EdgeLook) -> None:
        if (at := route.label_at) is None:
            return
        text = self._action(route, look.count)
        style = f"{look.use.value} action"
        if not route.declared:
            style += " undeclared"
        x, y = at.x + (route.room - cell_len(text)) * route.right, at.y
        for beside in range(at.x, at.x + route.room):  # a count may have been there
            if y * ROW + beside not in self._lines:
                self._grid.put(beside, y, " ", "")
        self._grid.put(x, y, text, style)
        if text and y * ROW + x in self._lines:
            for beside in (x - 1, x + cell_len(text)):
                if self._is_spare(Point(beside, y), route):
                    self._grid.put(beside, y, " ", "")

    def _action(self, route: Route, count: int) -> str:
        """The action and the count, as far as there is room."""
        short = self._count(count)
        text = " ".join(filter(None, (route.label, short)))
        if cell_len(text) <= route.room:
            return text
        text = route.label + short
        return text if cell_len(text) <= route.room else f"{route.label}{self.glyphs.times}{self.glyphs.many}"

    def _is_spare(self, cell: Point, route: Route) -> bool:
        """Whether a cell beside a label is of its edge alone, and may be blank: no turn, not its head."""
        here = self._lines.get(cell.y * ROW + cell.x, ())
        return len(here) == 1 and here[0][1] == LEFT | RIGHT and cell not in route.points


def count_text(count: int, glyphs: Glyphs = UNICODE) -> str:
    """`×3`, in at most four cells."""
    return f"{glyphs.times}{count}" if count < 1_000 else f"{glyphs.times}{min(count // 1_000, 99)}k"


def _is_frame(drawing: Drawing, node: str) -> bool:
    box = drawing.box_of(node)
    return box is not None and box.open


def _label_style(look: NodeLook) -> str:
    """Reversed where it is selected; the current node is filled, and underlined where it is selected too."""
    if look.mark is Mark.CURRENT:
        return "current label fill" + " picked" * look.selected
    return f"{look.mark.value} label" + " selected" * look.selected


def _border(box: Box, mark: Mark) -> str:
    if mark is Mark.CURRENT:
        return "current"
    if box.flow and not box.open:
        return "folded"
    return "async" if "Async" in box.kind else "sync"


def _way(cell: Point, to: Point) -> int:
    """Where a neighbouring cell lies."""
    if to.x != cell.x:
        return RIGHT if to.x > cell.x else LEFT
    return DOWN if to.y > cell.y else UP if to.y < cell.y else 0


def _around(route: Route) -> Rect:
    """The cells of a route and its label."""
    points = [*route.points]
    if (at := route.label_at) is not None:
        points += [at, Point(at.x + route.room, at.y)]
    left, top = min(p.x for p in points), min(p.y for p in points)
    return Rect(left, top, max(p.x for p in points) + 1 - left, max(p.y for p in points) + 1 - top)
