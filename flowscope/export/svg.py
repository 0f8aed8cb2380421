"""The graph as one standalone SVG file: no scripts, no fonts from elsewhere, light and dark."""

from __future__ import annotations

from html import escape

from rich.cells import cell_len

from flowscope.graph.build import Graph
from flowscope.graph.drawing import Box, Drawing, Point, Route
from flowscope.graph.layout import layout

_X, _Y = 9, 18  # pixels of a cell
_STYLE = """
  svg { background: #fff; color: #1f2328; font: 14px ui-monospace, Menlo, Consolas, monospace }
  .box { fill: #f6f8fa; stroke: #59636e; stroke-width: 1.3 }
  .frame { fill: none; stroke: #59636e; stroke-dasharray: 5 3 }
  .edge { fill: none; stroke: #0969da; stroke-width: 1.5; stroke-linejoin: round }
  .undeclared { stroke-dasharray: 6 4 }
  .head { fill: #0969da }
  text { fill: currentColor; white-space: pre }
  .words { fill: #59636e; font-size: 11px }
  .action { fill: #0550ae; paint-order: stroke; stroke: #fff; stroke-width: 4px }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 }
    .box { fill: #161b22; stroke: #9198a1 } .frame { stroke: #9198a1 }
    .edge { stroke: #58a6ff } .head { fill: #58a6ff }
    .words { fill: #9198a1 } .action { fill: #79c0ff; stroke: #0d1117 }
  }
"""


def to_svg(graph: Graph) -> str:
    """A picture of the whole graph, every flow unfolded."""
    drawing = layout(graph, live=False) if graph else Drawing(0, 0, {}, ())
    width, height = (drawing.width + 2) * _X, (drawing.height + 2) * _Y
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-_X} {-_Y} {width} {height}" '
        f'width="{width}" height="{height}">',
        f"<style>{_STYLE}</style>",
        '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path class="head" d="M0 0 8 4 0 8z"/></marker>',
    ]
    parts += [_box(box) for box in drawing.boxes.values()]
    parts += [_line(route) for route in drawing.routes]
    parts += [_label(route) for route in drawing.routes if route.label_at is not None and route.label]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box(box: Box) -> str:
    rect = box.rect
    x, y = rect.x * _X + _X / 2, rect.y * _Y + _Y / 2
    width, height = (rect.width - 1) * _X, (rect.height - 1) * _Y
    rounded = 12 if "Async" in box.kind else 2
    shape = (
        f'<rect class="{"frame" if box.open else "box"}" x="{x}" y="{y}" width="{width}" height="{height}"'
    )
    shapes = [f'{shape} rx="{rounded}"/>']
    if "Batch" in box.kind and not box.open:
        shapes.insert(
            0, f'<rect class="box" x="{x + 4}" y="{y + 4}" width="{width}" height="{height}" rx="{rounded}"/>'
        )
    words = f'<tspan class="words">  {escape(box.words)}</tspan>' if box.words else ""
    if box.open:
        shapes.append(f'<text x="{x + _X}" y="{y + _Y - 4}">{escape(box.label)}{words}</text>')
    else:
        middle = x + width / 2
        shapes.append(
            f'<text x="{middle}" y="{y + height / 2 + 5}" text-anchor="middle">{escape(box.label)}</text>'
        )
        if box.words:
            shapes.append(f'<text class="words" x="{x + 4}" y="{y - 3}">{escape(box.words)}</text>')
    return "".join(shapes)


def _line(route: Route) -> str:
    corners = [_on_border(route.leaves, route.points[0]), *map(_middle, route.points)]
    corners.append(_on_border(route.enters, route.points[-1]))
    path = " ".join(f"{x},{y}" for x, y in corners)
    style = "edge" if route.declared else "edge undeclared"
    return f'<polyline class="{style}" points="{path}" marker-end="url(#head)"/>'


def _label(route: Route) -> str:
    assert route.label_at is not None
    x = (route.label_at.x + cell_len(route.label) / 2) * _X
    return (
        f'<text class="action" x="{x}" y="{route.label_at.y * _Y + 13}" text-anchor="middle">'
        f"{escape(route.label)}</text>"
    )


def _middle(cell: Point) -> tuple[float, float]:
    return cell.x * _X + _X / 2, cell.y * _Y + _Y / 2


def _on_border(border: Point, beside: Point) -> tuple[float, float]:
    """Where a line meets the border of a box, which runs through the middle of its cells."""
    x, y = _middle(border)
    return (_middle(beside)[0], y) if border.x == beside.x else (x, _middle(beside)[1])
