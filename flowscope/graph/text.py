"""The graph as plain text, for a pipe or a log."""

from __future__ import annotations

from .build import Graph
from .drawing import Drawing
from .glyphs import UNICODE, Glyphs
from .layout import layout
from .paint import Canvas

_WIDTH = 110


def render_text(graph: Graph, width: int = _WIDTH, glyphs: Glyphs = UNICODE) -> str:
    """Boxes and edges in characters, everything unfolded."""
    if not graph:
        return ""
    return drawing_text(layout(graph, size=(width, width), live=False), glyphs)


def drawing_text(drawing: Drawing, glyphs: Glyphs = UNICODE) -> str:
    """A drawing as nothing has run yet."""
    canvas = Canvas(drawing, glyphs=glyphs)
    return "".join(f"{canvas.row_text(row)}\n" for row in range(canvas.height))
