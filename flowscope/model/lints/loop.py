"""Rules about the event loop: who kept it, and what was concurrent in name only."""

from __future__ import annotations

from ..events import Blocked
from ..regions import blocker
from ..spans import Span
from ..text import duration_text
from .rule import Rule

_WORTH = 50_000_000  # ns of lane time from which it matters that lanes did not overlap


class LoopBlocked(Rule):
    """Other lanes were ready, and could not run."""

    name = "loop-blocked"
    explanation = "Synchronous code kept the event loop for over 50 ms while another lane was ready."

    def blocked(self, event: Blocked, span: Span) -> None:
        count = event.count
        if count:
            lanes = "another lane was" if count == 1 else f"{count} other lanes were"
            text = f"{blocker(span, event)} kept the event loop for {duration_text(event.ns)}"
            self.report((span.node, event.file, event.line), f"{text} while {lanes} ready.", span)


class NeverAwaited(Rule):
    """Nobody waited this time, but the node says that it is asynchronous."""

    name = "never-awaited"
    explanation = "The exec of an async node ran for over 50 ms without yielding to the event loop."

    def blocked(self, event: Blocked, span: Span) -> None:
        if event.count or not self.model.nodes.get(span.node, {}).get("async"):
            return
        if span.kind in ("exec", "item", "attempt"):
            text = f"{blocker(span, event)} is async, but ran for {duration_text(event.ns)} without awaiting"
            self.report((span.node, event.file, event.line), text + " anything.", span)


class SerialParallel(Rule):
    """A parallel node or flow whose lanes took turns."""

    name = "serial-parallel"
    explanation = "The lanes of a parallel node or flow never overlapped."

    def ended(self, span: Span) -> None:
        region = self.model.regions.get(span.id)
        if region is None or region.highest > 1 or len(region.members) < 2:
            return
        kind = str(self.model.nodes.get(span.node, {}).get("kind", ""))
        time = region.lane_time(region.end or 0)
        if kind.startswith("AsyncParallel") and time >= _WORTH:
            text = f"The {len(region.members)} lanes of {region.name} ran one after another"
            awaited = any(member.lane.awaiting for member in region.members)
            why = "each began when the one before had ended" if awaited else "none of them awaited"
            self.report(span.node, f"{text}, {duration_text(time)} in all: {why}.", span)
