"""One flow's nodes and edges placed and routed: `graphlay` does it, in pixels, and cells come out.

Nodes of a flow are joined only to nodes of that flow, so a nested graph is laid out flow by flow, the inner
ones first, each a box in the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import floor
from typing import Any

import graphlay

from .detour import detour
from .drawing import Point, Rect
from .tracks import Line, inset_of, untangle

LOOP = 4  # columns of a self loop and the space after it, beside a box


@dataclass(slots=True)
class Item:
    """A box to be placed."""

    key: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Link:
    """An edge to be routed, with the cells its label needs."""

    source: str
    target: str
    room: int = 0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Room between boxes, in cells: along the flow, and across it."""

    along: int
    across: int
    ports: int = 3

    def tries(self, count: int) -> Iterator[Gaps]:
        """These, then wider ones: across the flow, along it, both."""
        for along, across, ports in ((0, 0, 0), (0, 2, 0), (1, 0, 0), (2, 2, 1))[:count]:
            yield Gaps(self.along + along, self.across + across, self.ports + ports)


@dataclass(slots=True)
class Placed:
    """The boxes by key, and a line for each link, in their order."""

    rects: dict[str, Rect]
    lines: list[Line]


def place(
    items: list[Item],
    links: list[Link],
    start: str | None,
    down: bool,
    gaps: Gaps,
    before: Mapping[str, Rect] | None = None,
) -> Placed:
    """Lay out one level. Coordinates may be negative; no two boxes meet.

    Boxes that were all there before stay where they were, unless one has grown into another.
    """
    back = _back_links(items, links, start)
    loops: dict[str, list[int]] = {}
    for number, link in enumerate(links):
        if link.source == link.target:
            loops.setdefault(link.source, []).append(number)
    margins = _make_room(items, links, back, loops, down)
    x_scale, y_scale = (10.0, 10.0) if down else (10.0, 20.0)
    graph = graphlay.Graph()
    for number, item in enumerate(items):
        margin = margins.get(item.key, 0)
        width, height = item.width + 2 * margin * down, item.height + 2 * margin * (not down)
        # graphlay puts equals in the order of their labels: that of the description
        graph.node(item.key, label=f"{number:06}", width=width * x_scale, height=height * y_scale)
    straight = [number for number, link in enumerate(links) if link.source != link.target]
    for number in straight:
        graph.edge(links[number].source, links[number].target, reverse_for_ranking=number in back)
    options = _options(down, gaps, x_scale, y_scale)
    if before and (stay := _stay(items, before)):
        for rect, node in zip(stay, graph.nodes, strict=True):
            node["position"] = {
                "x": (rect.x + rect.width / 2) * x_scale,
                "y": (rect.y + rect.height / 2) * y_scale,
            }
        found = graphlay.reroute(graph, options=options)
    else:
        found = graphlay.layout(graph, options=options)

    rects = {}
    for item, node in zip(items, found.nodes, strict=True):
        x = node["center"]["x"] / x_scale - item.width / 2
        y = node["center"]["y"] / y_scale - item.height / 2
        rects[item.key] = Rect(_cell(x), _cell(y), item.width, item.height)
    lines: dict[int, Line] = {}
    ports = _spread(
        rects, [links[number] for number in straight], found.edges, 2 if down else 1, x_scale, y_scale
    )
    for number, edge, (first, last) in zip(straight, found.edges, ports, strict=True):
        corners = [Point(_cell(p["x"] / x_scale), _cell(p["y"] / y_scale)) for p in edge["points"]]
        corners[0], corners[-1] = first, last
        link = links[number]
        lines[number] = Line(
            corners,
            rects[link.source],
            rects[link.target],
            edge["source_port"]["side"],
            edge["target_port"]["side"],
        )
    for key, numbers in loops.items():
        for place_in_row, number in enumerate(numbers):
            lines[number] = _loop(rects[key], place_in_row, len(numbers), down)
    boxes, drawn = list(rects.values()), [lines[number] for number in range(len(links))]
    untangle(drawn, boxes)
    detour(drawn, boxes)
    return Placed(rects, drawn)


