"""The adapter's requests for single lanes: to hold them, to let them go, to end or answer their await."""

from __future__ import annotations

from typing import Any

from ..lanes import Lane
from ..spans import Span
from .controller import Controller
from .standing import NoLane
from .ways_out import KINDS

Body = dict[str, Any]

AT_AWAIT = "flowscope/leaveAwait"
"""Is answered on the thread of the lane's loop, which need not stand still for it."""

_GATHER = (
    "A cancelled lane takes the gather around it down, and its siblings run on unseen by their node. "
    "Raise an error or answer in its place to fail or finish this lane alone."
)


class LaneRequests:
    """Part of the adapter."""

    _controller: Controller

    def event(self, name: str, body: Body | None = None) -> None:
        """Send an event."""
        raise NotImplementedError

    def _value(self, source: str, span: Span) -> Any:
        raise NotImplementedError

    def _lane(self, arguments: Body) -> Lane:
        """The lane that a request names. Raises NoLane."""
        number = arguments.get("lane")
        lane = None if number is None else self._controller.accounts.live.get(int(number))
        if lane is None:
            raise NoLane(f"There is no lane {number} now: it has ended, or not begun.")
        return lane

    def _lane_or_all(self, arguments: Body) -> Lane | None:
        return None if arguments.get("lane") is None else self._lane(arguments)

    def _task_lane(self, arguments: Body) -> Lane:
        lane = self._lane(arguments)
        if not self._controller.holding.can_hold(lane):
            raise NoLane("This lane is a thread, without an event loop: it can be stopped only at a step.")
        return lane

    def _on_flowscope_hold(self, arguments: Body) -> Body:
        lane = self._lane_or_all(arguments)
        if lane is not None and not self._controller.holding.can_hold(lane):
            self._controller.pause_lane(lane.id)
            return {"message": "This lane is a thread, without an event loop: it stops at its next step."}
        self._controller.holding.hold(lane)
        return {}

    def _on_flowscope_release(self, arguments: Body) -> Body:
        lane = self._lane_or_all(arguments)
        self._controller.holding.release(lane)
        for stop in list(self._controller.standing.stops.values()):
            if not stop.is_all and (lane is None or lane.id == stop.span.lane):
                self.event("continued", {"threadId": stop.span.lane + 1, "allThreadsContinued": False})
                self._controller.resume(stop, "continue", stop.span.lane)
        return {}

    def _on_flowscope_solo(self, arguments: Body) -> Body:
        self._controller.holding.solo(self._task_lane(arguments))
        return {}

    def _on_flowscope_stepAwait(self, arguments: Body) -> Body:
        lane = self._task_lane(arguments)
        stop = self._controller.standing.stops.get(lane.id)
        if stop is not None:
            raise NoLane("This lane has stopped at a step: hold it, and let it go on from there first.")
        self._controller.holding.step_await(lane)
        return {"chosen": lane.name}

    def _on_flowscope_cancel(self, arguments: Body) -> Body:
        """`warn` alone tells what would come of it."""
        lane = self._task_lane(arguments)
        message = _GATHER if lane.span.kind == "item" else ""
        if arguments.get("warn"):
            return {"message": message}
        take_back = self._controller.holding.cancel(lane)
        if take_back is not None:
            self._controller.travel.can_undo(lane.span, f"the cancel of {lane.name}", take_back)
        return {"message": message, "pending": take_back is not None}

    def _call_at_await(self, arguments: Body) -> Span:
        """The call that is to be left. Raises NoLane."""
        kind = str(arguments.get("kind"))
        if kind not in KINDS:
            raise NoLane(f"An await can be left by {' or '.join(KINDS)}, not by {kind!r}.")
        return self._controller.ways_out.call_of(self._lane(arguments), kind)

    def _on_flowscope_leaveAwait(self, arguments: Body) -> Body:
        """Answer in place of the innermost call of a lane that awaits, or raise an error there."""
        value = self._value(str(arguments.get("value") or ""), self._call_at_await(arguments))
        ways_out, lane = self._controller.ways_out, self._lane(arguments)
        text, is_pending = ways_out.lead_out(str(arguments["kind"]), lane, value)
        return {"text": text, "pending": is_pending}

    def _on_flowscope_stopMode(self, arguments: Body) -> Body:
        self._controller.standing.all_stop = bool(arguments.get("allStop", True))
        return {"allStop": self._controller.standing.all_stop}

    def _on_flowscope_schedule(self, arguments: Body) -> Body:
        """The order that lanes have taken so far, and of it what was chosen by hand, await by await."""
        order = self._controller.accounts.order
        return {**order.told(), "chosen": order.chosen()}
