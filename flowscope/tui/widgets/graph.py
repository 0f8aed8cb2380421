"""The graph: boxes and edges on a canvas that is drawn as far as it is seen."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from flowscope.graph.build import Graph, is_flow
from flowscope.graph.drawing import Rect, Zoom
from flowscope.graph.glyphs import ASCII, UNICODE
from flowscope.graph.layout import layout
from flowscope.graph.paint import Canvas

from ..focus import Focus
from ..graph_look import graph_of, look_of
from .pane import Pane

_CARES = {"all", "graph", "spans", "edges", "lanes", "stopped", "focus", "exit", "breakpoints"}
_SIDES = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_MARGIN = 2  # cells kept in view around the current node
_EMPTY = "There is no graph yet: no flow has run."


class GraphPane(Pane):
    """Arrow keys select, Enter folds a flow, Shift and arrows or the mouse move the view."""

    STYLES = "edge never taken now node visited running failed current selected label action words count note"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"graph--{name}" for name in (*STYLES.split(), "breakpoint", "undeclared")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(side, f"select('{side}')", show=False) for side in _SIDES),
        *(
            Binding(f"shift+{side}", f"pan({dx * 8}, {dy * 3})", show=False)
            for side, (dx, dy) in _SIDES.items()
        ),
        Binding("enter,space", "fold", show=False),
        Binding("escape", "forget", show=False),
    ]
    DEFAULT_CSS = """
    GraphPane .graph--edge { color: $foreground; }
    GraphPane .graph--never { color: $text-muted; }
    GraphPane .graph--taken { color: $success; }
    GraphPane .graph--now { color: $accent; text-style: bold; }
    GraphPane .graph--node { color: $foreground; }
    GraphPane .graph--visited { color: $success; }
    GraphPane .graph--running { color: $accent; }
    GraphPane .graph--failed { color: $error; }
    GraphPane .graph--current { color: $accent; text-style: bold; }
    GraphPane .graph--selected { text-style: reverse; }
    GraphPane .graph--label { text-style: bold; }
    GraphPane .graph--action { text-style: italic; }
    GraphPane .graph--words { color: $text-muted; }
    GraphPane .graph--count { color: $secondary; text-style: bold; }
    GraphPane .graph--note { color: $text-muted; }
    GraphPane .graph--breakpoint { color: $error; text-style: bold; }
    GraphPane .graph--undeclared { color: $warning; }
    """

    class Chosen(Message):
        """A node was selected; None: follow the program again."""

        def __init__(self, node: str | None) -> None:
            super().__init__()
            self.node = node

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._focus: Focus | None = None
        self._run = 0
        self._graph: Graph | None = None
        self._canvas: Canvas | None = None
        self._folded: set[str] = set()
        self._zoom: Zoom | None = None  # None: whichever fits
        self._laid_out: object = None  # what the drawing was made for
        self._followed: str | None = None
        self._dragged: Offset | None = None
        self._styles: dict[str, Style] = {}

    # Keeping up

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """Paint what differs: mostly the box that was current and the one that is."""
        self._focus = focus
        if not dirty & _CARES or not self.size.area:
            return
        model = focus.model
        run = focus.run.id if focus.run is not None else next(reversed(model.graphs), 0)
        wanted = (id(model), run, id(model.graphs.get(run)), len(model.undeclared(run)))
        if wanted != self._laid_out:
            self._laid_out, self._run = wanted, run
            self._graph = graph_of(model, run)
            self._draw()
        if self._canvas is None or self._graph is None:
            return
        look = look_of(focus, self._graph, self._canvas.drawing, run)
        for rect in self._canvas.update(look):
            self._refresh(rect)
        if focus.current_node != self._followed or "all" in dirty:
            self._followed = focus.current_node
            self._show(focus.current_node)

    def _draw(self, hold: str | None = None) -> None:
        """Lay the graph out; a box that was `hold` stays where it is on screen."""
        if not self._graph:
            self._canvas = None
            self.refresh()
            return
        before = None if self._canvas is None else self._canvas.drawing
        at = None if before is None or hold is None else before.boxes[hold].rect
        size = (self.size.width, self.size.height)
        down = None if before is None or hold is None else before.down
        zooms = [self._zoom] if self._zoom is not None else [Zoom.FULL, Zoom.COMPACT]
        for zoom in zooms:
            drawing = layout(self._graph, self._folded, size, zoom, down=down)
            if drawing.width <= size[0] and drawing.height <= size[1]:
                break
        glyphs = UNICODE if self.app.console.encoding.startswith("utf") else ASCII
        self._canvas = Canvas(drawing, glyphs=glyphs)
        self.virtual_size = Size(drawing.width, drawing.height)
        if at is not None and hold is not None:
            now = drawing.boxes[hold].rect
            self.scroll_relative(now.x - at.x, now.y - at.y, animate=False)
        self.refresh()

    def _again(self, hold: str | None = None) -> None:
        self._draw(hold)
        if self._focus is not None and self._canvas is not None and self._graph is not None:
            self._canvas.update(look_of(self._focus, self._graph, self._canvas.drawing, self._run))

    def on_resize(self) -> None:
        """Another size may be fitted otherwise."""
        self._laid_out = None
        if self._focus is not None:
            self.sync(self._focus, {"all"})

    def notify_style_update(self) -> None:
        """The theme has changed."""
        super().notify_style_update()
        self._styles.clear()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One row of what is seen; a drawing smaller than the pane stands in its middle."""
        width = self.size.width
        if self._canvas is None:
            text = _EMPTY if y == 0 else ""
            return Strip([Segment(text.ljust(width)[:width], self.rich_style)])
        dx, dy = self._origin()
        spans = self._canvas.spans(y + dy, dx, dx + width)
        return Strip([Segment(text, self._style(name)) for text, name in spans], width)

    def _style(self, name: str) -> Style:
        if (style := self._styles.get(name)) is None:
            style = self.rich_style
            for part in name.replace("+", " ").split():
                found = self.get_component_styles(f"graph--{part}")
                style += found.partial_rich_style
            self._styles[name] = style
        return style

    def _origin(self) -> Offset:
        """The cell of the canvas in the pane's upper left corner."""
        if self._canvas is None:
            return Offset(0, 0)
        left, top = (self.size.width - self._canvas.width) // 2, (self.size.height - self._canvas.height) // 2
        x = -left if left > 0 else round(self.scroll_x)
        return Offset(x, -top if top > 0 else round(self.scroll_y))

    def _refresh(self, rect: Rect) -> None:
        dx, dy = self._origin()
        seen = Region(rect.x - dx, rect.y - dy, rect.width, rect.height).intersection(self.size.region)
        if seen.area:
            self.refresh(seen)

    def _show(self, node: str | None) -> None:
        """Bring a node into view; where it is in view already nothing moves."""
        box = None if self._canvas is None or node is None else self._canvas.drawing.box_of(node)
        if box is not None:
            rect = box.rect
            region = Region(
                rect.x, rect.y, min(rect.width, self.size.width), min(rect.height, self.size.height)
            )
            self.scroll_to_region(region.grow((1, _MARGIN, 1, _MARGIN)), animate=False)

    # Selecting

    def _selected(self) -> str | None:
        if self._focus is None or self._canvas is None:
            return None
        box = self._canvas.drawing.box_of(self._focus.node or "")
        return None if box is None else box.node

    def action_select(self, side: str) -> None:
        """The nearest node in that direction, those that an edge leads to first."""
        if self._canvas is None:
            return
        drawing = self._canvas.drawing
        here = self._selected()
        if here is None:
            self._choose(next(iter(drawing.boxes), None))
            return
        dx, dy = _SIDES[side]
        x, y = _middle(drawing.boxes[here].rect)
        joined = {end for route in drawing.routes if here in route.edge[:2] for end in route.edge[:2]}
        best, best_cost = None, float("inf")
        for box in drawing.boxes.values():
            to_x, to_y = _middle(box.rect)
            ahead = (to_x - x) * dx + 2 * (to_y - y) * dy
            aside = abs((to_x - x) * dy) + abs(2 * (to_y - y) * dx)
            if box.node == here or ahead <= 0 or aside > 3 * ahead:
                continue
            cost = (ahead + 2 * aside) * (0.6 if box.node in joined else 1) * (3 if box.open else 1)
            if cost < best_cost:
                best, best_cost = box.node, cost
        self._choose(best)

    def _choose(self, node: str | None) -> None:
        if node is not None:
            self._show(node)
            self.post_message(self.Chosen(node))

    def action_forget(self) -> None:
        """Follow the program again."""
        self.post_message(self.Chosen(None))

    def action_fold(self) -> None:
        """Fold or unfold the selected flow."""
        node = self._selected()
        if node is None or self._graph is None or not is_flow(self._graph, node):
            return
        self._folded ^= {node}
        self._again(node)

    def action_pan(self, dx: int, dy: int) -> None:
        """Move the view."""
        self.scroll_relative(dx, dy, animate=False)

    def zoom(self, by: int) -> bool:
        """Full boxes, one-line boxes, tiny ones; 0 takes the largest that fits."""
        if self._canvas is None:
            return False
        now = self._canvas.drawing.zoom
        self._zoom = None if by == 0 else Zoom(min(max(now + by, Zoom.TINY), Zoom.FULL))
        self._again(self._selected())
        return True

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A drag may begin."""
        self._dragged = event.screen_offset
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the view."""
        if self._dragged is not None:
            moved = self._dragged - event.screen_offset
            self._dragged = event.screen_offset
            self.scroll_relative(moved.x, moved.y, animate=False)

    def on_mouse_up(self) -> None:
        """The drag ends."""
        self._dragged = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Select what is there; a second click folds."""
        if self._canvas is None:
            return
        dx, dy = self._origin()
        box = self._canvas.drawing.box_at(event.x + dx, event.y + dy)
        if box is None:
            return
        self._choose(box.node)
        if event.chain == 2:
            self.call_after_refresh(self.action_fold)


def _middle(rect: Rect) -> tuple[int, int]:
    return rect.x + rect.width // 2, rect.y + rect.height // 2
