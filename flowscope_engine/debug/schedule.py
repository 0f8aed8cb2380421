"""Interleavings: which lane of a loop goes next, slice by slice, from a list or by a seeded choice.

A lane goes on only when it is its turn, and then as soon as it can; so what runs is always an order that the
program itself could have taken. Lanes are known by their names, which are the same in every run.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field

from ..lanes import HELD, Lane
from ..loops import Loop
from ..spans import clock
from .accounts import Accounts
from .awaited import awaited
from .emitter import Emitter
from .order import END, HOLD, RELEASE, WAIT, Held, awaits_in, parts

_HOPS = 2  # turns of the loop after which all that are ready have arrived
_LOOK = 0.1  # seconds between two looks at whether the steps go on
_PATIENCE = 5.0  # seconds for the lane whose turn it is to begin
_LONG_PATIENCE = 60.0  # and to come back from what it awaits


@dataclass(frozen=True)
class Plan:
    """First the `steps` are followed: `whole`, all lanes wait for their turn, else those that are named.

    Then a seed decides; without one, `frees` tells whether all lanes go as they like, or the one that has
    waited longest goes first.
    """

    steps: list[str] = field(default_factory=list)
    seed: int | None = None
    frees: bool = False
    whole: bool = True


class Conductor:
    """Governs the lanes of the program's loops, from the threads of these."""

    def __init__(self, accounts: Accounts, emitter: Emitter, plan: Plan) -> None:
        self.is_over = False
        self._accounts = accounts
        self._emitter = emitter
        self._plan = plan
        self._at = 0  # in the plan's steps
        self._told = (-1, False)  # how far it had come, and whether it was over, when that was told last
        self._is_followed = False  # to its end, which has been told
        self._names = frozenset(name for mark, name in map(parts, plan.steps) if not mark)
        self._places = _places(plan.steps)
        self._random = None if plan.seed is None else random.Random(plan.seed)
        self._lanes: dict[str, Lane] = {}  # that are governed, and live
        self._ended: set[str] = set()
        self._held = Held()  # lanes whose timers stand still when it is not their turn, as by hand
        self._waiting: dict[Lane, None] = {}  # in the order of their arrival
        self._going: Lane | None = None
        self._pauses = False  # until another lane arrives
        self._has_asked = False
        self._looker: asyncio.AbstractEventLoop | None = None
        self._missed = 0.0  # seconds since the step that is due did not go on
        self._seen = -1  # the step at the latest look
        self._lock = threading.RLock()
        accounts.is_conducted = True
        accounts.on_tell = self.tell

    @property
    def place(self) -> str:
        """How far it has come, in words; empty where the steps are over."""
        count = len(self._plan.steps)
        return "" if self.is_over or self._at >= count else f"step {self._at + 1:,} of {count:,}"

    def tell(self) -> None:
        """How far it has come, where that is news."""
        with self._lock:
            now = (self._at, self.is_over)
            if self._plan.steps and now != self._told:
                self._told = now
                of = len(self._plan.steps)
                self._emitter.emit({"type": "following", "at": now[0], "of": of, "over": now[1]})

    # What lanes and accounts tell, on the thread of the loop.

    def opened(self, lane: Lane) -> None:
        """A lane begins."""
        plan = self._plan
        with self._lock:
            if self.is_over or (plan.frees and not plan.whole and lane.name not in self._names):
                return
            lane.closed = True
            lane.governor = None if lane.name in self._held else self
            self._lanes[lane.name] = lane
            if plan.steps and (self._looker is None or self._looker.is_closed()) and lane.loop is not None:
                self._looker = lane.loop.loop
                self._look()
            self._go_on(lane)

    def closed(self, lane: Lane) -> None:
        """A lane has ended."""
        with self._lock:
            if self._lanes.get(lane.name) is not lane:
                return
            del self._lanes[lane.name]
            self._held.apply(END, lane.name)
            self._ended.add(lane.name)
            self._waiting.pop(lane, None)
            if lane is self._going:
                self._going = None
            if (at := self._next_step(lane.name)) is not None:
                self._give_up(at, f"{lane.name}, has ended before it.")
            self._go_on(lane)

    def arrived(self, lane: Lane) -> None:
        with self._lock:
            self._waiting[lane] = None
            self._pauses = False
            self._go_on(lane)

    def suspended(self, lane: Lane) -> None:
        with self._lock:
            if self.is_over or lane.is_halting():
                return
            lane.closed = True
            if lane.name in self._held:
                lane.governor = None
            if lane is self._going:
                self._going = None
            self._go_on(lane)

    def keeps(self, lane: Lane) -> bool:
        return lane is not self._going and not self.is_over

    def leave(self) -> None:
        """The user lets all lanes go."""
        with self._lock:
            if self.place:
                self._emitter.notice(f"The schedule was left at {self.place}.", "info")
            self._free()

    def finish(self) -> None:
        """The program ends: were all steps taken?"""
        with self._lock:
            if not self.is_over and self._at < len(self._plan.steps):
                self._give_up(self._at, self._missing(*parts(self._plan.steps[self._at])))

    # The steps.

    def _go_on(self, lane: Lane) -> None:
        """The next step at once; a choice when all that are ready have arrived."""
        if self._going is not None or self.is_over or lane.loop is None:
            return
        if self._at < len(self._plan.steps):
            self._follow()
        if self._going is None and self._at >= len(self._plan.steps) and not self.is_over:
            self._end()
            if self._plan.frees:
                self._free()
            elif not self._has_asked:
                self._has_asked = True
                self._later(lane.loop, _HOPS)

    def _follow(self) -> None:
        steps = self._plan.steps
        while self._at < len(steps) and not self.is_over and self._going is None:
            mark, name = parts(steps[self._at])
            if mark in (HOLD, RELEASE):
                self._hold(mark, name)
            elif mark == END and name in self._lanes:
                if self._lanes[name].coroutine is not None:
                    self._give_up(self._at, f"the end of {name}, does not come: it awaits once more.")
                return  # else until it has ended
            elif mark == WAIT:
                self._pauses = self._at == len(steps) - 1 and self._can_pause()
            elif not mark:
                lane = self._lanes.get(name)
                if lane is None:
                    return  # until it begins
                self._going = lane
                self._open(lane)
            self._at += 1

    def _end(self) -> None:
        """All steps are taken."""
        if self._plan.steps and not self._is_followed:
            self._is_followed = True
            then = "" if self._plan.frees else "; from here on the lane that has waited longest goes first"
            count = awaits_in(self._plan.steps)
            self._emitter.notice(f"The schedule was followed to its end, {count:,} awaits{then}.", "info")
            self.tell()

    def _next_step(self, name: str) -> int | None:
        """Where a lane of this name is to go on before it ends."""
        places = self._places.get(name, deque())
        while places and places[0] < self._at:
            places.popleft()
        return places[0] if places and not parts(self._plan.steps[places[0]])[0] else None

    def _hold(self, mark: str, name: str) -> None:
        """From here on these lanes' timers stand still when it is not their turn; or no more."""
        before = {each for each in self._lanes if each in self._held}
        self._held.apply(mark, name)
        self._accounts.order.mark(mark, name)
        for lane in list(self._lanes.values()):
            if (lane.name in self._held) is not (lane.name in before):
                self._on_loop(lane, self._keep if lane.name in self._held else self._let_wait)

    def _keep(self, lane: Lane) -> None:
        if lane is not self._going and lane.governor is self:
            if lane.state is HELD:
                lane.switch(HELD, clock())  # what it waited for its turn, its timers ran on
            lane.governor = None
            lane.close()

    def _let_wait(self, lane: Lane) -> None:
        if lane is not self._going and lane.governor is None and not self.is_over:
            if not lane.halted:
                lane.open()
            lane.governor, lane.closed = self, True

    def _open(self, lane: Lane) -> None:
        """It is this lane's turn."""

        def go() -> None:
            if not lane.halted:
                lane.open()
            if not self.is_over:
                lane.governor = self

        self._waiting.pop(lane, None)
        self._on_loop(lane, lambda _: go())

    def _on_loop(self, lane: Lane, job: Callable[[Lane], None]) -> None:
        if lane.loop is None:
            return
        if lane.loop.thread == threading.get_ident():
            job(lane)
            return
        try:
            lane.loop.loop.call_soon_threadsafe(job, lane)
        except RuntimeError:
            pass  # the loop is closed, and the lane gone

    def _look(self) -> None:
        """Does it go on? Where it does not, the steps are of another program, or of another course of it."""
        with self._lock:
            if self.is_over or (self._going is None and self._at >= len(self._plan.steps)):
                return
            self._missed = 0.0 if self._at != self._seen else self._missed + _LOOK
            self._seen = self._at
            self._judge()
            if not self.is_over and self._looker is not None:
                # In a context of its own: it is no timer of a lane's.
                self._looker.call_later(_LOOK, self._look, context=Context())

    def _judge(self) -> None:
        going, steps = self._going, self._plan.steps
        if going is not None:
            if self._missed > _LONG_PATIENCE:
                on = awaited(going)
                what = f"still awaits {on}" if on else "is not ready"
                self._give_up(self._at - 1, f"{going.name}, {what} after {_LONG_PATIENCE:g} seconds.")
        elif self._at < len(steps) and self._missed > _PATIENCE:
            mark, name = parts(steps[self._at])
            self._give_up(self._at, self._missing(mark, name))

    def _missing(self, mark: str, name: str) -> str:
        if mark:
            return f"the end of {name}, has not come."
        return f"{name}, {'has ended before it' if name in self._ended else 'has not begun'}."

    def _give_up(self, at: int, why: str) -> None:
        self._emitter.notice(
            f"The schedule does not fit this run: its step {at + 1:,}, {why} "
            "From here on lanes go as they like."
        )
        self._free()

    def _free(self) -> None:
        self.is_over = True
        self._accounts.is_conducted = self._accounts.order.is_unbounded = False
        self.tell()
        for lane in list(self._lanes.values()):
            self._on_loop(lane, _let_go)

    # The choice.

    def _later(self, loop: Loop, hops: int) -> None:
        loop.loop.call_soon(self._later if hops else self._choose, *((loop, hops - 1) if hops else (loop,)))

    def _choose(self, loop: Loop) -> None:
        with self._lock:
            self._has_asked = False
            if self._going is not None or self.is_over or self._pauses:
                return
            lane = self._next()
            if lane is not None:
                self._going = lane
                self._open(lane)

    def _next(self) -> Lane | None:
        if not self._waiting:
            return None
        if self._random is None:
            return next(iter(self._waiting))
        if self._can_pause() and self._random.random() < 0.25:
            self._pauses = True
            self._accounts.order.mark(WAIT)
            return None
        return self._random.choice(sorted(self._waiting, key=lambda lane: lane.name))

    def _can_pause(self) -> bool:
        """Is there a lane that sleeps, and will come by itself?"""
        return any(
            lane.timer is not None and lane.timer[1][:1] == (lane.future,) and not lane.future.done()
            for lane in list(self._accounts.live.values())
            if lane.future is not None and lane not in self._waiting
        )


def _places(steps: Sequence[str]) -> dict[str, deque[int]]:
    """Of each lane, the places of its steps and its end."""
    places: dict[str, deque[int]] = {}
    for at, (mark, name) in enumerate(map(parts, steps)):
        if not mark or mark == END:
            places.setdefault(name, deque()).append(at)
    return places


def _let_go(lane: Lane) -> None:
    if not lane.halted:
        lane.open()  # what it was held until now counts as it did
    lane.governor = None
