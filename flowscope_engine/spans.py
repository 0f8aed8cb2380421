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
    """One timed interval of a run. Times are nanoseconds of `time.monotonic_ns`.

    The defaults stand on the class, so that a new span pays only for what it sets.
    """

    shared: Any = None  # the dict that the run works on
    original: Any = None  # on run and visit: the node of the graph, of which `node` is this visit's copy
    node_id = ""  # of `original` in the described graph
    label = ""  # of that node
    is_flow = False  # on run and visit: runs nodes
    prep_res: Any = None  # on run and visit, once known
    exec_res: Any = None  # on run and visit, once known
    item: int | None = None  # on item: its index
    item_value: Any = None  # on item: the item, or the parameters of a batch flow's copy
    attempt: int | None = None  # on attempt: from 1
    result: Any = None  # on phases, item, attempt and fallback: what was returned
    action: Any = None  # on run and visit: what post returned
    status = ""  # "" while open, then ok, failed, cancelled
    error: BaseException | None = None
    begin_ns = 0
    end_ns = 0
    upcoming: Any = None  # on a span that runs a flow: the original of the node visited next
    children = 0  # the items or attempts begun below
    nth = 0  # on visit: which visit of its node this is in the run, from 1
    reported: BaseException | None = None  # the error below that execution has already stopped for
    directive: Any = None  # what becomes of the call (steer.Directive), left by the observer
    descent: Any = None  # the earlier steps that a rewind leads down through, outermost first
    forced: Any = None  # on a span that runs a flow: its start node, while it begins elsewhere
    again: int | None = None  # the id of the earlier span that this one repeats
    arrives: Any = None  # the rewind that leads here
    steps: Any = None  # the spans below, as far as the history keeps them
    before: Any = None  # the snapshot of `shared` at the begin, as far as the history keeps it
    edited: Any = None  # on run and visit: results that were edited (steer.Edit), by name
    given = ""  # the intervention that has given its end in place of the program
    is_left = False  # a rewind went back before it
    is_over = False  # on run: it has ended, and so have all lanes within
    is_live = False  # no recording answers what is below
    is_replayed = False  # on exec and item: answered from a recording
    is_thin = False  # the history has forgotten its results
    printed = 0  # lines that the program had written at its begin
    held_ns = 0  # of it, the time that is not the program's; known at the end
    owner: Any = None  # the asyncio task, or else the identity of the thread, that the lane runs on
    account: Any = None  # of its lane (lanes.Lane), where the observer keeps one
    can_wait = False  # the boundary awaits the observer's answer

    def __init__(self, kind: str, node: Any, parent: Span | None) -> None:
        self.id = next(_ids)
        self.kind = kind  # run, visit, prep, exec, post, item, attempt, fallback
        self.node = node  # the object PocketFlow runs: the copy of this visit
        self.parent = parent
        if parent is None:
            self.depth, self.lane, self.run, self.visit = 0, 0, self, self
        else:
            self.depth, self.lane, self.owner = parent.depth + 1, parent.lane, parent.owner
            self.account = parent.account
            self.run, self.visit, self.shared = parent.run, parent.visit, parent.shared

    @property
    def begins_lane(self) -> bool:
        """Is the account of its lane kept from here on?"""
        return self.account is not None and self.account.span is self

    def around(self, kind: str) -> Span | None:
        """The nearest span of this kind, from here outwards, within the same visit."""
        span: Span | None = self
        while span is not None and span.visit is self.visit:
            if span.kind == kind:
                return span
            span = span.parent
        return None


_COMMON = """
id kind node parent depth lane owner account run visit shared begin_ns node_id label printed before can_wait
end_ns status result original attempt children nth steps prep_res exec_res item item_value
"""
"""What most spans set: CPython stores the first 29 attributes of a class compactly, and a span with others is
thrice as large. So a rare one is set only where it differs from its default; `action` comes last."""


def _set_first(span: Span) -> None:
    for name in _COMMON.split():
        setattr(span, name, None)


_set_first(Span.__new__(Span))


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
