"""A lane that awaits is led out of its innermost open call, which gets a result or an error by hand."""

from __future__ import annotations

from asyncio import CancelledError
from typing import Any

from ..encode import encode_value
from ..lanes import AWAITING, HELD, Lane
from ..spans import Span
from ..steer import Directive, Unwind
from .holding import Holding
from .interventions import CALLS, decided
from .rewind import name_of
from .standing import NoLane, Standing
from .travel import Travel

KINDS = ("answer", "raise")


class WaysOut:
    """Those that are under way."""

    def __init__(self, holding: Holding, standing: Standing, travel: Travel, lanes: dict[int, Span]) -> None:
        self._holding = holding
        self._standing = standing
        self._travel = travel
        self._lanes = lanes  # the innermost open span of each
        self._sent: dict[int, _Out] = {}  # by the id of the call

    def call_of(self, lane: Lane, kind: str) -> Span:
        """The call that would get what the user gives. Raises NoLane."""
        self._holding.check()
        call = self._lanes.get(lane.id)
        if call is None or not self._holding.can_hold(lane):
            raise NoLane("This lane is a thread, without an event loop: this can be given it only at a step.")
        if lane.id in self._standing.stops:
            raise NoLane(f"{name_of(lane.span)} stands at a step: flowscope/intervene gives it there.")
        if (why := _obstacle(lane, call)) is not None:
            raise NoLane(f"{name_of(lane.span)} {why}.")
        if kind == "answer" and call.kind not in CALLS:
            raise NoLane(f"{name_of(call)} awaits, and has no exec result to be given: raise an error there.")
        if kind == "raise" and call.kind in ("exec", "item") and call.children:
            raise NoLane(
                f"{name_of(call)} waits for its next attempt, which an error would end too: answer it."
            )
        return call

    def lead_out(self, kind: str, lane: Lane, value: Any) -> tuple[str, bool]:
        """Do it: a sentence, and whether it waits until the program goes on. Raises NoLane, CannotRewind."""
        call = self.call_of(lane, kind)
        directive, text = decided(kind, value)
        text = f"{_name(call)} {text}, at its await"
        out = _Out(call, lane, directive)

        def send() -> None:
            if call.status or _obstacle(lane, call) is not None:
                self._travel.notice(f"{_name(call)} has got what it awaited: nothing was given by hand.")
            else:
                self._sent[call.id] = out
                out.send()

        self._travel.tell(kind, call, text, value=encode_value(directive.value))
        take_back = self._holding.interrupt(lane, send)
        if take_back is not None:
            self._travel.can_undo(call, text, take_back)
        return text, take_back is not None

    def end(self, span: Span) -> None:
        """A span has ended: was that by what it was to be given?"""
        if self._sent and (out := self._sent.pop(span.id, None)) is not None and not out.has_arrived:
            self._travel.notice(
                f"{_name(span)} did not get what was given by hand: "
                "its own code caught the cancellation that led out of its await, or was cancelled itself."
            )


class _Out(Unwind, CancelledError):
    """Under way to the call's boundary; for all in between the cancellation that it is sent as.

    So what is awaited is given up, and locks, timeouts and task groups are left in order.
    """

    has_arrived = False

    def __init__(self, call: Span, lane: Lane, directive: Directive) -> None:
        super().__init__(call, self._arrived)
        self._lane = lane
        self._directive = directive
        self._cancels = 0  # asked of its task before

    def send(self) -> None:
        """On the thread of its loop."""
        self._cancels = self._lane.task.cancelling()
        self._lane.out = self
        self._lane.task.cancel()

    def instead_of(self, thrown: BaseException | None) -> BaseException | None:
        """What the lane wakes to, which was to be this; a cancellation of the program's comes first."""
        return self if self._lane.task.uncancel() <= self._cancels else thrown

    def _arrived(self, call: Span) -> Span:
        self.has_arrived, call.directive = True, self._directive
        return call


def _name(call: Span) -> str:
    return name_of(call.around("item") or call)


def _obstacle(lane: Lane, call: Span) -> str | None:
    """Why a lane cannot be led out of its call."""
    if not call.can_wait or lane.state not in (AWAITING, HELD):
        return "is at no await: its own code runs; pause it at its next step, or try again"
    if lane.below:
        return "waits for lanes that it has begun: choose one of these"
    if lane.future is None or lane.future.done():
        return "has what it awaited, and goes on with it when it is let go"
    return None