def _stay(items: list[Item], before: Mapping[str, Rect]) -> list[Rect] | None:
    """The boxes where they were, if all were there and none, with the sizes of now, meets another."""
    if not all(item.key in before for item in items):
        return None
    found = []
    for item in items:
        rect = before[item.key]
        x, y = rect.x - (item.width - rect.width) // 2, rect.y - (item.height - rect.height) // 2
        found.append(Rect(x, y, item.width, item.height))
    grown = [Rect(x - 1, y - 1, width + 2, height + 2) for x, y, width, height in found]
    return None if any(one.meets(other) for one, other in combinations(grown, 2)) else found


def _spread(
    rects: dict[str, Rect], links: list[Link], edges: list[Any], apart: int, x_scale: float, y_scale: float
) -> list[tuple[Point, Point]]:
    """Where the lines leave and enter: in graphlay's order, but each in a cell of its own."""
    sides: dict[tuple[str, str], list[tuple[float, int, int]]] = {}
    for number, (link, edge) in enumerate(zip(links, edges, strict=True)):
        for end, key, port in ((0, link.source, "source_port"), (-1, link.target, "target_port")):
            side, point = edge[port]["side"], edge["points"][end]
            at = point["x"] / x_scale if side in ("top", "bottom") else point["y"] / y_scale
            sides.setdefault((key, side), []).append((at, number, end))
    found = [[Point(0, 0), Point(0, 0)] for _ in links]
    for (key, side), ports in sides.items():
        ports.sort()
        rect, level = rects[key], side in ("top", "bottom")
        low, size = (rect.x, rect.width) if level else (rect.y, rect.height)
        inset = inset_of(size)
        wanted = [_cell(at) for at, _, _ in ports]
        straight = [place for place, port in enumerate(ports) if len(edges[port[1]]["points"]) == 2]
        cells = spaced(wanted, low + inset, low + size - 1 - inset, apart, straight)
        for (_, number, end), cell in zip(ports, cells, strict=True):
            found[number][end] = Point(cell, rect.y) if level else Point(rect.x, cell)
    for number, (link, edge) in enumerate(zip(links, edges, strict=True)):
        if len(edge["points"]) == 2:
            sides_of = (link.source, edge["source_port"]["side"]), (link.target, edge["target_port"]["side"])
            _straighten(found[number], rects, sides_of, [len(sides[side]) == 1 for side in sides_of])
    return [(first, last) for first, last in found]


def _straighten(
    ends: list[Point], rects: dict[str, Rect], sides: tuple[tuple[str, str], ...], alone: list[bool]
) -> None:
    """Put the end that is alone at its side opposite to the other one, where there it has a side."""
    for mine, other in ((0, 1), (1, 0)):
        if not alone[mine]:
            continue
        (key, side), at = sides[mine], ends[other]
        rect = rects[key]
        if side in ("top", "bottom"):
            inset = inset_of(rect.width)
            if rect.x + inset <= at.x < rect.right - inset:
                ends[mine] = Point(at.x, ends[mine].y)
                return
        else:
            inset = inset_of(rect.height)
            if rect.y + inset <= at.y < rect.bottom - inset:
                ends[mine] = Point(ends[mine].x, at.y)
                return


def spaced(wanted: list[int], low: int, high: int, apart: int, fixed: list[int]) -> list[int]:
    """The nearest places from low to high in that order, so far apart; closer where there is no room.

    Those at the `fixed` indices stay where they are, if there is room beside them for all others.
    """
    for distance, firm in ((apart, fixed), (1, fixed), (apart, []), (1, [])):
        if (found := _spaced(wanted, low, high, distance, firm)) is not None:
            return found
    return [min(max(at, low), max(high, low)) for at in wanted]


def _spaced(wanted: list[int], low: int, high: int, apart: int, fixed: list[int]) -> list[int] | None:
    found: list[int] = []
    for place in (*fixed, len(wanted)):
        group = wanted[len(found) : place]
        right = wanted[place] - apart if place < len(wanted) else high
        left = found[-1] + apart if found else low
        if (len(group) - 1) * apart > right - left or right > high:
            return None
        for number, at in enumerate(group):
            found.append(min(max(at, left), right - apart * (len(group) - 1 - number)))
            left = found[-1] + apart
        if place < len(wanted):
            if not left <= wanted[place] <= high:
                return None
            found.append(wanted[place])
    return found


