"""Rules about retries: copies of PocketFlow whose concurrent items share one counter of attempts."""

from __future__ import annotations

from ..spans import Span
from .rule import Rule

# Only where items have lanes of their own: elsewhere a user's own retry loop may well do this on purpose.


class LostFailure(Rule):
    """The loop over attempts ended without an answer."""

    name = "lost-failure"
    explanation = (
        "The last attempt of a concurrent item failed, no fallback ran, and the item counts as done."
    )

    def ended(self, span: Span) -> None:
        if span.kind != "item" or span.status != "ok" or span.result is not None or not _is_aside(span):
            return
        tries = [child for child in span.children if child.kind in ("attempt", "fallback")]
        if tries and tries[-1].kind == "attempt" and tries[-1].status == "failed":
            text = f"{span.name} failed ({tries[-1].error}), but counts as done with the result None"
            self.report(span.node, f"{text}: concurrent items share `cur_retry`.", span, tries[-1])


class EarlyFallback(Rule):
    """Other items used up this one's attempts."""

    name = "early-fallback"
    explanation = "The fallback of a concurrent item ran before its attempts were used up."

    def began(self, span: Span) -> None:
        item = span.parent
        if span.kind != "fallback" or item is None or item.kind != "item" or not _is_aside(item):
            return
        asked = self.model.nodes.get(span.node, {}).get("max_retries", 1)
        made = sum(child.kind == "attempt" for child in item.children)
        if made < asked:
            text = f"{item.name} fell back after {made} of {asked} attempts"
            self.report(span.node, f"{text}: concurrent items share `cur_retry`.", item, span)


def _is_aside(span: Span) -> bool:
    return span.parent is not None and span.parent.lane != span.lane
