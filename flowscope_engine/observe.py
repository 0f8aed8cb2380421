"""Observation: the method boundaries of a class family, wrapped so that an observer receives spans.

PocketFlow has no hooks, but all it does passes through a few methods. Each is wrapped where a class defines
it; which span a call opens follows from the span around it, so that `super()` calls, overridden orchestration
and direct calls by the user add none.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FunctionType
from typing import Any

from .families import is_own, traits
from .names import learn_names
from .spans import Observer, Span, clock, current, next_id

Rule = Callable[[Any, "Span | None", tuple[Any, ...]], "Span | None"]

HIDDEN_FILE = "<flowscope importlib._bootstrap>"
"""The file name of our frames: `warnings` and `logging` skip such frames when they look for the caller."""

_observer: Observer | None = None
_open_execs: dict[int, Span] = {}
"""Open exec phases by the identity of their node: how a thread that a node starts finds its span."""


def install(observer: Observer | None) -> None:
    """Make this the observer of every observed class, or of none."""
    global _observer
    _observer = observer


# Which span a call opens: None where it only passes through.


def _run(node: Any, parent: Span | None, args: tuple[Any, ...]) -> Span | None:
    if parent is not None and parent.node is node and parent.kind in ("run", "visit"):
        return None
    visited = parent is not None and parent.visit.is_flow and parent.kind in ("run", "visit", "item")
    span = Span("visit" if visited else "run", node, parent)
    span.run, span.visit = (span.run if visited else span), span
    span.is_flow = traits(type(node)).is_flow
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
        if kind == "exec" and args:
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
    elif _thread.run is not None:
        span.lane = next_id()
    else:
        if _thread.lane < 0:
            _thread.lane = 0 if threading.current_thread() is threading.main_thread() else next_id()
        span.lane, _thread.run = _thread.lane, span
    span.owner = owner


def _leave_lane(span: Span) -> None:
    if _thread.run is span:
        _thread.run = None  # nothing of the program's is kept alive


_RULES: dict[str, Rule] = {
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


def observe_class(cls: type) -> None:
    """Wrap the boundaries that this class and the classes it mixes in define. Done once for each method."""
    for base in cls.__mro__[:-1]:
        for name, rule in _RULES.items():
            method = base.__dict__.get(name)
            if isinstance(method, FunctionType) and not _is_wrapper(method):
                if name == "_exec" and base.__name__ in ("Node", "AsyncNode") and is_own(base):
                    rule = _retry_loop
                _set(base, name, _wrap(method, rule, name))
        for name, wrap in _OTHERS.items():
            method = base.__dict__.get(name)
            if name == "__init__" and not (base.__name__ == "Flow" and is_own(base)):
                continue
            if isinstance(method, FunctionType) and not _is_wrapper(method):
                _set(base, name, functools.wraps(method)(_hidden(wrap(method))))


def observe_family(root: type) -> None:
    """Observe every class of a family: those that exist now, and those yet to be made."""
    if "_flowscope_observed" not in root.__dict__:
        _set(root, "_flowscope_observed", True)
        _watch_subclasses(root)
    pending = [root]
    seen: set[type] = set()
    while pending:
        cls = pending.pop()
        if cls not in seen:
            seen.add(cls)
            observe_class(cls)
            pending += type.__subclasses__(cls)


def _watch_subclasses(root: type) -> None:
    inherited = root.__dict__.get("__init_subclass__")

    def __init_subclass__(cls: Any, **kwargs: Any) -> None:
        if inherited is not None:
            inherited.__get__(None, cls)(**kwargs)
        else:
            super(root, cls).__init_subclass__(**kwargs)  # type: ignore[arg-type]
        observe_class(cls)

    _set(root, "__init_subclass__", classmethod(_hidden(__init_subclass__)))


def _set(cls: type, name: str, value: Any) -> None:
    type.__setattr__(cls, name, value)


def _is_wrapper(function: FunctionType) -> bool:
    return function.__code__.co_filename == HIDDEN_FILE


def _hidden(function: Callable[..., Any]) -> Callable[..., Any]:
    assert isinstance(function, FunctionType)
    function.__code__ = _hide(function.__code__)
    return function


@functools.cache
def _hide(code: CodeType) -> CodeType:
    return code.replace(co_filename=HIDDEN_FILE)


def _wrap(method: FunctionType, rule: Rule, name: str) -> Callable[..., Any]:
    is_coroutine = bool(method.__code__.co_flags & 0x80)  # inspect.CO_COROUTINE, without importing inspect
    if name.endswith("_async") or (name == "_exec" and is_coroutine):
        wrapper = _wrap_async(method, rule)
    else:
        wrapper = _wrap_sync(method, rule)
    return functools.wraps(method)(_hidden(wrapper))


def _wrap_sync(method: Callable[..., Any], rule: Rule) -> Callable[..., Any]:
    def boundary(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        observer, parent, span = _observer, current.get(), None
        try:
            if observer is not None:
                span = rule(self, parent, (*args, *kwargs.values()) if kwargs else args)
            if span is None or observer is None:
                return method(self, *args, **kwargs)
            current.set(span)
            span.begin_ns = clock()
            observer.begin(span)
            result = method(self, *args, **kwargs)
            _succeed(span, result)
            observer.end(span)
            return result
        except BaseException as error:
            _forget_frame(error)
            if span is not None and observer is not None and not span.status:
                _fail(span, error)
                observer.end(span)
            raise
        finally:
            if span is not None:
                current.set(parent)

    return boundary


def _wrap_async(method: Callable[..., Any], rule: Rule) -> Callable[..., Any]:
    async def boundary(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        observer, parent, span = _observer, current.get(), None
        try:
            if observer is not None:
                span = rule(self, parent, (*args, *kwargs.values()) if kwargs else args)
            if span is None or observer is None:
                return await method(self, *args, **kwargs)
            current.set(span)
            span.begin_ns = clock()
            if (hold := observer.begin(span)) is not None:
                await hold
            result = await method(self, *args, **kwargs)
            _succeed(span, result)
            if (hold := observer.end(span)) is not None:
                await hold
            return result
        except BaseException as error:
            _forget_frame(error)
            if span is not None and observer is not None and not span.status:
                _fail(span, error)
                if (hold := observer.end(span)) is not None:
                    await hold
            raise
        finally:
            if span is not None:
                current.set(parent)

    return boundary


def _forget_frame(error: BaseException) -> None:
    """Take our frame, the outermost so far, off the traceback; a bare `raise` does not put it back."""
    if error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next


def _wrap_get_next_node(method: Callable[..., Any]) -> Callable[..., Any]:
    def boundary(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        upcoming = method(self, *args, **kwargs)
        span = current.get()
        if _observer is not None and span is not None and span.node is self:
            span.upcoming = upcoming
        return upcoming

    return boundary


def _wrap_wiring(method: Callable[..., Any]) -> Callable[..., Any]:
    """Where nodes are connected, the caller's variables name them."""

    def boundary(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        if _observer is not None:
            learn_names(sys._getframe(1), depth=4)
        return method(self, *args, **kwargs)

    return boundary


_OTHERS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "get_next_node": _wrap_get_next_node,
    "next": _wrap_wiring,
    "start": _wrap_wiring,
    "__init__": _wrap_wiring,  # of Flow itself: `Flow(start=node)`
}


def _succeed(span: Span, result: Any) -> None:
    span.end_ns = clock()
    span.status = "ok"
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


def _fail(span: Span, error: BaseException) -> None:
    span.end_ns = clock()
    span.status = "cancelled" if isinstance(error, (asyncio.CancelledError, GeneratorExit)) else "failed"
    span.error = error
    if span.kind == "exec":
        _open_execs.pop(id(span.node), None)
    _leave_lane(span)
