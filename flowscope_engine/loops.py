"""What lanes need of an event loop: who runs on it, since when a callback was due, a clock that can stop.

Five methods of the loop's instance are taken over: `time`, `call_soon`, `call_at`, `call_soon_threadsafe`,
`run_in_executor`.
They do what they did. A loop that is not built on asyncio's own (uvloop) is left as it is.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
import time
from asyncio import base_events, events
from collections.abc import Callable
from contextvars import Context
from threading import get_ident
from typing import TYPE_CHECKING, Any

from .spans import clock, current

if TYPE_CHECKING:
    from .lanes import Blockage, Lane

_ATTRIBUTE = "_flowscope_loop"


class Stopped:
    """How long the program has stood still for the user: the loops' clocks leave it out."""

    def __init__(self) -> None:
        self.total = 0.0  # seconds, of the stops that are over
        self._since: float | None = None
        self._count = 0  # threads that stand still
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Time stands still from now on."""
        with self._lock:
            self._count += 1
            if self._since is None:
                self._since = time.monotonic()

    def end(self) -> None:
        """Time goes on, unless another thread stands still."""
        with self._lock:
            self._count -= 1
            if self._since is not None and not self._count:
                since, self._since = self._since, None
                self.total += time.monotonic() - since

    def seconds(self) -> float:
        """Up to now."""
        since = self._since
        return self.total if since is None else self.total + time.monotonic() - since


stopped = Stopped()


class Loop:
    """An event loop on which lanes run."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.thread = get_ident()
        self.active: Lane | None = None  # whose code executes
        self.due = 0  # since when the callback that executes could have run, in ns; 0 for just now
        self.blockages: list[Blockage] = []  # the latest ones, not yet told
        self.outside = 0  # calls that threads execute for it now
        self.log: list[str] | None = None  # takes the name of each lane that goes on
        self.is_known = isinstance(loop, base_events.BaseEventLoop)
        self._before = stopped.seconds()  # what was left out already when this clock was taken over
        if self.is_known:
            self._take_over()

    def to_ns(self, when: float) -> int:
        """A time of the loop's clock on ours."""
        return int((when + stopped.seconds() - self._before) * 1e9)

    def _take_over(self) -> None:
        loop: Any = self.loop
        plain_time = loop.time
        plain_at = loop.call_at
        plain_threadsafe = loop.call_soon_threadsafe
        plain_executor = loop.run_in_executor

        def time() -> float:
            return float(plain_time() - (stopped.seconds() - self._before))

        def call_at(when: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
            timer = _Timer(self, callback, when, args, context)
            handle = timer.handle = plain_at(when, timer, *args, context=context)
            return handle

        def call_soon_threadsafe(callback: Any, *args: Any, context: Context | None = None) -> Any:
            return plain_threadsafe(_Due(self, callback, clock()), *args, context=context)

        def run_in_executor(executor: Any, function: Any, *args: Any) -> Any:
            future = plain_executor(executor, function, *args)
            self.outside += 1
            future.add_done_callback(self._came_back)
            return future

        loop.time = time
        loop.call_at = call_at
        loop.call_soon = self._call_soon()
        loop.call_soon_threadsafe = call_soon_threadsafe
        loop.run_in_executor = run_in_executor

    def _came_back(self, future: Any) -> None:
        self.outside -= 1

    def _call_soon(self) -> Callable[..., Any]:
        """The lane of a future that is done is told now, not when the loop gets round to it.

        Called for every step of every task, so the standard method is inlined where it is the loop's.
        """
        from .lanes import Lane

        loop: Any = self.loop
        plain = loop.call_soon
        ready, handle_of, lane_class = loop._ready, events.Handle, Lane

        def call_soon(callback: Any, *args: Any, context: Context | None = None) -> Any:
            if type(callback) is lane_class:
                callback(*args)
                return None
            return plain(callback, *args, context=context)

        def standard(callback: Any, *args: Any, context: Context | None = None) -> Any:
            if type(callback) is lane_class:
                callback(*args)
                return None
            if loop._closed:
                return plain(callback, *args, context=context)
            if loop._debug:  # with as many frames as there, for a handle tells where it was created
                loop._check_thread()
                loop._check_callback(callback, "call_soon")
                handle = loop._call_soon(callback, args, context)
                if handle._source_traceback:
                    del handle._source_traceback[-1]
                return handle
            handle = handle_of(callback, args, loop, context)
            ready.append(handle)
            return handle

        base = base_events.BaseEventLoop
        names = ("call_soon", "_call_soon")
        is_standard = all(getattr(type(loop), name) is getattr(base, name) for name in names)
        return standard if is_standard else call_soon


class _Due:
    """A callback that could have run at a known time."""

    __slots__ = ("at", "callback", "loop")

    def __init__(self, loop: Loop, callback: Callable[..., Any], at: int) -> None:
        self.loop = loop
        self.callback = callback
        self.at = at

    def __call__(self, *args: Any) -> Any:
        self.loop.due = self.at
        try:
            return self.callback(*args)
        finally:
            self.loop.due = 0


class _Timer(_Due):
    """A timer. One that a lane has set does not run on while the debugger holds the lane."""

    __slots__ = ("handle", "kept", "lane", "when")

    def __init__(
        self,
        loop: Loop,
        callback: Callable[..., Any],
        when: float,
        args: tuple[Any, ...],
        context: Context | None,
    ) -> None:
        super().__init__(loop, callback, 0)  # known when it comes due: until then the program may stand still
        span = current.get() if context is None else context.get(current)
        lane: Lane | None = None if span is None else span.account
        self.lane = lane
        self.when = when
        self.handle: Any = None
        if lane is not None:
            self.kept = lane.kept
            if lane is loop.active:
                lane.timer = (self, args)

    def __call__(self, *args: Any) -> Any:
        lane = self.lane
        if lane is not None:
            if lane.is_kept():
                lane.postponed = (*lane.postponed, self)
                return None
            if lane.kept != self.kept:
                self.postpone()
                return None
        self.handle = None
        self.at = self.loop.to_ns(self.when)
        return super().__call__(*args)

    def is_over(self) -> bool:
        """Has its time come, on the loop's clock and for its lane?"""
        late = 0 if self.lane is None else self.lane.kept - self.kept
        return bool(self.when + late / 1e9 < self.loop.loop.time())

    def postpone(self) -> None:
        """Come due as much later as the lane was held meanwhile. The handle stays the one the program has."""
        assert self.lane is not None
        late, self.kept = self.lane.kept - self.kept, self.lane.kept
        self.when += late / 1e9
        handle = self.handle
        if not handle.cancelled():
            handle._when, handle._scheduled = self.when, True
            heapq.heappush(self.loop.loop._scheduled, handle)  # type: ignore[attr-defined]


def loop_of(running: asyncio.AbstractEventLoop) -> Loop:
    """What is known of this running loop."""
    found: Loop | None = getattr(running, _ATTRIBUTE, None)
    if found is None:
        found = Loop(running)
        setattr(running, _ATTRIBUTE, found)
    return found
