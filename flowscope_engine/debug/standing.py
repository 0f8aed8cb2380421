"""Standing still: where execution has stopped, and how it is kept there.

A stop blocks the thread that reached it, and every other one at its next boundary (all-stop). In non-stop
mode it holds its lane alone, while the loop goes on with the others. Where it stands it runs what the adapter
asks for, so that expressions are evaluated in their place.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

from ..hiding import hidden
from ..lanes import Lane, halt
from ..loops import stopped
from ..spans import Span, clock
from .accounts import Accounts

Job = Callable[[], object]


class NoLane(Exception):
    """The lane that is asked for is not there, or not of a kind that can do this."""


@dataclass
class Stop:
    """Where and why execution stands still."""

    span: Span
    at: str  # begin or end of the span; await: held in between
    reason: str  # entry, step, breakpoint, pause, exception, data breakpoint, hold
    text: str = ""
    breakpoints: list[str] = field(default_factory=list)  # the specs that were hit
    is_all: bool = True  # the whole program stands still
    jobs: queue.SimpleQueue[Job | None] | None = None  # of the thread that is blocked; None: the loop goes on
    thread: int = 0
    since: int = 0


class _Request(threading.local):
    """What the request that this thread works on is about."""

    lane: int | None = None


class Standing:
    """The stops there are."""

    def __init__(
        self,
        accounts: Accounts,
        begun: Callable[[Stop], None],
        ended: Callable[[Span], None],
        notice: Callable[[str], None],
    ) -> None:
        self.all_stop = True
        self.stops: dict[int, Stop] = {}  # by lane
        self._request = _Request()
        self._accounts = accounts
        self._begun = begun
        self._ended = ended  # called where it goes on; may raise
        self._notice = notice
        self._turn = threading.RLock()  # held by the thread that has stopped all
        self._evaluating: set[int] = set()  # the threads that run an expression of the user's
        self._has_warned = False

    @property
    def focus(self) -> int | None:
        """The lane that the adapter asks about."""
        return self._request.lane

    @focus.setter
    def focus(self, lane: int | None) -> None:
        self._request.lane = lane

    def find(self) -> Stop | None:
        """Where the lane in focus stands: at its stop, or where it is held; else the latest stop."""
        stops = list(self.stops.values())
        if self.focus is None or (stops and stops[-1].is_all):
            return stops[-1] if stops else None
        return self.stops.get(self.focus)

    def is_held(self, number: int) -> bool:
        """Is this lane held between two steps?"""
        lane = self._accounts.live.get(number)
        return lane is not None and lane.is_kept()

    def can_halt(self, span: Span) -> bool:
        """Can this lane stand still while its thread goes on?"""
        lane: Lane | None = span.account
        return not self.all_stop and span.can_wait and lane is not None and lane.loop is not None

    @property
    def stands_still(self) -> bool:
        """Is the whole program stopped?"""
        return any(stop.is_all for stop in list(self.stops.values()))

    def wait(self) -> None:
        """Stand still with the thread that has stopped all."""
        if self.stands_still:
            with self._turn:
                pass

    def block(self, stop: Stop) -> None:
        """Stand still here, with this thread."""
        lane: Lane | None = stop.span.account
        if not self.all_stop and lane is not None and lane.loop is not None and not self._has_warned:
            self._has_warned = True
            self._notice(_SYNCHRONOUS)
        with self._turn if self.all_stop else nullcontext():
            jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
            stop.is_all, stop.jobs, stop.thread = self.all_stop, jobs, threading.get_ident()
            since = stop.since = clock()
            alone = None if stop.is_all else lane
            stopped.begin()
            self._accounts.standing += 1
            self._accounts.stands(since, alone)
            try:
                self.stops[stop.span.lane] = stop
                self._begun(stop)
                while (job := jobs.get()) is not None:
                    job()
            finally:
                self._accounts.standing -= 1
                stopped.end()
                self._forget(stop)
                self._accounts.stood(since, clock(), alone)
            self._ended(stop.span)

    @hidden
    async def halt(self, stop: Stop) -> None:
        """Hold this lane alone."""
        lane: Lane = stop.span.account
        stop.is_all = False
        steps = len(self._accounts.order.steps)
        lane.closed = True
        self.stops[lane.id] = stop
        try:
            self._begun(stop)
            await halt(lane)
        finally:
            self._forget(stop)
            self._accounts.order.rejoin(lane, steps)
        self._ended(stop.span)

    def _forget(self, stop: Stop) -> None:
        if self.stops.get(stop.span.lane) is stop:
            del self.stops[stop.span.lane]

    # What the adapter asks for, from its own thread.

    def go_on(self, stop: Stop) -> None:
        """Let it go on: from now on, though its thread may wake up later."""
        self._forget(stop)
        if stop.jobs is not None:
            stop.jobs.put(None)
        else:
            self.on_loop(stop.span.account, stop.span.account.open)

    def on_loop(self, lane: Lane, job: Job, others: Iterable[Lane] = ()) -> None:
        """Run this on the thread of the lane's loop; others of that loop may be what it is about, too."""
        assert lane.loop is not None
        for stop in list(self.stops.values()):
            if stop.jobs is not None and stop.thread == lane.loop.thread:
                stop.jobs.put(partial(_there, (lane, *others), stop.since, job))
                return
        try:
            lane.loop.loop.call_soon_threadsafe(job)
        except RuntimeError:
            pass  # the loop is closed, and the lane gone

    def post(self, job: Callable[[], object]) -> None:
        """Run this where the lane in focus stands, without waiting; it must not raise. Raises NoLane."""
        focus, stop = self.focus, self.find()

        def there() -> None:
            before, self.focus = self.focus, focus
            self._evaluating.add(threading.get_ident())
            try:
                job()
            finally:
                self._evaluating.discard(threading.get_ident())
                self.focus = before

        if stop is not None and stop.jobs is not None:
            stop.jobs.put(there)
            return
        lane = self._accounts.live.get(-1 if focus is None else focus)
        lane = stop.span.account if stop is not None else lane
        if lane is None or lane.loop is None:
            raise NoLane("This lane is gone.")
        self.on_loop(lane, there)

    def is_evaluating(self) -> bool:
        """Does this thread run an expression of the user's?"""
        return threading.get_ident() in self._evaluating


def _there(lanes: Iterable[Lane], since: int, job: Job) -> None:
    """Do something to lanes whose loop has stood still since then."""
    for lane in lanes:
        lane.stood(since, clock())
    job()


_SYNCHRONOUS = (
    "This stop is in synchronous code: its event loop stands still with it, and all other lanes of the loop."
)
