"""layout(graph) → Drawing: which nodes are shown, how large they are, and where everything goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size

from .build import Graph, children, is_flow, kind_sign, kind_words, path_to
from .drawing import Box, Drawing, EdgeKey, Point, Rect, Route, Zoom
from .labels import Labels, Spot
from .level import Gaps, Item, Link, Placed, place
from .tracks import Line

_LONGEST_LABEL = 28
_LONGEST_ACTION = 20
COUNT = {Zoom.FULL: 5, Zoom.COMPACT: 3, Zoom.TINY: 0}  # cells for ` ×999` or ` ×9` after a label
_LANES = 24  # cells for `12/40 done, 3 failed` below a parallel node's
_TURNED = 5  # columns that a row becomes where it reads to the right, more or less
_FEW, _MANY = 24, 80  # boxes of a level that is laid out up to four times, or twice, for its labels
_WIDE = 60  # columns
_HABIT = 0.1  # how much better reading to the right has to fit


@dataclass(slots=True)
class _Part:
    """Something laid out, with its upper left corner at (x, y) of its own cells."""

    boxes: list[Box]
    routes: list[Route]
    inner: list[tuple[_Part, int, int]]  # what unfolded flows hold, and where that part's corner goes
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0

    def __post_init__(self) -> None:
        """Crop it to the cells that are used."""
        spans = [(box.rect.x, box.rect.y, box.rect.right, box.rect.bottom) for box in self.boxes]
        for route in self.routes:
            spans += [(x, y, x + 1, y + 1) for x, y in route.points]
            if (at := route.label_at) is not None:
                spans.append((at.x, at.y, at.x + route.room, at.y + 1))
        if spans:
            lefts, tops, rights, bottoms = zip(*spans, strict=True)
            self.x, self.y = min(lefts), min(tops)
            self.width, self.height = max(rights) - self.x, max(bottoms) - self.y

    def put(self, x: int, y: int, boxes: dict[str, Box], routes: list[Route]) -> None:
        """Add what it holds to a drawing, its corner at a cell."""
        dx, dy = x - self.x, y - self.y
        for box in self.boxes:
            boxes[box.node] = replace(box, rect=box.rect.moved(dx, dy))
        for part, left, top in self.inner:
            part.put(left + dx, top + dy, boxes, routes)
        routes += [_moved(route, dx, dy) for route in self.routes]


def layout(
    graph: Graph,
    folded: Collection[str] = (),
    size: tuple[int, int] = (110, 200),
    zoom: Zoom = Zoom.FULL,
    live: bool = True,
    down: bool | None = None,
    like: Drawing | None = None,
) -> Drawing:
    """Lay out a graph with some flows folded, for a screen of `size`.

    It reads down, or to the right where that fits the size much better, or as `down` says, or like an
    earlier drawing of the same zoom: where that has the same folds too, flows that hold the same nodes keep
    them in their places. Live drawings have room for counts, marks and what lanes do.
    """
    shown = _Shown(graph, folded)
    rects: dict[str, Rect] = {}
    if like is not None and like.zoom is zoom:
        down = like.down
        if like.hidden == shown.hidden:
            rects = {key: box.rect for key, box in like.boxes.items()}
    best, wide = down is None or down, size[0] >= _WIDE
    part = _Layout(shown, zoom, live, best, wide, rects).outermost()
    misfit = _misfit(part.width, part.height, size)
    turned = _misfit(part.height * _TURNED, part.width / _TURNED, size)
    if down is None and misfit > 1 and turned < misfit:
        other = _Layout(shown, zoom, live, False, wide, {}).outermost()
        if _misfit(other.width, other.height, size) + _HABIT < misfit:
            best, part = False, other
    boxes: dict[str, Box] = {}
    routes: list[Route] = []
    part.put(0, 0, boxes, routes)
    return Drawing(part.width, part.height, boxes, tuple(routes), best, zoom, live, shown.hidden)


def _misfit(width: float, height: float, size: tuple[int, int]) -> float:
    """How many times the screen it is."""
    return max(width / max(size[0], 1), height / max(size[1], 1))


class _Shown:
    """The nodes that are not within folded flows, and the edges among them: by the flow that holds them."""

    def __init__(self, graph: Graph, folded: Collection[str]) -> None:
        self.graph = graph
        self.hidden: dict[str, str] = {}
        self.nodes: list[str] = []
        self.inner: dict[str | None, list[str]] = {}
        for key in graph:
            covering = [above for above in path_to(graph, key) if above in folded and above != key]
            if covering:
                self.hidden[key] = covering[-1]
            else:
                self.nodes.append(key)
                self.inner.setdefault(graph.nodes[key]["parent"], []).append(key)
        self.open = {
            key for key in self.nodes if is_flow(graph, key) and key not in folded and children(graph, key)
        }
        self.edges: dict[str | None, list[tuple[str, str, EdgeKey]]] = {}
        for source, target, action in graph.edges(keys=True):
            self._lift(source, target, (source, target, action))

    def _lift(self, source: str, target: str, edge: EdgeKey) -> None:
        """Join the two boxes of one flow that hold the ends, or that are them."""
        froms = {self.graph.nodes[key]["parent"]: key for key in path_to(self.graph, source)}
        for to in path_to(self.graph, target):
            level = self.graph.nodes[to]["parent"]
            if level in froms:
                inside = froms[level] == to and source != target
                if not inside and to not in self.hidden:
                    self.edges.setdefault(level, []).append((froms[level], to, edge))
                return


class _Layout:
    def __init__(
        self,
        shown: _Shown,
        zoom: Zoom,
        live: bool,
        down: bool,
        wide: bool,
        before: dict[str, Rect],
    ) -> None:
        self._shown, self._zoom, self._live, self._down = shown, zoom, live, down
        self._wide = wide  # a screen with room for counts in one-line boxes
        self._before = before

    def outermost(self) -> _Part:
        return self._flow(None, 0)

    def _flow(self, flow: str | None, depth: int) -> _Part:
        """What a flow holds, laid out."""
        keys = self._shown.inner.get(flow, [])
        if not keys:
            return _Part([], [], [])
        edges = self._shown.edges.get(flow, [])
        start = None if flow is None or len(keys) == 1 else self._shown.graph.nodes[flow].get("start")
        parts = {key: self._flow(key, depth + 1) for key in keys if key in self._shown.open}
        boxes = {key: self._box(key, key == start, depth, parts.get(key)) for key in keys}
        texts = self._actions(edges)
        placed, spots = self._placed(boxes, edges, texts, start)
        return self._gathered(boxes, parts, edges, texts, placed, spots)

    def _placed(
        self,
        boxes: dict[str, Box],
        edges: list[tuple[str, str, EdgeKey]],
        texts: list[str],
        start: str | None,
    ) -> tuple[Placed, list[Spot | None]]:
        """Lay the level out, otherwise each time some label has no place; at last any place will do."""
        rooms = [self._room(text) for text in texts]
        links = [Link(source, target, room) for (source, target, _), room in zip(edges, rooms, strict=True)]
        full = self._zoom is Zoom.FULL
        if self._down:
            gaps = Gaps(2 if full else 1, 4 if full else 1, 3 if full else 2)
        else:
            gaps = Gaps(max(map(_reach, _edges_at(edges), rooms), default=4), int(full))
        before: dict[str, Rect] | None = self._before
        for wider in gaps.tries(4 if len(boxes) <= _FEW else 2 if len(boxes) <= _MANY else 1):
            items = [Item(key, box.rect.width, box.rect.height) for key, box in boxes.items()]
            placed = place(items, links, start, self._down, wider, before)
            before = None
            labels = Labels(placed.lines, list(placed.rects.values()), self._down)
            spots = [
                labels.place(number, line.points, room) if room else None
                for number, (line, room) in enumerate(zip(placed.lines, rooms, strict=True))
            ]
            if all(spot is not None for spot, room in zip(spots, rooms, strict=True) if room):
                return placed, spots
        for number, (line, room) in enumerate(zip(placed.lines, rooms, strict=True)):
            if room and spots[number] is None:
                spots[number] = labels.place_anywhere(line.points, room)
        return placed, spots

    def _gathered(
        self,
        boxes: dict[str, Box],
        parts: dict[str, _Part],
        edges: list[tuple[str, str, EdgeKey]],
        texts: list[str],
        placed: Placed,
        spots: list[Spot | None],
    ) -> _Part:
        drawn, inner, routes = [], [], []
        for key, box in boxes.items():
            rect = placed.rects[key]
            drawn.append(replace(box, rect=rect))
            if (part := parts.get(key)) is not None:
                left = rect.x + (rect.width - part.width) // 2
                inner.append((part, left, rect.y + 1 + (rect.height - 2 - part.height) // 2))
        for (_, _, edge), text, line, spot in zip(edges, texts, placed.lines, spots, strict=True):
            routes.append(self._route(edge, line, text, spot))
        return _Part(drawn, routes, inner)

    def _route(self, edge: EdgeKey, line: Line, text: str, spot: Spot | None) -> Route:
        return Route(
            edge,
            tuple(line.points),
            line.border(0),
            line.border(-1),
            text,
            None if spot is None else Point(spot.x, spot.y),
            self._room(text),
            spot is not None and spot.right,
            self._shown.graph.edges[edge]["declared"],
        )

    def _actions(self, edges: list[tuple[str, str, EdgeKey]]) -> list[str]:
        """What stands beside each edge; nothing beside the only way on that is declared."""
        if self._zoom is Zoom.TINY:
            return [""] * len(edges)
        leaving = Counter(source for source, _, edge in edges if self._shown.graph.edges[edge]["declared"])
        texts = []
        for source, _, edge in edges:
            action = edge[2]
            declared = self._shown.graph.edges[edge]["declared"]
            plain = declared and action == "default" and leaving[source] == 1
            text = fitted(action, _LONGEST_ACTION)
            texts.append("" if plain else text if declared else f"! {text}")
        return texts

    def _room(self, text: str) -> int:
        if self._zoom is Zoom.TINY:
            return 0
        return cell_len(text) + (COUNT[self._zoom] if self._live else 0)

    def _box(self, key: str, start: bool, depth: int, part: _Part | None) -> Box:
        node = self._shown.graph.nodes[key]
        kind = str(node["kind"])
        words = " ".join(filter(None, ("start" if start else "", kind_words(kind))))
        flow = is_flow(self._shown.graph, key)
        full = self._zoom is Zoom.FULL
        most = {Zoom.FULL: _LONGEST_LABEL, Zoom.COMPACT: 18, Zoom.TINY: 10}[self._zoom]
        label = fitted(str(node["label"]), most)
        sign = "" if full else kind_sign(kind)
        width = cell_len(label) + len(sign) + (sign != "")
        if part is not None:
            title = cell_len(label) + (cell_len(words) + 3 if full else 0) + 8 + (5 if self._live else 0)
            rect = Rect(0, 0, max(part.width + (4 if full or self._wide else 2), title), part.height + 2)
        elif full:
            extra = 3 + COUNT[self._zoom] if self._live else 0
            lanes = self._live and "Parallel" in kind
            width = max(width + 4 + extra, cell_len(words) + 6, _LANES if lanes else 0)
            rect = Rect(0, 0, width + 2 * flow, 4 if lanes else 3)
        else:
            counts = COUNT[self._zoom] if self._live and self._wide else 0
            rect = Rect(0, 0, width + 4 + counts + 2 * flow, 1)
        return Box(key, rect, label, kind, words, sign, flow, part is not None, start, depth)


def _reach(at_ends: int, room: int) -> int:
    """Columns for an edge and its label; half of it each side of a bend where its ends have others."""
    return room + 5 if at_ends == 1 else 2 * room + 6


def _edges_at(edges: list[tuple[str, str, EdgeKey]]) -> list[int]:
    """Of each edge, how many are at the end that has more of them."""
    leaving = Counter(source for source, _, _ in edges)
    entering = Counter(target for _, target, _ in edges)
    return [max(leaving[source], entering[target]) for source, target, _ in edges]


def fitted(text: str, width: int) -> str:
    """A text on one line in at most so many cells, a cut ending with `…`."""
    line = "".join(c if c.isprintable() else " " for c in text)
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, width - 1).rstrip() + "…"


def _moved(route: Route, dx: int, dy: int) -> Route:
    at = route.label_at
    return replace(
        route,
        points=tuple(Point(x + dx, y + dy) for x, y in route.points),
        leaves=Point(route.leaves.x + dx, route.leaves.y + dy),
        enters=Point(route.enters.x + dx, route.enters.y + dy),
        label_at=None if at is None else Point(at.x + dx, at.y + dy),
    )