def _cell(value: float) -> int:
    return floor(value + 1e-6)


def _options(down: bool, gaps: Gaps, x_scale: float, y_scale: float) -> dict[str, Any]:
    """Pixels for graphlay, whose smaller distances are tuned for some ten of them."""
    along, across = (y_scale, x_scale) if down else (x_scale, y_scale)
    port = gaps.ports * x_scale if down else y_scale
    return {
        "direction": "topbottom" if down else "leftright",
        "spacing": {
            "layer_gap": gaps.along * along,
            "node_gap": gaps.across * across,
            "dummy_gap": 20.0,
            "port_gap": port,
            "port_stroke_clear": 10.0,
            "stub": along,
            "bundle_lane_gap": 10.0,
            "isolated_gap": gaps.across * across,
            "isolated_max_columns": 4,
        },
        "routing": {
            "style": "orthogonal",
            "bundle_parallel": False,
            "lane_gap": along if down else 2 * along,
            "port_sides": "facing_only",
        },
        "labels": {"reservation": "never"},
    }


def _back_links(items: list[Item], links: list[Link], start: str | None) -> set[int]:
    """The links that lead back where one comes from, walking from the start; they do not decide the order."""
    leaving: dict[str, list[int]] = {item.key: [] for item in items}
    for number, link in enumerate(links):
        leaving[link.source].append(number)
    entered = Counter(link.target for link in links if link.source != link.target)
    roots = sorted(leaving, key=lambda key: (key != start, entered[key] > 0))
    back: set[int] = set()
    state: dict[str, int] = {}  # 1 on the way, 2 done
    for root in roots:
        if root in state:
            continue
        state[root] = 1
        way = [(root, iter(leaving[root]))]
        while way:
            key, rest = way[-1]
            number = next(rest, -1)
            if number < 0:
                state[key] = 2
                way.pop()
            elif state.get(target := links[number].target) == 1:
                back.add(number)
            elif target not in state:
                state[target] = 1
                way.append((target, iter(leaving[target])))
    return back


def _make_room(
    items: list[Item], links: list[Link], back: set[int], loops: dict[str, list[int]], down: bool
) -> dict[str, int]:
    """Widen boxes for the lines at their sides; the room a box's self loops need beside it, by key."""
    ahead: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    for number, link in enumerate(links):
        if link.source != link.target:
            one, other = (behind, ahead) if number in back else (ahead, behind)
            one[link.source] += 1
            other[link.target] += 1
    margins = {}
    for item in items:
        ports = max(ahead[item.key], behind[item.key])
        mine = loops.get(item.key, [])
        room = max((links[number].room for number in mine), default=0)
        if down:
            item.width = max(item.width, (4 if ports > 2 and item.height > 2 else 2) * ports + 3)
            if mine:
                item.height = max(item.height, 2 * inset_of(item.height) + 2 * len(mine))
                margins[item.key] = LOOP + room
        else:
            item.height = max(item.height, ports + 2 * inset_of(max(ports, item.height)))
            if mine:
                item.width = max(item.width, room + 6 + 4 * len(mine))
                margins[item.key] = 1 + len(mine)
    return margins


def _loop(rect: Rect, number: int, count: int, down: bool) -> Line:
    """A self loop: at the right side where the flow reads down, else below."""
    if down:
        y = rect.y + min(1, rect.height - 2 * count) + 2 * number
        turn = rect.right + 2
        corners = [Point(rect.right, y), Point(turn, y), Point(turn, y + 1), Point(rect.right, y + 1)]
        return Line(corners, rect, rect, "right", "right")
    left, right, below = rect.x + 1 + 2 * number, rect.right - 2 - 2 * number, rect.bottom + 1 + number
    corners = [Point(left, rect.bottom), Point(left, below), Point(right, below), Point(right, rect.bottom)]
    return Line(corners, rect, rect, "bottom", "bottom")
