"""Drawings as text, seen by eye once."""

from __future__ import annotations

from flowscope.graph.glyphs import ASCII
from flowscope.graph.layout import layout
from flowscope.graph.look import EdgeLook, Look, Mark, NodeLook, Use
from flowscope.graph.paint import Canvas
from flowscope.graph.text import render_text

from . import samples

AGENT = """\
┌─ ▾ ResearchAgent · flow ─────────────┐
│ ┌ start ───────┐                     │
│ │ DecideAction │                     │
│ └───────┬─────┬┘                     │
│         │  ▲  │                      │
│  search │  │  ╰── answer ──╮         │
│         ▼  │ decide        ▼         │
│  ┌─────────┴─┐    ┌────────────────┐ │
│  │ SearchWeb │    │ AnswerQuestion │ │
│  └───────────┘    └────────────────┘ │
└──────────────────────────────────────┘
"""


def test_an_agent() -> None:
    assert render_text(samples.agent()) == AGENT


def test_ascii_has_no_other_characters() -> None:
    assert render_text(samples.chain(8), glyphs=ASCII).isascii()


def test_what_happened_is_told_without_colour() -> None:
    drawing = layout(samples.agent(), down=True)
    canvas = Canvas(drawing)
    canvas.update(Look())
    taken = EdgeLook(Use.NOW, 3)
    touched = canvas.update(
        Look(
            {
                "n1": NodeLook(Mark.VISITED, 3, breakpoint=True),
                "n2": NodeLook(Mark.CURRENT, 2),
                "n3": NodeLook(failed=True),
            },
            {("n1", "n2", "search"): taken},
        )
    )
    text = "\n".join(canvas.row_text(row) for row in range(canvas.height))
    for part in ("●✓ DecideAction", "×3 │", "┃▶ SearchWeb", "search ×3", " failed ", "━━"):
        assert part in text
    assert drawing.boxes["n1"].rect in touched and drawing.boxes["f1"].rect not in touched


def test_an_update_paints_what_painting_anew_would() -> None:
    drawing = layout(samples.nested())
    look = Look(
        {"n2": NodeLook(Mark.FAILED, note="2/3 done, 1 failed")},
        {("n3", "f2", "再試行"): EdgeLook(Use.TAKEN, 2)},
    )
    updated = Canvas(drawing)
    updated.update(look)
    anew = Canvas(drawing, look)
    for row in range(drawing.height):
        assert updated.spans(row, 0, drawing.width) == anew.spans(row, 0, drawing.width)
