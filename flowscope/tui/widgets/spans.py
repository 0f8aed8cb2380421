"""What every pane says of a span: its sign, its status in a word, the time it took."""

from __future__ import annotations

from flowscope.model import Model, Span
from flowscope.model.text import duration_text

from ..focus import Focus

STATUS = {
    "ok": ("✓", "good", "ok"),
    "failed": ("✗", "bad", "failed"),
    "cancelled": ("⊘", "busy", "cancelled"),
    "unfinished": ("?", "quiet", "unfinished"),
    "open": ("▶", "busy", "running"),
    "held": ("■", "busy", "held"),
    "rewound": ("↶", "quiet", "rewound"),
}
"""Sign, style and word of each status."""


GIVEN = {
    "answer": "answered by hand",
    "skip": "skipped by hand",
    "raise": "raised by hand",
    "reroute": "rerouted by hand",
    "pin": "pinned",
    "replay": "as recorded",
}
"""What is said of an end that was not the program's own."""


class Look:
    """Spans as they were at the moment that is shown: what ended later is open, later ones are not there."""

    def __init__(self, model: Model, moment: int | None = None) -> None:
        self.model = model
        self.moment = moment
        stops = (model.spans.get(stop.span) for stop in model.stopped.values() if stop.span is not None)
        self._held = {each.id for span in stops if span is not None for each in span.path()}

    @classmethod
    def at(cls, focus: Focus) -> Look:
        """That of the focus."""
        return cls(focus.model, focus.moment)

    def began(self, span: Span) -> bool:
        """Is it there?"""
        return self.moment is None or span.step <= self.moment

    def ended(self, span: Span) -> bool:
        """Is it over?"""
        if span.status == "open" or self.moment is None:
            return span.status != "open"
        return span.end_step is not None and span.end_step <= self.moment

    def status(self, span: Span) -> tuple[str, str, str]:
        """Sign, style and word."""
        if span.branch is not None and self.moment is None:
            return STATUS["rewound"]
        if self.ended(span):
            return STATUS.get(span.status, STATUS["unfinished"])
        return STATUS["held" if self.moment is None and span.id in self._held else "open"]

    def time(self, span: Span, now: int | None = None) -> str:
        """How long it took, or has taken so far, without the time it was held; empty when not known."""
        duration = span.duration
        if not self.ended(span):
            if self.moment is not None:
                return ""
            duration = self.model.elapsed(span, now)
        return "" if duration is None else duration_text(duration).replace(" ", "")
