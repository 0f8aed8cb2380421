"""A drawing and its look painted onto a grid of characters; a later look repaints only what differs."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from .drawing import Area, Box, Drawing, Point, Rect, Route, Zoom
from .glyphs import DOWN, LEFT, RIGHT, UNICODE, UP, Glyphs
from .layout import fitted
from .look import EdgeLook, Look, Mark, Use

Span = tuple[str, str]
"""A text and the name of its style: `+selected` after a name stands for a box that is selected."""

_ORDER = {Use.NEVER: 0, Use.PLAIN: 1, Use.TAKEN: 2, Use.NOW: 3}


class Canvas:
    """The painted cells. Read them with `spans`; `update` brings in a new look."""

    def __init__(self, drawing: Drawing, look: Look | None = None, glyphs: Glyphs = UNICODE) -> None:
        self.drawing = drawing
        self.width, self.height = drawing.width, drawing.height
        self._look = Look() if look is None else look
        self._glyphs = glyphs
        self._chars = [[" "] * self.width for _ in range(self.height)]
        self._styles = [[""] * self.width for _ in range(self.height)]
        self._joints: dict[str, list[Point]] = {}  # where edges come out of a box's border
        self._lines: dict[Point, list[tuple[int, int]]] = {}  # the routes through a cell, and how they go on
        self._cells: list[list[Point]] = []  # of each route, those that no box covers
        self._trace()
        for box in drawing.boxes.values():
            self._box(box)
        self._edges(range(len(drawing.routes)))

    def spans(self, row: int, x0: int, x1: int) -> list[Span]:
        """What stands in the columns from x0 up to x1 of a row; they may lie beyond the drawing."""
        if not 0 <= row < self.height or x1 <= x0:
            return [(" " * max(0, x1 - x0), "")]
        found: list[Span] = []
        before, after = max(0, -x0), max(0, x1 - max(self.width, x0))
        chars, styles = self._chars[row], self._styles[row]
        text, style = " " * min(before, x1 - x0), ""
        last = min(x1, self.width)
        for x in range(max(0, x0), last):
            char = chars[x]
            if char == "":  # the second half of a wide character
                if x > x0:
                    continue
                char = " "
            elif x + 1 == last and last < self.width and chars[x + 1] == "":
                char = " "  # the first half, cut
            if styles[x] != style:
                if text:
                    found.append((text, style))
                text, style = "", styles[x]
            text += char
        if style and after:
            found.append((text, style))
            text, style = "", ""
        text += " " * after
        if text:
            found.append((text, style))
        return found

    def row_text(self, row: int) -> str:
        """A row as plain text."""
        return "".join(self._chars[row]).rstrip()

    def update(self, look: Look) -> list[Rect]:
        """Paint a new look; the blocks of cells that it touched."""
        before, self._look = self._look, look
        touched = []
        for box in self.drawing.boxes.values():
            if before.node(box.node) != look.node(box.node):
                self._box(box)
                touched.append(box.rect)
        changed = [
            number
            for number, route in enumerate(self.drawing.routes)
            if before.edge(route.edge) != look.edge(route.edge)
        ]
        self._edges(changed)
        return touched + [_around(self.drawing.routes[number]) for number in changed]

    def _put(self, x: int, y: int, text: str, style: str) -> None:
        """Write a text whose cells are all on the grid."""
        chars, styles = self._chars[y], self._styles[y]
        for char in text:
            width = cell_len(char)
            if width == 0:
                if x > 0:
                    chars[x - 1] += char
                continue
            chars[x], styles[x] = char, style
            if width == 2:
                chars[x + 1], styles[x + 1] = "", style
            x += width

    def _trace(self) -> None:
        """Note which route goes which way in which cell."""
        closed = Area(box.rect for box in self.drawing.boxes.values() if not box.open)
        for number, route in enumerate(self.drawing.routes):
            if self.drawing.zoom is Zoom.FULL or _is_frame(self.drawing, route.edge[0]):
                self._joints.setdefault(self.drawing.hidden.get(route.edge[0], route.edge[0]), []).append(
                    route.leaves
                )
            cells = route.cells()
            chain = [route.leaves, *cells, route.enters]
            for i, cell in enumerate(cells, 1):
                if cell not in closed:
                    ways = _way(cell, chain[i - 1]) | _way(cell, chain[i + 1])
                    self._lines.setdefault(cell, []).append((number, ways))
            self._cells.append([cell for cell in cells if cell not in closed])

    def _box(self, box: Box) -> None:
        look = self._look.node(box.node)
        if self.drawing.zoom is not Zoom.FULL and not box.open:
            self._chip(box)
            return
        glyphs, rect = self._glyphs, box.rect
        style = look.mark.value + "+selected" * look.selected
        border = glyphs.borders[_border(box, look.mark)]
        x, y, right, bottom = rect.x, rect.y, rect.right - 1, rect.bottom - 1
        level, upright = border[LEFT | RIGHT], border[UP | DOWN]
        self._put(x, y, border[RIGHT | DOWN] + level * (rect.width - 2) + border[LEFT | DOWN], style)
        self._put(x, bottom, border[UP | RIGHT] + level * (rect.width - 2) + border[UP | LEFT], style)
        for row in range(y + 1, bottom):
            self._put(x, row, upright, style)
            self._put(right, row, upright, style)
            if not box.open:
                self._put(x + 1, row, " " * (rect.width - 2), style)
        for joint in self._joints.get(box.node, ()):
            self._joint(rect, joint, border, style)
        count = self._count(look.count)
        if box.open:
            mark = glyphs.marks[look.mark.value].strip()
            words = f" {glyphs.dot} {box.words}" if box.words and self.drawing.zoom is Zoom.FULL else ""
            parts = (glyphs.unfolded, mark, box.label + words, count)
            self._put(x + 2, y, f" {' '.join(filter(None, parts))} ", f"{style} label")
        else:
            if box.words:
                self._put(x + 1, y, f" {box.words} ", "words")
            label = f"{glyphs.folded} {box.label}" if box.flow else box.label
            lead = glyphs.marks[look.mark.value] + " " if self.drawing.live else ""
            self._put(x + 1 + (not lead), y + 1, f"{lead}{label}", f"{style} label")
            self._put(right - cell_len(count) - (count != ""), y + 1, count, "count")
            if look.note and rect.height > 3:
                self._put(x + 2, bottom - 1, fitted(look.note, rect.width - 4), "note")
        if look.failed and rect.width >= 12:
            self._put(x + 2, bottom, " failed ", "failed")
        if look.breakpoint:
            self._put(x, y + 1, glyphs.breakpoint, "breakpoint")

    def _chip(self, box: Box) -> None:
        """A node on one line: `[ ]` around a sync one, `( )` around an async one."""
        look, glyphs, rect = self._look.node(box.node), self._glyphs, box.rect
        style = look.mark.value + "+selected" * look.selected
        left, right = "()" if "Async" in box.kind else "[]"
        mark = glyphs.marks[look.mark.value] if self.drawing.live else ""
        point = (glyphs.breakpoint if look.breakpoint else " ") if self.drawing.live else " "
        label = f"{glyphs.folded} {box.label}" if box.flow else box.label
        inside = f"{mark}{point}{label}"
        padding = " " * max(rect.width - 2 - cell_len(inside), 0)
        self._put(
            rect.x, rect.y, f"{left}{fitted(inside + padding, rect.width - 2)}{right}", f"{style} label"
        )

    def _joint(self, rect: Rect, at: Point, border: tuple[str, ...], style: str) -> None:
        ways = {rect.y: DOWN, rect.bottom - 1: UP}.get(at.y, 0)
        if at.x in (rect.x, rect.right - 1):
            ways = UP | DOWN | (LEFT if at.x == rect.x else RIGHT)
        else:
            ways = LEFT | RIGHT | (UP if at.y == rect.y else DOWN)
        self._put(at.x, at.y, border[ways], style)

    def _count(self, count: int) -> str:
        return count_text(count, self._glyphs) if self.drawing.live and count > 1 else ""

    def _edges(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            for cell in self._cells[number]:
                self._line(cell)
        # a line of another edge may have been repainted across: labels come last
        for number in numbers:
            self._label(self.drawing.routes[number], self._look.edge(self.drawing.routes[number].edge))

    def _line(self, cell: Point) -> None:
        here = self._lines[cell]
        top = max(here, key=lambda found: _ORDER[self._use(found[0])])
        ways = 0
        for _, more in here:
            ways |= more
        route = self.drawing.routes[top[0]]
        use = self._use(top[0])
        style = use.value if route.declared else f"{use.value} undeclared"
        for number, _ in here:
            head = self.drawing.routes[number]
            if cell == head.points[-1]:
                char = self._glyphs.arrows[_way(cell, head.enters)]
                break
        else:
            look = "undeclared" if not route.declared and use is not Use.NOW else use.value
            char = self._glyphs.lines[look][ways]
            lit = [more for number, more in here if self._use(number) is Use.NOW]
            if len(here) > len(lit) and lit and ways == UP | DOWN | LEFT | RIGHT:
                char = self._glyphs.crossings[0 if lit[0] == LEFT | RIGHT else 1]
        self._put(cell.x, cell.y, char, style)

    def _use(self, number: int) -> Use:
        return self._look.edge(self.drawing.routes[number].edge).use

    def _label(self, route: Route, look: EdgeLook) -> None:
        if (at := route.label_at) is None:
            return
        text = " ".join(filter(None, (route.label, self._count(look.count))))
        style = f"{look.use.value} action"
        if not route.declared:
            style += " undeclared"
        cells = self._lines.get(Point(at.x - 1, at.y)), self._lines.get(Point(at.x + cell_len(text), at.y))
        self._put(at.x, at.y, text, style)
        for cell, x in zip(cells, (at.x - 1, at.x + cell_len(text)), strict=True):
            if text and cell and Point(at.x, at.y) in self._lines and self._spare(Point(x, at.y), route):
                self._put(x, at.y, " ", "")

    def _spare(self, cell: Point, route: Route) -> bool:
        """Whether a cell of an edge may be blank beside its label: no turn, no crossing, not its head."""
        here = self._lines[cell]
        return len(here) == 1 and here[0][1] == LEFT | RIGHT and cell not in route.points


def count_text(count: int, glyphs: Glyphs = UNICODE) -> str:
    """`×3`, in at most four cells."""
    return f"{glyphs.times}{count}" if count < 1_000 else f"{glyphs.times}{min(count // 1_000, 99)}k"


def _is_frame(drawing: Drawing, node: str) -> bool:
    box = drawing.box_of(node)
    return box is not None and box.open


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
