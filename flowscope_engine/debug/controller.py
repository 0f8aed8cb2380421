"""Stops and steps: at each boundary, does this thread go on or wait for the user?

A stop blocks the thread that reached it, and every other one at its next boundary. While it waits it runs
what the adapter asks for, so that expressions are evaluated where the program stands.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..rules import succeed
from ..snapshot import Change
from ..spans import Span, clock
from . import breakpoints as specs
from .accounts import Accounts
from .breakpoints import Breakpoint, ConditionError
from .emitter import Emitter
from .interventions import Interventions
from .rewind import name_of
from .travel import Travel

T = TypeVar("T")

_ANY_DEPTH = 1 << 30


@dataclass
class Stop:
    """Where and why execution stands still."""

    span: Span
    at: str  # begin or end of the span
    reason: str  # entry, step, breakpoint, pause, exception, data breakpoint
    text: str = ""
    breakpoints: list[str] = field(default_factory=list)  # the specs that were hit


@dataclass
class _Step:
    mode: str  # in, next, out
    lane: int | None  # None: any, before the first stop
    depth: int = _ANY_DEPTH
    span: Span | None = None  # where the step began

    def is_due(self, span: Span) -> bool:
        if self.lane is None:
            return True
        if self.mode == "in" and self.span is not None and _is_inside(span, self.span):
            return True
        if span.lane != self.lane:
            return False  # a step stays in its lane
        return self.mode == "in" or span.depth < self.depth + (self.mode == "next")


class Controller:
    """The observer of a debug session."""

    def __init__(self, emitter: Emitter, on_stop: Callable[[Stop], None]) -> None:
        self.emitter = emitter
        self.accounts = Accounts(emitter)
        self.stopped: Stop | None = None
        self.lanes: dict[int, Span] = {}  # the innermost open span of each lane
        self.filters: frozenset[str] = frozenset()  # of raised, attempt, uncaught
        self._breakpoints: tuple[Breakpoint, ...] = ()
        self._step: _Step | None = None
        self._pausing = False
        self._armed = False  # is there anything at all to look for?
        self._on_stop = on_stop
        self._turn = threading.RLock()  # held by the thread that is stopped
        self.travel = Travel(emitter, self.lanes)
        self.interventions = Interventions(self.travel)
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    # What the adapter asks for, from its own thread.

    def set_breakpoints(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Replace all breakpoints."""
        self._breakpoints = tuple(breakpoints)
        self._arm()

    def set_filters(self, filters: Iterable[str]) -> None:
        """Replace the exception filters."""
        self.filters = frozenset(filters)
        self._arm()

    def stop_on_entry(self) -> None:
        """Stop where the first node begins."""
        self._step = _Step("in", None)
        self._arm()

    def pause(self) -> None:
        """Stop at the next boundary that any lane reaches."""
        self._pausing = True
        self._arm()

    def resume(self, mode: str, lane: int) -> None:
        """Go on: mode is continue, or next, in or out of where this lane stands."""
        stop = self.stopped
        if stop is None:
            return
        span = stop.span if stop.span.lane == lane else self.lanes.get(lane, stop.span)
        over = stop.span.kind == "run" and stop.at == "end"  # what comes next is another run
        depth = _ANY_DEPTH if over else span.depth
        self._step = None if mode == "continue" else _Step(mode, span.lane, depth, span)
        self._arm()
        self.stopped = None  # from now on, though its thread may wake up later
        self._jobs.put(None)

    def call(self, function: Callable[[], T]) -> T:
        """Run this in the thread that is stopped, and return or raise what it does."""
        done = threading.Event()
        outcome: list[Any] = []

        def job() -> None:
            try:
                outcome.append((function(), None))
            except BaseException as error:  # of the user's expression, which may exit or interrupt
                outcome.append((None, error))
            done.set()

        self.post(job)
        done.wait()
        result, error = outcome[0]
        if error is not None:
            raise error
        return result  # type: ignore[no-any-return]

    def post(self, job: Callable[[], None]) -> None:
        """Run this in the thread that is stopped; it must not raise."""
        self._jobs.put(job)

    def release(self) -> None:
        """The debugger is gone: nothing stops any more."""
        self.set_breakpoints(())
        self.set_filters(())
        self._step, self._pausing = None, False
        self._arm()
        self._jobs.put(None)

    def _arm(self) -> None:
        self._armed = bool(self._breakpoints or self.filters or self._step or self._pausing or self.stopped)

    # What the program reaches, on its own threads.

    def begin(self, span: Span) -> None:
        """A span begins."""
        if span.parent is None or span.parent.lane != span.lane:
            self.accounts.open(span)
        self.emitter.begin(span)
        self.lanes[span.lane] = span
        arrives = self.travel.begin(span)
        self.interventions.begin(span)
        if (self._armed or arrives) and span.descent is None and not self._is_evaluating():
            stop = self._hit_breakpoint(span, "begin", [])
            if stop is None and arrives:
                stop = Stop(span, "begin", "goto", f"back at the begin of {name_of(span)}")
            if stop is None and self._pausing:
                stop = Stop(span, "begin", "pause")
            if stop is None and self._step is not None and self._is_step_point(span):
                entry = self._step.lane is None
                if self._step.is_due(span):
                    stop = Stop(span, "begin", "entry" if entry else "step")
            self._stop(stop)

    def end(self, span: Span) -> None:
        """A span has ended."""
        span.is_left = self.travel.leaves(span)
        self.interventions.end(span)
        if span.directive is not None:
            succeed(span, span.directive.value)
        changes = self.emitter.end(span)
        try:
            self._stop_at_end(span, changes)
        finally:
            self._leave(span)

    def _stop_at_end(self, span: Span, changes: list[Change]) -> None:
        if self._armed and not span.is_left and not self._is_evaluating():
            stop = self._hit_error(span) or self._hit_breakpoint(span, "end", changes)
            step = self._step
            if stop is None and span.kind == "run" and step is not None and step.lane in (None, span.lane):
                stop = Stop(span, "end", "step", "the run ends here")
            self._stop(stop)
            if stop is not None and span.directive is not None:  # it ends otherwise than was told
                succeed(span, span.directive.value)
                self.emitter.end(span)

    def _leave(self, span: Span) -> None:
        if span.begins_lane and not self.travel.catches(span):
            self.accounts.close(span)
        self._pass_on(span)
        self.travel.leave(span)

    def _pass_on(self, span: Span) -> None:
        parent = span.parent
        if parent is not None and span.reported is not None and span.reported is span.error:
            parent.reported = span.error  # on its way out: told once
        if parent is not None and parent.lane == span.lane:
            self.lanes[span.lane] = parent
            return
        self.lanes.pop(span.lane, None)
        step = self._step
        if parent is not None and step is not None and step.lane == span.lane:
            self._step = _Step("in", parent.lane)  # the lane ends: the step goes on where it came from

    def _stop(self, stop: Stop | None) -> None:
        if stop is None:
            if self.stopped is not None:
                with self._turn:  # all-stop: wait until the other thread goes on
                    pass
            return
        with self._turn:
            self._step, self._pausing = None, False
            self.stopped = stop
            if stop.at == "end":
                stop.span.reported = stop.span.error
            self._on_stop(stop)
            since = clock()
            try:
                while (job := self._jobs.get()) is not None:
                    job()
            finally:
                self.stopped = None
                self._arm()
            self.travel.depart(stop.span, clock() - since)

    def _is_evaluating(self) -> bool:
        """Does the thread that is stopped run an expression of the user's?"""
        return self.stopped is not None and bool(self._turn._is_owned())  # type: ignore[attr-defined]

    def _is_step_point(self, span: Span) -> bool:
        if span.kind in ("visit", "item"):
            return True
        if span.kind == "run" or (span.kind == "attempt" and span.attempt == 1):
            return False  # the phase or the item has just begun at the same place
        return self.emitter.method_of(span) is not None

    def _hit_breakpoint(self, span: Span, at: str, changes: list[Change]) -> Stop | None:
        hit: list[str] = []
        reason, texts = "breakpoint", []
        for bp in self._breakpoints:
            if not bp.enabled or not self._is_place(bp, span, at, changes):
                continue
            known = self.namespace(span)
            try:
                if not specs.evaluate_condition(bp, known) or not specs.count_hit(bp):
                    continue
            except ConditionError as error:
                texts.append(f"{error}")
            if bp.log is not None and not texts:
                text = specs.render_log(bp, known)
                self.emitter.emit({"type": "notice", "level": "info", "text": text, "span": span.id})
                continue
            hit.append(specs.format(bp))
            if bp.kind == "shared":
                reason = "data breakpoint"
                texts.append(f"shared{''.join(f'[{key!r}]' for key in changes[0].path)} changed")
        return Stop(span, at, reason, "; ".join(texts), hit) if hit else None

    def _is_place(self, bp: Breakpoint, span: Span, at: str, changes: list[Change]) -> bool:
        if bp.kind == "shared":
            return any(specs.matches_change(bp, change.path) for change in changes)
        if bp.kind == "raise":
            return at == "end" and span.kind != "run" and self._is_new_error(span)
        if bp.visit is not None and bp.visit != span.visit.nth:
            return False
        if not specs.matches_node(bp, self.emitter.names(span)):
            return False
        if bp.kind == "action":
            taken = span.action or "default"
            return at == "end" and span.kind in ("visit", "run") and not span.error and taken == bp.action
        if at == "end":
            return False
        if bp.item is not None:
            return span.kind == "item" and span.item == bp.item
        return span.kind == bp.phase if bp.phase else span.kind in ("visit", "run")

    def _is_new_error(self, span: Span) -> bool:
        told = (span.reported, span.parent and span.parent.reported)
        return span.status == "failed" and not any(span.error is error for error in told)

    def _hit_error(self, span: Span) -> Stop | None:
        error = span.error
        if error is None or not self._is_new_error(span):
            return None
        if span.kind == "run" and span.parent is None:
            name = "uncaught"
        elif span.kind == "attempt" and self._is_handled(span):
            name = "attempt"
        else:
            name = "raised"
        if name not in self.filters:
            return None
        return Stop(span, "end", "exception", f"{type(error).__name__} ({name})")

    def _is_handled(self, span: Span) -> bool:
        """Will a failed attempt be retried, or is there a fallback of the user's?"""
        last = (span.attempt or 1) >= getattr(span.node, "max_retries", 1)
        return not last or "fallback" in self.emitter.methods(type(span.node))

    def namespace(self, span: Span) -> dict[str, Any]:
        """What conditions and expressions see."""
        visit = span.visit
        item, attempt = span.around("item"), span.around("attempt")
        return {
            "shared": span.shared,
            "params": getattr(span.node, "params", None),
            "prep_res": visit.prep_res,
            "exec_res": visit.exec_res,
            "item": item and item.item_value,
            "attempt": attempt and attempt.attempt,
            "action": visit.action,
            "node": span.node,
        }


def _is_inside(span: Span, outer: Span) -> bool:
    inner: Span | None = span
    while inner is not None and inner.depth > outer.depth:
        inner = inner.parent
    return inner is outer
