"""The debugger's hand on single lanes: hold, release, solo, cancel, and one await at a time.

A held lane halts at its next await, or where it is suspended; what it awaits goes on, its own timers do not.
With all lanes held, the order in which they are let go is an interleaving made by hand; it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from ..lanes import Lane
from ..loops import Loop
from .accounts import Accounts
from .emitter import Emitter
from .order import END, HOLD, RELEASE, Held
from .schedule import Conductor, Plan
from .standing import NoLane, Standing


class Holding:
    """Acts on lanes, from the adapter's thread."""

    def __init__(self, accounts: Accounts, standing: Standing, emitter: Emitter) -> None:
        self.conductor: Conductor | None = None
        self._accounts = accounts
        self._order = accounts.order
        self._standing = standing
        self._emitter = emitter
        self._held = Held()  # lanes, by the user
        self._interrupts: dict[Lane, Callable[[], None]] = {}  # when the program goes on
        self._is_by_hand = False  # so that the order is of interest
        self.is_apart = False  # are lanes held because a client lets one go on alone?
        accounts.on_open = self._opened
        accounts.on_close = self._closed

    def hold(self, lane: Lane | None) -> None:
        """Hold one lane; or all, and those yet to begin. Raises NoLane."""
        self.check()
        for one in self._lanes(lane):
            self._close(one)
        self._mark(HOLD, lane)
        self._tell("hold", lane, "held")

    def release(self, lane: Lane | None) -> None:
        """Let one lane go, or all. Raises NoLane."""
        if lane is None and self.conductor is not None:
            self.conductor.leave()
        self.check()
        self._mark(RELEASE, lane)
        self._open(self._lanes(lane))
        is_within = lane is not None and lane.span.parent is not None
        if is_within and self._held.all and not any(one.name in self._held for one in self._lanes(None)):
            self._mark(RELEASE, None)  # with the last one that was held, those yet to begin
        self._tell("release", lane, "released")

    def solo(self, lane: Lane) -> None:
        """Let only this lane go on, and hold those yet to begin. Raises NoLane."""
        self._let_alone(lane)
        self._tell("solo", lane, "runs alone")

    def go_alone(self, lane: Lane) -> None:
        """Let only this lane go on, until all are together; those yet to begin are free. Raises NoLane."""
        self.is_apart = True
        self._let_alone(lane, later=False)
        self._tell("solo", lane, "goes on alone")

    def go_together(self) -> None:
        """Release what was held for one lane to go alone."""
        if self.is_apart:
            self.release(None)

    def _let_alone(self, lane: Lane, *, later: bool = True) -> None:
        self.check()
        parent = None if lane.span.parent is None else lane.span.parent.lane
        going = [one for one in self._lanes(None) if one is lane or one.id == parent]
        others = [one for one in self._lanes(None) if one not in going]
        for one in others:
            self._close(one)
        for held in [None] if later else others:
            self._mark(HOLD, held)
        for one in going:
            self._mark(RELEASE, one)
        self._open(going)

    def step_await(self, lane: Lane) -> None:
        """Let a lane go on to its next await; held before or not, it is then. Raises NoLane."""
        self.check()
        if lane.name not in self._held:
            self._mark(HOLD, lane)

        def step() -> None:
            if isinstance(lane.governor, _Once):
                lane.governor.count += 1
            else:
                lane.open()
                lane.governor = _Once(self._stepped)

        self._standing.on_loop(lane, step)

    def cancel(self, lane: Lane) -> Callable[[], None] | None:
        """CancelledError at its await; as `interrupt` does it."""
        self._tell("cancel", lane, "will be cancelled" if self._standing.stands_still else "cancelled")
        return self.interrupt(lane, lambda: lane.task.cancel(), cancels=True)

    def interrupt(
        self, lane: Lane, job: Callable[[], object], *, cancels: bool = False
    ) -> Callable[[], None] | None:
        """Do this to a lane on its loop, in place of what was to be done before, and let it go if it is held.

        While the whole program stands still, that waits until it goes on: what is returned takes it back.
        """
        if lane.name in self._held:
            self._mark(RELEASE, lane)
        lane.cancelling = cancels

        def interrupt() -> None:
            if not lane.ended:
                job()
                lane.open()

        if not self._standing.stands_still:
            self._standing.on_loop(lane, interrupt)
            return None
        self._interrupts[lane] = interrupt
        self._accounts.tell()
        return lambda: self._keep(lane)

    def gone_on(self) -> None:
        """The program stood still, and goes on."""
        while self._interrupts and not self._standing.stands_still:
            self._standing.on_loop(*self._interrupts.popitem())

    def _keep(self, lane: Lane) -> None:
        self._interrupts.pop(lane, None)
        lane.cancelling = False
        self._accounts.tell()

    def conduct(self, plan: Plan) -> None:
        """Lanes go one at a time: in this order, then as a seed decides, or as they like."""
        self._order.is_unbounded = self._is_by_hand = True
        self.conductor = Conductor(self._accounts, self._emitter, plan)

    def end(self) -> None:
        """The debugger is gone: nothing is held any more."""
        if self.conductor is not None:
            self.conductor.leave()
        self._held.apply(RELEASE)
        self._open(self._lanes(None))

    def can_hold(self, lane: Lane) -> bool:
        """Is it a lane of an event loop? Other code cannot be held but at a step."""
        return lane.loop is not None and isinstance(lane.task, asyncio.Task)

    # What lanes and accounts tell, on the thread of the loop.

    def _opened(self, lane: Lane) -> None:
        """A lane begins: where all are held, at its first await."""
        if (self._held or self.conductor is not None) and self.can_hold(lane):
            if lane.name in self._held:
                lane.closed = True
            if self.conductor is not None:
                self.conductor.opened(lane)

    def _closed(self, lane: Lane) -> None:
        if self._held:
            self._held.apply(END, lane.name)
        if isinstance(lane.governor, _Once):
            self._stepped(lane)
        if self.conductor is not None:
            self.conductor.closed(lane)
        if lane.span.parent is None and self._is_by_hand:
            self._emitter.emit({"type": "schedule", **self._order.told()})

    def _stepped(self, lane: Lane) -> None:
        """It was let go by hand, and has run up to its next await or its end."""
        self._emitter.intervened("step", lane.span, f"{lane.name} let go to its next await")

    # What the adapter asks for.

    def check(self) -> None:
        """Raises NoLane: a schedule has the lanes in its hand."""
        if self.conductor is not None and not self.conductor.is_over:
            place = self.conductor.place
            raise NoLane(
                f"The lanes follow a schedule{place and ', '}{place}: release all lanes to leave it first."
            )

    def _close(self, lane: Lane) -> None:
        lane.closed = True  # at once: its loop may be busy with it
        self._standing.on_loop(lane, lane.close)

    def _open(self, lanes: list[Lane]) -> None:
        """Those of a loop at once: none of them goes on, and perhaps stops it, before all are let go."""
        together: dict[Loop | None, list[Lane]] = {}
        for lane in lanes:
            if lane.id not in self._standing.stops:
                together.setdefault(lane.loop, []).append(lane)
        for several in together.values():
            self._standing.on_loop(several[0], partial(_let_go, several), several[1:])

    def _mark(self, mark: str, lane: Lane | None) -> None:
        self._is_by_hand = True
        name = "" if lane is None else lane.name
        self._held.apply(mark, name)
        self.is_apart = self.is_apart and bool(self._held)
        self._order.mark(mark, name)

    def _lanes(self, lane: Lane | None) -> list[Lane]:
        lanes = list(self._accounts.live.values()) if lane is None else [lane]
        return [one for one in lanes if self.can_hold(one)]

    def _tell(self, kind: str, lane: Lane | None, text: str) -> None:
        """`holds`: are those yet to begin held now?"""
        name = "all lanes" if lane is None else lane.name
        more = {"all": True} if lane is None else {}
        span = None if lane is None else lane.span
        self._emitter.intervened(kind, span, f"{name} {text}", holds=self._held.all, **more)


class _Once:
    """A governor that closes the lane again when it has run up to its next await, or the one after that."""

    def __init__(self, done: Callable[[Lane], None]) -> None:
        self.count = 1
        self._done = done

    def arrived(self, lane: Lane) -> None:
        """It is held from then on."""

    def keeps(self, lane: Lane) -> bool:
        """It goes on to its await."""
        return False

    def suspended(self, lane: Lane) -> None:
        if lane.is_halting():
            return
        self.count -= 1
        if not self.count:
            lane.governor, lane.closed = None, True
        self._done(lane)


def _let_go(lanes: list[Lane]) -> None:
    for lane in lanes:
        lane.open()
        if isinstance(lane.governor, _Once):
            lane.governor = None
