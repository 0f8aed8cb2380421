"""What every pane says of a span: its sign, its status in a word, the time it took."""

from __future__ import annotations

from flowscope.model import Model, Span
from flowscope.model.text import duration_text

STATUS = {
    "ok": ("✓", "good", "ok"),
    "failed": ("✗", "bad", "failed"),
    "cancelled": ("⊘", "busy", "cancelled"),
    "unfinished": ("?", "quiet", "unfinished"),
    "open": ("▶", "busy", "running"),
    "held": ("■", "busy", "held"),
}
"""Sign, style and word of each status."""


def held_spans(model: Model) -> set[int]:
    """Ids of the spans within which the debugger holds a lane."""
    stops = (model.spans.get(stop.span) for stop in model.stopped.values() if stop.span is not None)
    return {each.id for span in stops if span is not None for each in span.path()}


def status_of(span: Span, held: set[int]) -> tuple[str, str, str]:
    """Sign, style and word."""
    status = "held" if span.status == "open" and span.id in held else span.status
    return STATUS.get(status, STATUS["unfinished"])


def time_of(model: Model, span: Span, now: int | None = None) -> str:
    """How long it took, or has taken so far: without the time it was held."""
    duration = span.duration
    if duration is None:
        duration = max(0, model.worked(now) - model.worked(span.begin))
    return duration_text(duration).replace(" ", "")
