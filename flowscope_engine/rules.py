"""Rules: which span a call of a method opens, by the span around it; and how a span ends.

`super()` calls, overridden orchestration and direct calls by the user open none: a call that only passes
through is told from one that begins something by the node and the kind of the span around it.
"""

from __future__ import annotations

import asyncio
import threading
from threading import get_ident
from typing import Any

from .families import is_own, traits
from .spans import Span, clock, next_id
from .steer import Rule, Unwind

_CANCELS = (asyncio.CancelledError, GeneratorExit, Unwind)

_open_execs: dict[int, Span] = {}
"""Open exec phases by the identity of their node: how a thread that a node starts finds its span."""


def _run(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
    if parent is not None and parent.node is node and parent.kind in ("run", "visit"):
        return None
    visited = parent is not None and parent.visit.is_flow and parent.kind in ("run", "visit", "item")
    span = Span("visit" if visited else "run", node, parent)
    span.run, span.visit = (span.run if visited else span), span
    if traits(type(node)).is_flow:
        span.is_flow = True
    span.shared = args[0] if args else None
    span.original = node
    if visited and parent is not None:
        if type(parent.upcoming) is type(node):
            span.original = parent.upcoming
        parent.upcoming = None
    _take_lane(span)
    return span


def _phase(kind: str) -> Rule:
    def rule(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
        if parent is None or parent.node is not node or parent.kind not in ("run", "visit"):
            return None
        if parent.edited is not None:
            pass  # what the program hands over is not what it will be given
        elif kind == "exec" and args:
            parent.prep_res = args[0]
        elif kind == "post" and len(args) > 2:
            parent.prep_res, parent.exec_res = args[1:3]
        return Span(kind, node, parent)

    return rule


_exec_phase = _phase("exec")


def _exec(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
    span = _exec_phase(node, parent, args)
    if span is not None:
        _open_execs[id(node)] = span
    return span


def _retry_loop(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
    """Node's and AsyncNode's own `_exec`, which a batch node calls once for each item."""
    if parent is None:
        parent = _open_execs.get(id(node))
    if parent is None or parent.node is not node or parent.kind != "exec":
        return _exec(node, parent, args)
    if traits(type(node)).is_batch:
        return _item(node, parent, args[0] if args else None)
    parent.children = 0  # called again by an `_exec` of the user's: attempts count anew
    return None


def _attempt(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
    if parent is None:
        parent = _open_execs.get(id(node))
    if parent is None or parent.node is not node:
        return None
    if parent.kind in ("run", "visit"):  # a changed copy, without the `_exec` in between
        return _exec(node, parent, args)
    if parent.kind not in ("exec", "item"):
        return None
    if parent.kind == "exec" and traits(type(node)).is_batch:
        # An `_exec` of the user's own hands the items to exec itself: the attempt stands for the item.
        span = _item(node, parent, args[0] if args else None)
    else:
        span = Span("attempt", node, parent)
        parent.children += 1
        span.attempt = parent.children
    if span.owner != (owner := _owner()):
        span.owner, span.lane = owner, next_id()
    return span


def _fallback(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
    if parent is None or parent.node is not node or parent.kind not in ("exec", "item"):
        return None
    return Span("fallback", node, parent)


def _orch(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
    if parent is None or parent.node is not node or parent.kind not in ("run", "visit"):
        return None
    if not traits(type(node)).is_batch:
        parent.upcoming = node.start_node
        return None
    span = _item(node, parent, args[1] if len(args) > 1 else None)
    span.upcoming = node.start_node
    return span


def _item(node: Any, parent: Span, value: Any) -> Span:
    span = Span("item", node, parent)
    span.item = parent.children
    parent.children += 1
    span.item_value = value
    _take_lane(span)
    return span


def _owner() -> Any:
    """Whoever runs this code one step after another: the asyncio task, or else the thread."""
    loop = asyncio._get_running_loop()
    return get_ident() if loop is None else asyncio.current_task(loop) or get_ident()


class _Thread(threading.local):
    """What a thread's runs share: they take turns on one lane, unless they overlap."""

    lane = -1
    run: Span | None = None


_thread = _Thread()


def _take_lane(span: Span) -> None:
    """What another task or thread runs than what is around it has a lane of its own."""
    owner = _owner()
    parent = span.parent
    if parent is not None:
        if parent.owner != owner:
            span.lane = next_id()
    elif _thread.run is not None and not _is_over(_thread.run):
        span.lane = next_id()
    else:
        if _thread.lane < 0:
            _thread.lane = 0 if threading.current_thread() is threading.main_thread() else next_id()
        span.lane, _thread.run = _thread.lane, span
    span.owner = owner


def _is_over(run: Span) -> bool:
    """Has it ended, or its task without it? A coroutine that is dropped half-way never says so."""
    return bool(run.status) or (isinstance(run.owner, asyncio.Future) and run.owner.done())


def _leave_lane(span: Span) -> None:
    if _thread.run is span:
        _thread.run = None  # nothing of the program's is kept alive


RULES: dict[str, Rule] = {
    "_run": _run,
    "_run_async": _run,
    "prep": _phase("prep"),
    "prep_async": _phase("prep"),
    "_exec": _exec,
    "exec": _attempt,
    "exec_async": _attempt,
    "exec_fallback": _fallback,
    "exec_fallback_async": _fallback,
    "post": _phase("post"),
    "post_async": _phase("post"),
    "_orch": _orch,
    "_orch_async": _orch,
}


def rule_of(base: type, name: str) -> Rule:
    """The rule for the method that this class defines under this name."""
    if name == "_exec" and base.__name__ in ("Node", "AsyncNode") and is_own(base):
        return _retry_loop
    return RULES[name]


def succeed(span: Span, result: Any) -> None:
    """The call that opened this span has returned `result`."""
    span.end_ns = clock()
    span.status = "ok"
    if span.error is not None:  # of the same call, made before
        span.error = None
    if span.kind in ("run", "visit"):
        span.action = result
        _leave_lane(span)
        return
    span.result = result
    if span.kind == "prep":
        span.visit.prep_res = result
    elif span.kind == "exec":
        span.visit.exec_res = result
        _open_execs.pop(id(span.node), None)


def again(span: Span) -> Span:
    """A new span for the same call, which is made once more."""
    twin = Span(span.kind, span.node, span.parent)
    if span.run is span:
        twin.run = twin
    if span.visit is span:
        twin.visit = twin
    twin.shared, twin.original, twin.is_flow = span.shared, span.original, span.is_flow
    twin.item, twin.item_value, twin.attempt = span.item, span.item_value, span.attempt
    twin.lane, twin.owner, twin.again = span.lane, span.owner, span.id
    reopen(twin)
    return twin


def reopen(span: Span) -> None:
    """The call that opened this span is made once more."""
    span.status, span.error, span.children, span.upcoming = "", None, 0, None
    if span.reported is not None:
        span.reported = None
    if span.kind == "exec":
        _open_execs[id(span.node)] = span
    elif span.parent is None and _thread.run is None and span.lane == _thread.lane:
        _thread.run = span


def fail(span: Span, error: BaseException) -> None:
    """The call that opened this span has raised `error`."""
    span.end_ns = clock()
    span.status = "cancelled" if isinstance(error, _CANCELS) else "failed"
    span.error = error
    if span.kind == "exec":
        _open_execs.pop(id(span.node), None)
    _leave_lane(span)
