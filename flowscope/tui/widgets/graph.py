"""The graph: boxes and edges on a canvas that is drawn as far as it is seen."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from flowscope.graph.build import Graph, is_flow, path_to
from flowscope.graph.drawing import Drawing, Rect, Zoom
from flowscope.graph.glyphs import ASCII, UNICODE, legend
from flowscope.graph.layout import layout
from flowscope.graph.paint import Canvas

from ..focus import Focus
from ..graph_look import FocusLook, Past, graph_of
from ..screens.ask import AskScreen
from .pane import Pane

_CARES = {"all", "graph", "spans", "edges", "lanes", "stopped", "focus", "exit", "breakpoints"}
_SHAPE = {"all", "graph", "edges", "focus", "spans"}  # what may bring another graph
_SIDES = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_CELLS = 60  # of a full box with the space around it: so many nodes at least do not fit
_MARGIN = 2  # cells kept in view around the current node
_EMPTY = "There is no graph yet: no flow has run."


class GraphPane(Pane):
    """Arrow keys select, Enter folds a flow, Shift and arrows or the mouse move the view."""

    STYLES = """edge never taken now undeclared action node visited running failed cancelled current selected
        picked label words count note breakpoint fill legend"""
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"graph--{name}" for name in STYLES.split()}
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
    GraphPane { overflow: auto auto; }
    GraphPane .graph--edge { color: $foreground; }
    GraphPane .graph--never { color: $text-muted; }
    GraphPane .graph--taken { color: $success; }
    GraphPane .graph--now { color: $accent; text-style: bold; }
    GraphPane .graph--undeclared { color: $warning; }
    GraphPane .graph--action { text-style: italic; }
    GraphPane .graph--node { color: $foreground; }
    GraphPane .graph--visited { color: $success; }
    GraphPane .graph--running { color: $primary; }
    GraphPane .graph--failed { color: $error; }
    GraphPane .graph--cancelled { color: $warning; }
    GraphPane .graph--current { color: $accent; text-style: bold; }
    GraphPane .graph--label { text-style: bold; }
    GraphPane .graph--words { color: $text-muted; }
    GraphPane .graph--count { color: $secondary; text-style: bold; }
    GraphPane .graph--note { color: $text-muted; }
    GraphPane .graph--breakpoint { color: $error; text-style: bold; }
    GraphPane .graph--fill { color: $accent; text-style: reverse; }
    GraphPane .graph--selected { text-style: reverse; }
    GraphPane .graph--picked { text-style: underline; }
    GraphPane .graph--legend { color: $text-muted; }
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
        self._look: FocusLook | None = None
        self._past: Past | None = None
        self._folded: set[str] = set()
        self._searches: list[str] = []
        self._zoom: Zoom | None = None  # None: whichever fits
        self._laid_out: tuple[int, int, int, int] | None = None  # what the drawing was made for
        self._followed: str | None = None
        self._dragged: Offset | None = None
        self._styles: dict[str, Style] = {}

    # Keeping up

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """Paint what differs: mostly the box that was current and the one that is."""
        self._focus = focus
        if not dirty & _CARES or not self.size.area:
            return
        if self._laid_out is None or dirty & _SHAPE:
            self._adopt(focus)
        if self._canvas is None or self._look is None:
            return
        self._look.renew()
        for rect in self._canvas.update(self._look, *self._rows()):
            self._refresh(rect)
        if focus.current_node != self._followed or "all" in dirty:
            self._followed = focus.current_node
            self._show(focus.current_node)

    def _adopt(self, focus: Focus) -> None:
        """Draw the graph of the run in focus, if it is another; one that has only grown stays in place."""
        model = focus.model
        run = focus.run.id if focus.run is not None else next(reversed(model.graphs), 0)
        wanted = (id(model), run, id(model.graphs.get(run)), len(model.undeclared(run)))
        if wanted == self._laid_out:
            return
        same = self._laid_out is not None and wanted[:2] == self._laid_out[:2]
        if self._past is None or self._laid_out is None or self._laid_out[0] != id(model):
            self._past = Past(model)
        self._laid_out, self._run = wanted, run
        self._graph = graph_of(model, run)
        self._draw(self._followed if same else None)

    def _draw(self, hold: str | None = None) -> None:
        """Lay the graph out; a box that was `hold` stays where it is on screen."""
        if not self._graph or self._focus is None or self._past is None:
            self._canvas = self._look = None
            self.refresh()
            return
        before = None if self._canvas is None else self._canvas.drawing
        held = None if before is None or hold is None else before.box_of(hold)
        drawing = self._fitted(None if held is None else before)
        glyphs = UNICODE if self.app.console.encoding.startswith("utf") else ASCII
        offset = self._origin()
        self._look = FocusLook(self._focus, self._graph, drawing, self._run, self._past)
        self._canvas = Canvas(drawing, self._look, glyphs)
        self.virtual_size = Size(drawing.width, drawing.height)
        if held is not None and (now := drawing.boxes.get(held.node)) is not None:
            moved = now.rect.x - held.rect.x, now.rect.y - held.rect.y
            self.scroll_to(offset.x + moved[0], offset.y + moved[1], animate=False, force=True)
        self.refresh()

    def _fitted(self, like: Drawing | None) -> Drawing:
        """The drawing in the largest boxes that fit, or in those that the user chose."""
        assert self._graph is not None
        size = (self.size.width, self.size.height)
        zooms = [self._zoom] if self._zoom is not None else [Zoom.FULL, Zoom.COMPACT]
        if self._zoom is None and _CELLS * len(self._graph) > size[0] * size[1]:
            zooms = [Zoom.COMPACT]
        for zoom in zooms:
            drawing = layout(self._graph, self._folded, size, zoom, like=like)
            if drawing.width <= size[0] and drawing.height <= size[1]:
                break
        return drawing

    def _rows(self) -> tuple[int, int]:
        """The rows of the canvas that are seen: the first, and the one after the last."""
        top = self._origin().y
        return top, top + self.size.height

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
            has_run = self._focus is not None and bool(self._focus.model.graphs)  # to be drawn at once
            text = _EMPTY if y == 0 and not has_run else ""
            return Strip([Segment(text.ljust(width)[:width], self.rich_style)])
        dx, dy = self._origin()
        if y == self.size.height - 1 and y + dy > self._canvas.height:
            return Strip([Segment(self._legend(width).ljust(width), self._style("legend"))], width)
        spans = self._canvas.spans(y + dy, dx, dx + width)
        return Strip([Segment(text, self._style(name)) for text, name in spans], width)

    def _legend(self, width: int) -> str:
        """What the glyphs say, as far as there is room."""
        assert self._canvas is not None
        text = ""
        for entry in legend(self._canvas.glyphs, self._canvas.drawing.zoom is Zoom.FULL):
            longer = f"{text}   {entry}" if text else f" {entry}"
            if cell_len(longer) > width:
                break
            text = longer
        return text

    def _style(self, name: str) -> Style:
        if (style := self._styles.get(name)) is None:
            style = self.rich_style
            for part in name.split():
                found = self.get_component_styles(f"graph--{part}")
                whole = self.get_component_rich_style(f"graph--{part}")
                color = whole.color if found.has_rule("color") else None
                background = whole.bgcolor if found.has_rule("background") else None
                style += found.text_style + Style(color=color, bgcolor=background)
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
            rect, (width, height) = box.rect, self.size
            seen = min(rect.width, width - 2), min(rect.height, height - 2 * _MARGIN)
            region = Region(rect.x, rect.y, *seen).grow((_MARGIN, 1, _MARGIN, 1))
            self.scroll_to_region(region, animate=False, force=True)

    # Selecting

    def _selected(self) -> str | None:
        if self._focus is None or self._canvas is None:
            return None
        box = self._canvas.drawing.box_of(self._focus.node or "")
        return None if box is None else box.node

    def action_select(self, side: str) -> None:
        """The nearest node in that direction, those an edge leads to first; up from the first, its flow."""
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
        if side == "down" and drawing.boxes[here].open:
            best = next((key for key in drawing.boxes if self._flow_of(key) == here), best)
        self._choose(self._flow_of(here) if best is None and side == "up" else best)

    def _flow_of(self, node: str) -> str | None:
        """The flow that holds a node."""
        parent: str | None = None if self._graph is None else self._graph.nodes[node]["parent"]
        return parent

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
        self._draw(node)

    def action_pan(self, dx: int, dy: int) -> None:
        """Move the view."""
        self.scroll_relative(dx, dy, animate=False)

    def zoom(self, by: int) -> bool:
        """Full boxes, one-line boxes, tiny ones; 0 takes the largest that fits."""
        if self._canvas is None:
            return False
        now = self._canvas.drawing.zoom
        self._zoom = None if by == 0 else Zoom(min(max(now + by, Zoom.TINY), Zoom.FULL))
        self._draw(self._selected())
        return True

    def search(self) -> bool:
        """Ask for a part of a node's name and select it; again with the same text for the next one."""

        async def look(line: str) -> str | None:
            if not line:
                return None
            found = self._find(line.lower())
            if found is None:
                return f"No node is called {line!r}."
            self._unfold(found)
            self._choose(found)
            return None

        last = self._searches[-1] if self._searches else ""
        hint = "A part of a node's name; again for the next one"
        self.app.push_screen(AskScreen("Search", hint, last, look, self._searches))
        return True

    def _find(self, text: str) -> str | None:
        """The next node after the selected one with this text in its name."""
        nodes = [] if self._graph is None else list(self._graph)
        here = None if self._focus is None else self._focus.node
        at = nodes.index(here) + 1 if here in nodes else 0
        for node in nodes[at:] + nodes[:at]:
            if self._graph is not None and text in str(self._graph.nodes[node]["label"]).lower():
                return node
        return None

    def _unfold(self, node: str) -> None:
        """Unfold the flows around a node."""
        around = set() if self._graph is None else set(path_to(self._graph, node)) - {node}
        if around & self._folded:
            self._folded -= around
            self._draw()

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
