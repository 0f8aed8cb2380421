"""Stops and steps: at each boundary, does execution go on or wait for the user?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..diff import Change
from ..hiding import hidden
from ..known import passes_errors_on
from ..rules import succeed
from ..spans import Span
from ..steer import give
from . import breakpoints as specs
from .accounts import Accounts
from .beside import is_inside
from .breakpoints import Breakpoint, ConditionError
from .emitter import Emitter
from .holding import Holding
from .interventions import Interventions
from .rewind import name_of
from .standing import Standing, Stop
from .travel import Travel
from .ways_out import WaysOut

_ANY_DEPTH = 1 << 30


@dataclass
class _Step:
    mode: str  # in, next, out
    lane: int | None  # None: any, before the first stop
    depth: int = _ANY_DEPTH
    span: Span | None = None  # where the step began

    def is_due(self, span: Span) -> bool:
        if self.lane is None:
            return True
        if self.mode == "in" and self.span is not None:
            begun = span.parent  # the copies of a flow are beside its prep, on lanes of their own
            beside = begun is not None and begun.lane == self.lane and is_inside(self.span, begun)
            if beside or is_inside(span, self.span):
                return True
        if span.lane != self.lane:
            return False  # a step stays in its lane
        return self.mode == "in" or span.depth < self.depth + (self.mode == "next")


class Controller:
    """The observer of a debug session."""

    def __init__(self, emitter: Emitter, on_stop: Callable[[Stop], None]) -> None:
        self.emitter = emitter
        self.accounts = Accounts(emitter)
        self.standing = Standing(self.accounts, self._begun, self._ended, emitter.notice)
        self.holding = Holding(self.accounts, self.standing, emitter)
        self.lanes: dict[int, Span] = {}  # the innermost open span of each lane
        self.filters: frozenset[str] = frozenset()  # of raised, attempt, uncaught
        self._breakpoints: tuple[Breakpoint, ...] = ()
        self._steps: dict[int | None, _Step] = {}  # by lane
        self._pausing: set[int | None] = set()  # lanes; None: any
        self._armed = False  # is there anything at all to look for?
        self._on_stop = on_stop
        self.travel = Travel(emitter, self.lanes)
        self.accounts.on_over = self.travel.over
        self.interventions = Interventions(self.travel)
        self.ways_out = WaysOut(self.holding, self.standing, self.travel, self.lanes)

    @property
    def stopped(self) -> Stop | None:
        """Where the lane that the adapter asks about has stopped."""
        return self.standing.find()

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
        self._steps[None] = _Step("in", None)
        self._arm()

    def pause(self, lane: int | None = None) -> None:
        """Stop at the next boundary that this lane reaches, or in all-stop mode any."""
        self._pausing.add(None if self.standing.all_stop else lane)
        self._arm()

    def pause_lane(self, lane: int) -> None:
        """Stop at the next boundary that this lane reaches."""
        self._pausing.add(lane)
        self._arm()

    def resume(self, stop: Stop, mode: str, lane: int, *, alone: bool = False) -> None:
        """Go on from a stop: mode is continue, or next, in or out of where this lane stands.

        `alone`: it alone, as DAP's `singleThread` has it; what is held for that is let go when all go on.
        """
        span = stop.span if stop.span.lane == lane else self.lanes.get(lane, stop.span)
        over = stop.span.kind == "run" and stop.at == "end"  # what comes next is another run
        depth = _ANY_DEPTH if over else span.depth
        if stop.is_all:
            self._steps.clear()
        if mode != "continue":
            self._steps[span.lane] = _Step(mode, span.lane, depth, span)
        self._arm()
        account = self.accounts.live.get(lane) if alone else None
        if account is None:
            self.holding.go_together()
        elif stop.at == "await":
            self.holding.release(account)
        else:
            self.holding.go_alone(account)
        if stop.at == "await":
            return
        self.standing.go_on(stop)
        if self.standing.all_stop:
            for other in list(self.standing.stops.values()):  # from before the mode was changed
                self.standing.go_on(other)

    def post(self, job: Callable[[], None]) -> None:
        """Run this where the lane that the adapter asks about stands; it must not raise."""
        self.standing.post(job)

    def release(self) -> None:
        """The debugger is gone: nothing stops any more."""
        self.set_breakpoints(())
        self.set_filters(())
        self._steps.clear()
        self._pausing.clear()
        self._arm()
        for stop in list(self.standing.stops.values()):
            self.standing.go_on(stop)
        self.holding.end()

    def _arm(self) -> None:
        looks = self._breakpoints or self.filters or self._steps or self._pausing
        self._armed = bool(looks or self.standing.stops)

    # What the program reaches, on its own threads.

    def begin(self, span: Span) -> Awaitable[None] | None:
        """A span begins."""
        if span.parent is None or span.parent.lane != span.lane:
            self.accounts.open(span)
        self.emitter.begin(span)
        self.lanes[span.lane] = span
        arrives = self.travel.begin(span)
        self.interventions.begin(span)
        if (self._armed or arrives) and span.descent is None and not self.standing.is_evaluating():
            stop = self._hit_breakpoint(span, "begin", [])
            if stop is None and arrives:
                stop = Stop(span, "begin", "goto", f"back at the begin of {name_of(span)}")
            if stop is None and not self._pausing.isdisjoint((None, span.lane)):
                stop = Stop(span, "begin", "pause")
            if stop is None and self._steps and self._is_step_point(span):
                due = next((step for step in list(self._steps.values()) if step.is_due(span)), None)
                if due is not None:
                    stop = Stop(span, "begin", "entry" if due.lane is None else "step")
            return self._stop(stop, span)
        return None

    def end(self, span: Span) -> Awaitable[None] | None:
        """A span has ended."""
        if (left := self.travel.leaves(span)) or span.is_left:
            span.is_left = left
        self.interventions.end(span)
        self.ways_out.end(span)
        if span.directive is not None:
            give(span, span.directive)
            succeed(span, span.directive.value)
        changes = self.emitter.end(span)
        hold = None
        try:
            if self._armed and not span.is_left and not self.standing.is_evaluating():
                stop = self._stop_at_end(span, changes)
                hold = self._stop(stop, span)
                if stop is not None and hold is None:
                    self._end_otherwise(span)
        finally:
            if hold is None:
                self._leave(span)
        return None if hold is None else self._end_later(span, hold)

    @hidden
    async def _end_later(self, span: Span, hold: Awaitable[None]) -> None:
        """The same, when this lane goes on."""
        try:
            await hold
            self._end_otherwise(span)
        finally:
            self._leave(span)

    def _stop_at_end(self, span: Span, changes: list[Change]) -> Stop | None:
        stop = self._hit_error(span) or self._hit_breakpoint(span, "end", changes)
        if stop is None and span.kind == "run" and not self._steps.keys().isdisjoint((None, span.lane)):
            stop = Stop(span, "end", "step", "the run ends here")
        return stop

    def _end_otherwise(self, span: Span) -> None:
        """At the stop it was given another end than was told."""
        if span.directive is not None:
            give(span, span.directive)
            succeed(span, span.directive.value)
            self.emitter.end(span)

    def _leave(self, span: Span) -> None:
        self.accounts.outlived(span)
        if self.travel.catches(span):
            self._pass_on(span)
            return
        if span.begins_lane:
            self.accounts.close(span)
        if span.parent is not None and span.reported is not None and span.reported is span.error:
            span.parent.reported = span.error  # on its way out: told once
        self._pass_on(span)
        self.travel.leave(span)
        if span.kind == "run":
            self.accounts.leave_run(span)

    def _pass_on(self, span: Span) -> None:
        parent = span.parent
        if parent is not None and parent.lane == span.lane:
            self.lanes[span.lane] = parent
            return
        self.lanes.pop(span.lane, None)
        if parent is not None and self._steps.pop(span.lane, None) is not None:
            self._steps[parent.lane] = _Step("in", parent.lane)  # the step goes on where the lane came from

    def _stop(self, stop: Stop | None, span: Span) -> Awaitable[None] | None:
        """Stand still where there is a stop, or where another thread has stopped all."""
        if stop is None:
            self.standing.wait()
            return None
        if self.standing.can_halt(span):
            return self.standing.halt(stop)
        self.standing.block(stop)
        return None

    def _begun(self, stop: Stop) -> None:
        """It stands still, as of now."""
        if stop.is_all:
            self._steps.clear()
            self._pausing.clear()
        else:
            lane = stop.span.lane
            self._steps = {of: step for of, step in self._steps.items() if of != lane and of is not None}
            self._pausing -= {None, lane}
        if stop.at == "end":
            stop.span.reported = stop.span.error
        self._arm()
        self._on_stop(stop)

    def _ended(self, span: Span) -> None:
        self._arm()
        self.holding.gone_on()
        self.travel.depart(span)

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
                paths = [change.path for change in changes if specs.matches_change(bp, change.path)]
                texts.append(f"shared{''.join(f'[{key!r}]' for key in paths[0])} changed")
        return Stop(span, at, reason, "; ".join(texts), hit) if hit else None

    def _is_place(self, bp: Breakpoint, span: Span, at: str, changes: list[Change]) -> bool:
        if bp.kind == "shared":
            return any(specs.matches_change(bp, change.path) for change in changes)
        if bp.kind == "raise":
            return at == "end" and span.kind != "run" and self._is_new_error(span)
        if bp.visit is not None and bp.visit != span.visit.nth:
            return False
        names = self.emitter.names(span)
        if not specs.matches_node(bp, names) or not self._is_within(bp, span):
            return False
        if bp.kind == "action":
            taken = span.action or "default"
            return at == "end" and span.kind in ("visit", "run") and not span.error and taken == bp.action
        if at == "end":
            return False
        if bp.item is not None and bp.node in names:  # else it is an element of a list of nodes
            item = span.around("item")
            kind = bp.phase if bp.phase in ("attempt", "fallback") else "item"  # which is its exec
            return item is not None and item.item == bp.item and span.kind == kind
        return span.kind == bp.phase if bp.phase else span.kind in ("visit", "run")

    def _is_within(self, bp: Breakpoint, span: Span) -> bool:
        """Is this in the items that the breakpoint is limited to?"""
        wanted = list(bp.inside)
        around = span.visit.parent
        while wanted and around is not None:
            name, item = wanted[-1]
            if around.kind == "item" and around.item == item and name in self.emitter.names(around):
                wanted.pop()
            around = around.parent
        return not wanted

    def _is_new_error(self, span: Span) -> bool:
        told = (span.reported, span.parent and span.parent.reported)
        return span.status == "failed" and not any(span.error is error for error in told)

    def _hit_error(self, span: Span) -> Stop | None:
        error = span.error
        if error is None or isinstance(error, SystemExit) or not self._is_new_error(span):
            return None  # a program that leaves by sys.exit() has not failed
        if (span.kind == "run" and span.parent is None) or ("uncaught" in self.filters and _leaves_run(span)):
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


def _leaves_run(span: Span) -> bool:
    """Will the error of this lane leave the run, as nothing of the user's is on its way to handle it?

    The lane still lives: here it can be led back alone. Of lanes that fail later the gather takes no notice.
    """
    around = span.parent
    if span.kind != "item" or around is None or around.lane == span.lane or around.reported is not None:
        return False
    while around is not None:
        if around.kind not in ("exec", "item", "visit", "run") or not passes_errors_on(type(around.node)):
            return False
        around = around.parent
    return True
