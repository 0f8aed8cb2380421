"""The accounts of the lanes that live: opened and closed by their spans, told in between by a thread.

The program's threads only write the fields of their lane. This thread looks at them now and then, tells what
has changed, and where a lane keeps its loop busy finds the line that does.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ..lanes import AWAITING, BLOCKED_NS, GRAIN_NS, HELD, READY, RUNNING, Blockage, Lane
from ..loops import Loop, loop_of
from ..spans import Span, clock, current
from ..standstill import pauses
from .awaited import awaited, user_place
from .emitter import Emitter
from .order import END, Order
from .outbox import Event
from .own_threads import OwnThread
from .rewind import name_of

_LOOK_SECONDS = 0.02
_TELL_NS = 40_000_000
_SHARE = 15  # of the time goes into telling at most one part
_MOST_TOLD = 1_000  # lanes at a time
_MOST_RESTING = 1_000
_MOST_WAITING = 100  # lanes named by a `blocked` event

STATES = {RUNNING: "running", AWAITING: "awaiting", READY: "ready", HELD: "held"}


class Accounts:
    """All lanes of the program that have begun and not ended."""

    def __init__(self, emitter: Emitter) -> None:
        self.live: dict[int, Lane] = emitter.looks.live
        self._threads = emitter.looks.threads
        self.order = Order()
        self.standing = 0  # threads that stand still for the user: no loop is blocked by them
        self.on_open: Callable[[Lane], None] | None = None
        self.on_close: Callable[[Lane], None] | None = None
        self.on_tell: Callable[[], None] | None = None
        self.is_conducted = False  # lanes that are held wait for their turn
        self.on_over: Callable[[Span], None] = lambda run: None  # a run and all lanes within have ended
        self._emitter = emitter
        emitter.on_wait = self.waited
        self._resting: dict[int, tuple[int, ...]] = {}  # sums of the lanes of threads, between their runs
        self._roots = 0
        self._names: set[str] = set()  # of lanes that live
        self._strays: dict[int, set[int]] = {}  # lanes whose begin they have outlived, by each run around
        self._left: dict[int, Span] = {}  # runs that have ended before them
        self._told: dict[int, tuple[str, int, bool]] = {}  # state, since, cancelling: as told last
        self._loops: list[Loop] = []
        self._wake = threading.Event()  # lanes live
        self._pause = threading.Event()
        self._due = 0  # when they are told again
        self._next = 0  # where among those that live telling goes on
        self._thread: OwnThread | None = None

    def open(self, span: Span) -> Lane:
        """The lane that this span begins, or goes on with."""
        running = asyncio._get_running_loop()
        loop = None if running is None else loop_of(running)
        lane = Lane(span, loop)
        if span.parent is None and (sums := self._resting.pop(span.lane, None)):
            lane.running, lane.awaiting, lane.ready, lane.held, lane.waited = sums
        lane.name = self._name(span)
        span.account = lane
        if (before := self.live.get(lane.id)) is not None:  # its call is made again
            before.leave(span.begin_ns)
            self._leave(before.thread)
        self.live[lane.id] = lane
        if span.parent is not None and span.parent.status:
            self._stray(lane)
        self._threads[lane.thread] = self._threads.get(lane.thread, 0) + 1
        lane.enter(span.begin_ns)
        if lane.thread != threading.main_thread().ident:
            self.order.doubt(_THREADS)
        if loop is not None:
            if loop not in self._loops:
                self._loops.append(loop)
                self.order.follow(loop)
                if not loop.is_known:
                    self._emitter.notice(_UNKNOWN_LOOP)
            if not self._wake.is_set():
                self._wake.set()
                self._start()
        if self.on_open is not None:
            self.on_open(lane)
        return lane

    def close(self, span: Span) -> None:
        """The span that began its lane has ended, and with it the lane."""
        lane: Lane = span.account
        lane.switch(RUNNING, max(lane.since, span.end_ns))  # the program may have stood at the end
        lane.leave(lane.since)
        lane.end()
        if self.live.get(lane.id) is lane:
            del self.live[lane.id]
            self._leave(lane.thread)
        if self._told:
            self._told.pop(lane.id, None)
        if span.parent is None:
            self._rest(lane)
            self._tell_blockages(clock(), at_once=True)
        event = self._event(lane, span.end_ns)
        event["status"] = span.status
        self._emitter.emit(event)
        self._names.discard(lane.name)
        if lane.loop is not None:
            self.order.mark(END, lane.name)
        if self.on_close is not None:
            self.on_close(lane)
        if self._strays:
            self._settle(lane)

    def leave_run(self, run: Span) -> None:
        """A run has ended; those of its lanes that a failed gather has left behind may go on."""
        if run.id in self._strays:
            self._left[run.id] = run
        else:
            self._over(run)

    def _over(self, run: Span) -> None:
        run.is_over = True
        self.on_over(run)

    def _leave(self, thread: int) -> None:
        left = self._threads.get(thread, 0) - 1
        if left > 0:
            self._threads[thread] = left
        else:
            self._threads.pop(thread, None)

    def outlived(self, span: Span) -> None:
        """A span has ended: the lanes begun from it that still live go on by themselves."""
        if span.account.below:
            for lane in list(self.live.values()):
                if lane.span.parent is span:
                    lane.part(span.end_ns)
                    self._stray(lane)

    def _stray(self, lane: Lane) -> None:
        """What has begun this lane does not wait for it: the runs around may end before it does."""
        for run in _runs_around(lane.span):
            self._strays.setdefault(run.id, set()).add(lane.id)
            if run.is_over:
                self._left[run.id] = run

    def _settle(self, lane: Lane) -> None:
        """A lane has ended: was it the last that a run has left behind?"""
        for run in _runs_around(lane.span):
            strays = self._strays.get(run.id)
            if strays is not None:
                strays.discard(lane.id)
                if not strays:
                    del self._strays[run.id]
                    if self._left.pop(run.id, None) is not None:
                        self._over(run)

    def _rest(self, lane: Lane) -> None:
        self._resting[lane.id] = (lane.running, lane.awaiting, lane.ready, lane.held, lane.waited)
        if len(self._resting) > _MOST_RESTING:
            del self._resting[next(iter(self._resting))]

    def stands(self, begin: int, alone: Lane | None) -> None:
        """The program stands still; or only this lane's thread."""
        if alone is None:
            pauses.begin(begin)
            return
        for lane in self._with(alone):
            lane.is_stopped = True
            lane.look(begin)

    def stood(self, begin: int, end: int, alone: Lane | None) -> None:
        """It did until now."""
        if alone is None:
            pauses.end(end)
        for lane in list(self.live.values()) if alone is None else self._with(alone):
            lane.stood(begin, end)
            if alone is not None:
                lane.is_stopped = False
                lane.look(end)

    def _with(self, alone: Lane) -> list[Lane]:
        """A lane and those that stand still with its thread."""
        return [
            lane
            for lane in list(self.live.values())
            if lane is alone or (alone.loop is not None and lane.loop is alone.loop)
        ]

    def waited(self, begin: int, end: int) -> None:
        """The program's thread has waited for us: no time of its own."""
        span = current.get()
        if span is not None and span.account is not None:
            held = span.account.held
            span.account.stood(begin, end)
            span.account.waited += span.account.held - held
            if end - begin >= GRAIN_NS:
                span.account.stood_still(begin, end)

    def _name(self, span: Span) -> str:
        """What this lane is called in every run of the program: `AsyncFlow/Work[2]`."""
        around = span.parent
        while around is not None and around.account is None:  # it has ended: begun in the background
            around = around.parent
        if around is None:
            self._roots += 1
            return name_of(span) + (f"~{self._roots}" if self._roots > 1 else "")
        name = plain = f"{around.account.name}/{name_of(span)}"
        count = 1
        while name in self._names:  # a node has gathered two runs of one class
            count += 1
            name = f"{plain}~{count}"
        self._names.add(name)
        return name

    def tell(self) -> None:
        """Tell what has changed."""
        now = clock()
        events, lanes = [], []
        live = list(self.live.values())
        begin, self._next = self._next, 0
        for at, lane in enumerate(live[begin:] + live[:begin]):
            seen = (self._state(lane), lane.since, lane.cancelling)
            if lane.is_told and (lane.loop is None or self._told.get(lane.id) == seen):
                continue
            self._told[lane.id] = seen
            events.append(self._event(lane, now))
            lanes.append(lane)
            if len(events) >= _MOST_TOLD:
                self._next = (begin + at + 1) % len(live)  # the others next time
                break
        if events:
            self._emitter.emit_for(lanes, events)
        self._tell_blockages(now)
        if self.on_tell is not None:
            self.on_tell()

    def _event(self, lane: Lane, now: int) -> Event:
        span = lane.span
        running, awaiting, ready, held = lane.sums(now)
        event: Event = {
            "type": "lane",
            "id": lane.id,
            "parent": None if span.parent is None else span.parent.lane,
            "span": span.id,
            "item": span.item,
            "running": running,
            "awaiting": awaiting,
            "ready": ready,
            "held": held,
            "states": lane.tell_marks(),
        }
        if lane.waited:
            event["waited"] = lane.waited
        if not lane.is_told:
            event["still"] = lane.tell_still()
        if not lane.ended:
            state = self._state(lane)
            event["state"], event["since"] = STATES[state], lane.since
            event["on"] = awaited(lane) if state is AWAITING or state is HELD else None
            active = lane.loop.active if lane.loop is not None and state is READY else None
            event["behind"] = None if active is None or active is lane else active.id
            if lane.cancelling:
                event["cancelling"] = True
            if state is HELD and self.is_conducted:
                event["turn"] = True
            if span.parent is None:
                event["name"] = lane.name
        return event

    def _state(self, lane: Lane) -> str:
        """Its state; a lane whose sleep is over is ready, though the loop has not yet had time to see it."""
        timer = lane.timer
        if lane.state is not AWAITING or timer is None or not lane.sleeps():
            return lane.state
        return READY if timer[0].is_over() else AWAITING

    # What keeps a loop.

    def _tell_blockages(self, now: int, at_once: bool = False) -> None:
        for loop in self._loops:
            while loop.blockages and (at_once or now - loop.blockages[0].end > BLOCKED_NS):
                self._emitter.emit(_blocked(loop.blockages.pop(0)))

    def _look(self) -> None:
        """Where a lane has run for long, note the line it is at."""
        now = clock()
        for loop in self._loops:
            lane = loop.active
            if lane is None or self.standing:
                continue
            since = lane.since
            is_new = lane.place is None or lane.place[0] != since
            if lane.state is RUNNING and now - since > BLOCKED_NS / 2 and is_new:
                place = user_place(sys._current_frames().get(loop.thread))
                if place is not None:
                    lane.place = (since, *place)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = OwnThread(self._follow, self._wake.set)
            self._thread.start()

    def _follow(self) -> bool:
        """Look at the lanes that live, a moment from now."""
        self._wake.wait()
        self._pause.wait(_LOOK_SECONDS)
        self._look()
        self.order.trim()
        if (now := clock()) > self._due:
            self.tell()
            self._due = clock() + max(_TELL_NS, _SHARE * (clock() - now))
            if not self.live:
                self._wake.clear()
                if self.live:  # begun meanwhile
                    self._wake.set()
        return True


_UNKNOWN_LOOP = (
    "This event loop is not asyncio's own: its clock and timers run on while the program or a lane "
    "is held by the debugger, and when a lane became ready is not known."
)
_THREADS = "Threads go as they like between their awaits."


def _runs_around(span: Span) -> Iterator[Span]:
    around = span.parent
    while around is not None:
        yield around.run
        around = around.run.parent


def _blocked(blockage: Blockage) -> Event:
    file, line = blockage.place or (None, None)
    waiting: list[Any] = list(dict.fromkeys(blockage.waiting))
    return {
        "type": "blocked",
        "lane": blockage.lane.id,
        "span": blockage.span.id,
        "ts": blockage.begin,
        "ns": blockage.end - blockage.begin,
        "file": file,
        "line": line,
        "waiting": waiting[:_MOST_WAITING],
        "count": len(waiting) + blockage.unbegun,
    }
