"""layout(graph) → Drawing: which nodes are shown, how large they are, and where everything goes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size

from .build import Graph, children, is_flow, kind_words, path_to
from .drawing import Box, Drawing, EdgeKey, Point, Rect, Route, Zoom
from .labels import Labels
from .level import Gaps, Item, Link, Placed, place
from .tracks import Line

_LONGEST_LABEL = 28
_LONGEST_ACTION = 20
COUNT = 5  # cells for ` ×999` after a label
_LANES = 24  # cells for `12/40 done, 3 failed` below a parallel node's
_TRIES = 3  # times a level is laid out anew, wider, until its labels have room
_FEW = 60  # nodes up to which both directions are tried


@dataclass(slots=True)
class _Part:
    """Something laid out, with its own corner at (0, 0)."""

    width: int
    height: int
    boxes: list[Box]
    routes: list[Route]

    def moved(self, dx: int, dy: int) -> _Part:
        return _Part(
            self.width,
            self.height,
            [replace(box, rect=box.rect.moved(dx, dy)) for box in self.boxes],
            [_moved(route, dx, dy) for route in self.routes],
        )


def layout(
    graph: Graph,
    folded: Collection[str] = (),
    size: tuple[int, int] = (110, 200),
    zoom: Zoom = Zoom.FULL,
    live: bool = True,
    down: bool | None = None,
) -> Drawing:
    """Lay out a graph with some flows folded, for a screen of `size`.

    It reads down or to the right, whichever fits the size better, or as `down` says: pass that of an earlier
    drawing to keep it. Live drawings have room for counts, marks and what lanes do.
    """
    shown = _Shown(graph, folded)
    if down is not None or len(shown.nodes) > _FEW:
        ways = [True if down is None else down]
    else:
        ways = [True, False]
    parts = [(way, _Layout(shown, zoom, live, way).outermost()) for way in ways]
    best, part = min(parts, key=lambda found: _misfit(found[1], size, found[0]))
    drawn = {box.node: box for box in part.boxes}
    return Drawing(part.width, part.height, drawn, tuple(part.routes), best, zoom, live, shown.hidden)


def _misfit(part: _Part, size: tuple[int, int], down: bool) -> float:
    return max(part.width / max(size[0], 1), part.height / max(size[1], 1), 0.5) + 0.1 * (not down)


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
    def __init__(self, shown: _Shown, zoom: Zoom, live: bool, down: bool) -> None:
        self._shown, self._zoom, self._live, self._down = shown, zoom, live, down

    def outermost(self) -> _Part:
        return self._flow(None, 0)

    def _flow(self, flow: str | None, depth: int) -> _Part:
        """What a flow holds, laid out."""
        keys = self._shown.inner.get(flow, [])
        if not keys:
            return _Part(0, 0, [], [])
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
    ) -> tuple[Placed, list[Point | None]]:
        """Lay the level out, wider each time some label has no place; at last any place will do."""
        rooms = [self._room(text) for text in texts]
        links = [Link(source, target, room) for (source, target, _), room in zip(edges, rooms, strict=True)]
        if self._zoom is Zoom.FULL:
            along = 2 + any(texts) if self._down else max((room + 5 for room in rooms), default=4)
            gaps = Gaps(along, 4 if self._down else 1)
        else:
            along = 2 if self._down else max((room + 5 for room in rooms), default=3)
            gaps = Gaps(along, 3 if self._down else 1, 2)
        for attempt in range(_TRIES):
            items = [Item(key, box.rect.width, box.rect.height) for key, box in boxes.items()]
            placed = place(items, links, start, self._down, gaps.wider(attempt))
            labels = Labels(placed.lines, list(placed.rects.values()))
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
        spots: list[Point | None],
    ) -> _Part:
        found = _Part(0, 0, [], [])
        for key, box in boxes.items():
            rect = placed.rects[key]
            found.boxes.append(replace(box, rect=rect))
            if (part := parts.get(key)) is not None:
                inner = part.moved(
                    rect.x + (rect.width - part.width) // 2, rect.y + 1 + (rect.height - 2 - part.height) // 2
                )
                found.boxes += inner.boxes
                found.routes += inner.routes
        for (_, _, edge), text, line, spot in zip(edges, texts, placed.lines, spots, strict=True):
            room = self._room(text)
            found.routes.append(self._route(edge, line, text, spot, room))
        return _cropped(found)

    def _route(self, edge: EdgeKey, line: Line, text: str, spot: Point | None, room: int) -> Route:
        declared = self._shown.graph.edges[edge]["declared"]
        return Route(edge, tuple(line.points), line.border(0), line.border(-1), text, spot, room, declared)

    def _actions(self, edges: list[tuple[str, str, EdgeKey]]) -> list[str]:
        """What stands beside each edge; nothing beside the only way on."""
        if self._zoom is Zoom.TINY:
            return [""] * len(edges)
        leaving: dict[str, int] = {}
        for source, _, _ in edges:
            leaving[source] = leaving.get(source, 0) + 1
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
        return cell_len(text) + (COUNT if self._live else 0)

    def _box(self, key: str, start: bool, depth: int, part: _Part | None) -> Box:
        node = self._shown.graph.nodes[key]
        kind = str(node["kind"])
        words = " ".join(filter(None, ("start" if start else "", kind_words(kind))))
        flow = is_flow(self._shown.graph, key)
        full = self._zoom is Zoom.FULL
        most = {Zoom.FULL: _LONGEST_LABEL, Zoom.COMPACT: 18, Zoom.TINY: 10}[self._zoom]
        label = fitted(str(node["label"]), most)
        width = cell_len(label)
        if part is not None:
            title = cell_len(label) + (cell_len(words) + 3 if full else 0) + 8 + (COUNT if self._live else 0)
            rect = Rect(0, 0, max(part.width + 4, title), part.height + 2)
        elif full:
            extra = 3 + COUNT if self._live else 0
            lanes = self._live and "Parallel" in kind
            width = max(width + 4 + extra, cell_len(words) + 6, _LANES if lanes else 0)
            rect = Rect(0, 0, width + 2 * flow, 4 if lanes else 3)
        else:
            rect = Rect(0, 0, width + 4 + (2 if self._live else 0) + 2 * flow, 1)
        return Box(key, rect, label, kind, words, flow, part is not None, start, depth)


def fitted(text: str, width: int) -> str:
    """A text on one line in at most so many cells, a cut ending with `…`."""
    line = "".join(c if c.isprintable() else " " for c in text)
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, width - 1).rstrip() + "…"


def _moved(route: Route, dx: int, dy: int) -> Route:
    def move(point: Point) -> Point:
        return Point(point.x + dx, point.y + dy)

    return replace(
        route,
        points=tuple(map(move, route.points)),
        leaves=move(route.leaves),
        enters=move(route.enters),
        label_at=None if route.label_at is None else move(route.label_at),
    )


def _cropped(part: _Part) -> _Part:
    """The same with its corner at (0, 0) and no cell to spare."""
    spans = [(box.rect.x, box.rect.y, box.rect.right, box.rect.bottom) for box in part.boxes]
    for route in part.routes:
        spans += [(p.x, p.y, p.x + 1, p.y + 1) for p in route.points]
        if (at := route.label_at) is not None:
            spans.append((at.x, at.y, at.x + route.room, at.y + 1))
    left, top = min(s[0] for s in spans), min(s[1] for s in spans)
    right, bottom = max(s[2] for s in spans), max(s[3] for s in spans)
    moved = part.moved(-left, -top)
    return _Part(right - left, bottom - top, moved.boxes, moved.routes)
