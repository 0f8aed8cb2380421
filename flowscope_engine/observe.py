"""Observation: the method boundaries of a class family, wrapped so that an observer receives spans.

PocketFlow has no hooks, but all it does passes through a few methods. Each is wrapped where a class defines
it; which span a call opens follows from the span around it, so that `super()` calls, overridden orchestration
and direct calls by the user add none.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from .families import is_own, members
from .hiding import forget_frames, hidden, is_hidden
from .lanes import driven
from .names import learn_names
from .rules import RULES, fail, rule_of, succeed
from .spans import Observer, clock, current
from .steer import Rule, Unwind, descend, outcome, outcome_async, unwind_in

_observer: Observer | None = None


def install(observer: Observer | None) -> None:
    """Make this the observer of every observed class, or of none."""
    global _observer
    _observer = observer


def observe_class(cls: type) -> None:
    """Wrap the boundaries that this class and the classes it mixes in define. Done once for each method."""
    for base in cls.__mro__[:-1]:
        for name in RULES:
            method = base.__dict__.get(name)
            if isinstance(method, FunctionType) and not is_hidden(method):
                _set(base, name, _wrap(method, rule_of(base, name), name))
        for name, wrap in _OTHERS.items():
            method = base.__dict__.get(name)
            if name == "__init__" and not (base.__name__ == "Flow" and is_own(base)):
                continue
            if isinstance(method, FunctionType) and not is_hidden(method):
                _set(base, name, functools.wraps(method)(hidden(wrap(method))))


def observe_family(root: type) -> None:
    """Observe every class of a family: those that exist now, and those yet to be made."""
    if "_flowscope_observed" not in root.__dict__:
        _set(root, "_flowscope_observed", True)
        _watch_subclasses(root)
    for cls in members(root):
        observe_class(cls)


def _watch_subclasses(root: type) -> None:
    inherited = root.__dict__.get("__init_subclass__")

    def __init_subclass__(cls: Any, **kwargs: Any) -> None:
        try:
            if inherited is not None:
                inherited.__get__(None, cls)(**kwargs)
            else:
                super(root, cls).__init_subclass__(**kwargs)  # type: ignore[arg-type]
        except BaseException as error:
            forget_frames(error)
            raise
        observe_class(cls)

    _set(root, "__init_subclass__", classmethod(hidden(__init_subclass__)))  # type: ignore[arg-type]


def _set(cls: type, name: str, value: Any) -> None:
    type.__setattr__(cls, name, value)


def _wrap(method: FunctionType, rule: Rule, name: str) -> Callable[..., Any]:
    is_coroutine = bool(method.__code__.co_flags & 0x80)  # inspect.CO_COROUTINE, without importing inspect
    if name.endswith("_async") or (name == "_exec" and is_coroutine):
        wrapper = _wrap_async(method, rule)
    else:
        wrapper = _wrap_sync(method, rule)
    return functools.wraps(method)(hidden(wrapper))


def _wrap_sync(method: Callable[..., Any], rule: Rule) -> Callable[..., Any]:
    def boundary(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        observer, parent, span = _observer, current.get(), None
        try:
            if observer is not None:
                given = (*args, *kwargs.values()) if kwargs else args
                if parent is None or parent.descent is None:
                    span = rule(self, parent, given)
                else:
                    span = descend(rule, self, parent, given)
            if span is None or observer is None:
                return method(self, *args, **kwargs)
            while not span.status:  # it has one at once where a rewind answers it, unseen
                try:
                    try:
                        current.set(span)
                        if not span.begin_ns:
                            span.begin_ns = clock()
                            observer.begin(span)
                        if span.directive is None:
                            result = method(self, *args, **kwargs)
                        else:
                            result = outcome(span, method, (self, *args, *kwargs.values()))
                        succeed(span, result)
                        observer.end(span)
                        return result if span.directive is None else span.directive.value
                    except BaseException as error:
                        forget_frames(error)
                        back = unwind_in(error)
                        if not span.status and (back is None or back.catcher is not span):
                            fail(span, back or error)
                            observer.end(span)
                            if span.directive is not None:
                                return span.directive.value
                        if back is not None:
                            raise back from None
                        raise
                except Unwind as unwind:
                    if unwind.catcher is not span:
                        raise
                    span = unwind.arrive(span)
            return span.result
        except BaseException as error:
            if span is None:
                forget_frames(error)
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
                given = (*args, *kwargs.values()) if kwargs else args
                if parent is None or parent.descent is None:
                    span = rule(self, parent, given)
                else:
                    span = descend(rule, self, parent, given)
            if span is None or observer is None:
                return await method(self, *args, **kwargs)
            while not span.status:
                try:
                    try:
                        current.set(span)
                        if not span.begin_ns:
                            span.begin_ns, span.can_wait = clock(), True
                            if (hold := observer.begin(span)) is not None:
                                await hold
                        if span.directive is None:
                            if span.begins_lane:
                                result = await driven(span.account, method(self, *args, **kwargs))
                            else:
                                result = await method(self, *args, **kwargs)
                        else:
                            made = outcome_async(span, method, (self, *args, *kwargs.values()))
                            result = await (driven(span.account, made) if span.begins_lane else made)
                        succeed(span, result)
                        if (hold := observer.end(span)) is not None:
                            await hold
                        return result if span.directive is None else span.directive.value
                    except BaseException as error:
                        forget_frames(error)
                        back = unwind_in(error)
                        if not span.status and (back is None or back.catcher is not span):
                            fail(span, back or error)
                            if (hold := observer.end(span)) is not None:
                                await hold
                            if span.directive is not None:
                                return span.directive.value
                        if back is not None:
                            raise back from None
                        raise
                except Unwind as unwind:
                    if unwind.catcher is not span:
                        raise
                    await unwind.settle()
                    span = unwind.arrive(span)
            return span.result
        except BaseException as error:
            if span is None:
                forget_frames(error)
            raise
        finally:
            if span is not None:
                current.set(parent)

    return boundary


def _wrap_get_next_node(method: Callable[..., Any]) -> Callable[..., Any]:
    def boundary(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        try:
            upcoming = method(self, *args, **kwargs)
        except BaseException as error:  # warnings may be errors
            forget_frames(error)
            raise
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
        try:
            return method(self, *args, **kwargs)
        except BaseException as error:
            forget_frames(error)
            raise

    return boundary


_OTHERS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "get_next_node": _wrap_get_next_node,
    "next": _wrap_wiring,
    "start": _wrap_wiring,
    "__init__": _wrap_wiring,  # of Flow itself: `Flow(start=node)`
}
