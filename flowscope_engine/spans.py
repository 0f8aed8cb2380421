"""Spans: what happened when, on which lane, inside what.

run ⊃ visit ⊃ phase (prep, exec, post) ⊃ item ⊃ attempt, and fallback. The word means what it means in
OpenTelemetry. A span lives in a context variable, so threads and asyncio tasks each see their own.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable
from contextvars import ContextVar
from itertools import count
from typing import Any, Protocol

PHASES = ("prep", "exec", "post")


class Span:
    """One timed interval of a run. Times are nanoseconds of `time.monotonic_ns`."""

    __slots__ = (
        "action",
        "attempt",
        "begin_ns",
        "depth",
        "end_ns",
        "error",
        "id",
        "item",
        "item_value",
        "kind",
        "lane",
        "method",
        "node",
        "node_id",
        "parent",
        "prep_res",
        "result",
        "run",
        "shared",
        "state",
        "status",
        "upcoming",
        "visit",
    )

    def __init__(self, id: int, kind: str, node: Any, parent: Span | None, lane: int) -> None:
        self.id = id
        self.kind = kind  # run, visit, prep, exec, post, item, attempt, fallback
        self.node = node  # the object PocketFlow runs: the copy of this visit
        self.parent = parent
        self.lane = lane
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.run: Span = self if kind == "run" or parent is None else parent.run
        self.visit: Span = self if kind in ("run", "visit") or parent is None else parent.visit
        self.node_id = ""  # of the node in the described graph
        self.shared: Any = None if parent is None else parent.shared
        self.method: Any = None  # the user's function behind a phase, item, attempt or fallback
        self.item: int | None = None  # index of the item, on spans of kind item
        self.item_value: Any = None  # the item, or the parameters of a batch flow's copy
        self.attempt: int | None = None  # from 1, on spans of kind attempt
        self.prep_res: Any = None
        self.result: Any = None  # what the phase, item or attempt returned
        self.action: Any = None  # what post returned, on spans of kind visit and run
        self.status = ""  # "", ok, failed, cancelled
        self.error: BaseException | None = None
        self.begin_ns = 0
        self.end_ns = 0
        self.upcoming: Any = None  # on a span that runs a flow: the original of the node visited next
        self.state = 0  # counts the items or attempts begun below


class Observer(Protocol):
    """Receives every boundary, on the thread where it happens. It must not raise."""

    def begin(self, span: Span) -> Awaitable[None] | None:
        """A span begins; an awaitable answer is awaited where the program itself is asynchronous."""

    def end(self, span: Span) -> Awaitable[None] | None:
        """A span has ended: status, result or error are set."""


current: ContextVar[Span | None] = ContextVar("flowscope_span", default=None)
"""The innermost open span of this thread or task."""

_ids = count(1)
clock = time.monotonic_ns


def next_id() -> int:
    """A number no other span or lane of this process has."""
    return next(_ids)
