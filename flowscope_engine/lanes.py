"""Lanes: one line of sequential execution each, driven send by send: its states are exact to the await.

`drive(lane, coroutine)` is awaited in the place of the coroutine. It changes nothing of what the program
does: it notes when the lane runs and why it does not, and keeps it where it is while the debugger holds it.
A held lane is never started anew; what was to be sent into it waits.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine, Generator, Sequence
from threading import get_ident
from types import CoroutineType
from typing import Any, Protocol

from .hiding import HIDDEN_FILE, forget_frames, hidden_coroutine
from .loops import Loop
from .spans import Span, clock, current
from .standstill import Still

RUNNING, AWAITING, READY, HELD = "r", "a", "y", "h"
"""Its code executes · suspended on what is not done · could run, were the loop free · by the debugger."""

_ORDER = (RUNNING, AWAITING, READY, HELD)

GRAIN_NS = 1_000_000
"""Shorter intervals are in the sums, but not always in the marks."""

BLOCKED_NS = 50_000_000
"""A lane that runs longer without yielding has blocked its loop."""


class Governor(Protocol):
    """Decides which lane of a loop goes next."""

    def arrived(self, lane: Lane) -> None:
        """The lane could go on, and waits to be opened."""

    def suspended(self, lane: Lane) -> None:
        """The lane has run up to its next await."""

    def keeps(self, lane: Lane) -> bool:
        """Is it not this lane's turn?"""


class WayOut(Protocol):
    """Leads a lane out of a call, from the await that it is woken at for it."""

    def instead_of(self, thrown: BaseException | None) -> BaseException | None:
        """What is thrown into it."""


class Lane(Still):
    """The account of one lane. Its states are written on the thread that runs it."""

    __slots__ = (
        "awaiting",
        "cancelling",
        "closed",
        "coroutine",
        "ended",
        "future",
        "gate",
        "governor",
        "halted",
        "held",
        "id",
        "kept",
        "loop",
        "marked",
        "marks",
        "name",
        "out",
        "place",
        "postponed",
        "ready",
        "running",
        "since",
        "span",
        "state",
        "task",
        "thread",
        "timer",
        "waited",
        "watch",
    )

    def __init__(self, span: Span, loop: Loop | None) -> None:
        parent = span.parent
        super().__init__(None if parent is None or parent.status else parent.account)
        self.id = span.lane
        self.span = span  # that began the lane
        self.task = span.owner  # the asyncio task, or the identity of the thread
        self.thread = get_ident()
        self.loop = loop  # None for a thread without one
        self.running = self.awaiting = self.ready = self.held = 0  # ns in each state, up to `since`
        self.kept = 0  # of held: those that this lane alone was held, while time went on
        self.waited = 0  # of held: those that its code waited until the debugger had sent what happened
        self.state = RUNNING
        self.since = self.marked = span.begin_ns
        self.marks: list[tuple[int, str]] | None = None  # since when in which state; not yet told
        self.future: Any = None  # what it is suspended on; None after a bare yield
        self.timer: tuple[Any, tuple[Any, ...]] | None = None  # the last it has set, and with what
        self.postponed: Sequence[Any] = ()  # timers that came due while it was held
        self.coroutine: Coroutine[Any, Any, Any] | None = None
        self.closed = False  # nothing may be sent into it
        self.cancelling = False  # by the user, as soon as it goes on
        self.out: WayOut | None = None
        self.gate: asyncio.Future[None] | None = None  # what it waits for while it is closed
        self.governor: Governor | None = None
        self.halted = False  # at a stop: it goes on when the user says so
        self.place: tuple[int, str, int] | None = None  # file and line seen during the slice begun at
        self.watch: Any = None  # of the phase that it is in, where that may write (debug.looks.Watch)
        self.name = ""  # the same in every run of the program
        self.ended = False

    def switch(self, state: str, now: int) -> None:
        """From now on the lane is in this state."""
        spent = now - self.since
        if self.stillness is not None and self.state is not HELD:
            self.held += (lost := self.still_within(self.since, now))
            spent -= lost
        if self.state is AWAITING:
            self.awaiting += spent
        elif self.state is READY:
            self.ready += spent
        elif self.state is RUNNING:
            self.running += spent
        else:
            self.held += spent
            self.kept += spent if self.governor is None else 0
        if now - self.marked >= GRAIN_NS:
            self.mark(now)
        before, self.state, self.since = self.state, state, now
        if self.below or state is HELD or before is HELD:
            self.look(now)

    def rests(self) -> bool:
        if self.state is HELD or self.is_stopped:
            return True
        if not self.below:
            return False
        if self.loop is None:
            return bool(self.task == get_ident())  # a loop runs within its code, on its thread
        return self.state is AWAITING and not self.sleeps()

    def sleeps(self) -> bool:
        """Does it await a timer, and will go on by itself?"""
        return self.timer is not None and self.timer[1][:1] == (self.future,)

    def stood(self, begin: int, end: int) -> None:
        """The whole program stood still from begin to end: no time of this lane's."""
        state, begin = self.state, max(begin, self.since)
        if begin < end:
            self.switch(state, begin)
            if end - begin >= GRAIN_NS:
                self.marks = [*(self.marks or ()), (begin, HELD), (end, state)]
            self.held += end - begin
            self.since = self.marked = end

    def mark(self, now: int) -> None:
        """Note the state that ends now, or that it ran where that and others took turns too short to see."""
        state, since = self.state, self.since
        if state is READY and self.loop is not None:
            for blockage in self.loop.blockages:
                if since < blockage.end and now > blockage.begin:
                    blockage.waiting.append(self.id)
        if 2 * (now - since) < now - self.marked:
            state, since = RUNNING, self.marked
        self.marked = now
        if self.marks is None:
            self.marks = []
        if not self.marks or self.marks[-1][1] is not state:
            self.marks.append((since, state))

    def __call__(self, future: Any) -> None:
        """As a callback of the future it awaits: that is done, so the lane could run."""
        if future is self.future and self.state is AWAITING:
            due = 0 if self.loop is None else self.loop.due
            self.switch(READY, max(due, self.since) if due else clock())

    def sums(self, now: int) -> list[int]:
        """Nanoseconds in each state, up to now: running, awaiting, ready, held."""
        sums = [self.running, self.awaiting, self.ready, self.held]
        if (spent := now - self.since) > 0:
            state = _ORDER.index(self.state)
            if self.stillness is not None and self.state is not HELD:
                lost = min(spent, self.still_within(self.since, now))
                spent, sums[-1] = spent - lost, sums[-1] + lost
            sums[state] += spent
        return sums

    def tell_marks(self) -> list[tuple[int, str]]:
        """Since when it was in which state, as far as that is not yet told."""
        if self.marks is None:
            return []
        told = self.marks[:]  # the lane's thread may append meanwhile
        del self.marks[: max(0, len(told) - 1)]  # the last one says what goes on
        return told

    def end(self) -> None:
        """It has ended: nothing of the program's is kept alive."""
        self.ended = True
        self.task = self.coroutine = self.future = self.timer = self.gate = self.watch = self.out = None

    # On the thread of its loop: the debugger's hand.

    def is_kept(self) -> bool:
        """Is it held by the user? One that waits for its turn is not: its timers run on."""
        return self.state is HELD and self.governor is None

    def is_halting(self) -> bool:
        """Does it stand in the midst of its code? Then what it has come to is no await of its own."""
        return self.gate is not None and self.future is self.gate

    def close(self) -> None:
        """Hold the lane at its next await, or where it is suspended."""
        self.closed = True
        if self.state is AWAITING or self.state is READY:
            self.switch(HELD, clock())

    def open(self) -> None:
        """Let it go on: what was to be sent into it is sent."""
        self.closed = False
        if self.state is not HELD:
            return
        gate, self.gate = self.gate, None
        is_due = gate is not None or self.future is None or self.future.done()
        self.switch(READY if is_due else AWAITING, clock())
        if gate is not None and not gate.done():
            gate.set_result(None)
        postponed, self.postponed = self.postponed, ()
        for timer in postponed:
            timer.postpone()


class Blockage:
    """A lane kept its loop from `begin` to `end`; these others were ready meanwhile."""

    def __init__(self, lane: Lane, begin: int, end: int, place: tuple[str, int] | None) -> None:
        self.lane = lane
        self.span = current.get() or lane.span  # that it was in at the end
        self.begin = begin
        self.end = end
        self.place = place
        self.waiting: list[int] = []
        self.unbegun = 0 if lane.loop is None else _unbegun(lane.loop.loop)  # lanes that were to begin


def _unbegun(loop: asyncio.AbstractEventLoop) -> int:
    """How many tasks of this loop have nothing to do but a lane, and have not had their turn yet."""
    # A task factory's own tasks need not have get_coro.
    made = (task.get_coro() for task in asyncio.all_tasks(loop) if hasattr(task, "get_coro"))
    lanes = [each for each in made if type(each) is CoroutineType and each.cr_code.co_filename == HIDDEN_FILE]
    return sum(inspect.getcoroutinestate(each) == inspect.CORO_CREATED for each in lanes)


def driven(lane: Lane, made: Any) -> Any:
    """What a method has made, to be awaited: a coroutine is driven."""
    return drive(lane, made) if lane.loop is not None and type(made) is CoroutineType else made


@hidden_coroutine
def drive(lane: Lane, coroutine: Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
    """What `await coroutine` does, with an account."""
    loop = lane.loop
    assert loop is not None
    lane.coroutine = coroutine
    value, thrown, log = None, None, loop.log
    try:
        if lane.closed:
            try:
                thrown = yield from stand(lane, None)
            except GeneratorExit:
                coroutine.close()
                raise
            lane.switch(RUNNING, clock())
        while True:
            loop.active = lane
            if log is not None:
                log.append(lane.name)
            if thrown is None:
                future = coroutine.send(value)
            else:
                error, thrown = thrown, None
                try:
                    future = coroutine.throw(error)
                finally:
                    del error
            if lane.watch is not None:
                lane.watch.suspended()
            now = clock()
            loop.active = None
            if now - lane.since >= GRAIN_NS:
                _ran_long(lane, now)
            lane.running += now - lane.since
            lane.since = now
            lane.future = future
            if future is None:
                lane.state = READY
            else:
                lane.state = AWAITING
                try:
                    future.add_done_callback(lane)
                except AttributeError:
                    pass  # no future: the task will say so
            if lane.governor is not None:
                lane.governor.suspended(lane)
            if lane.closed and (lane.governor is None or lane.is_halting()):
                lane.state = HELD
            if lane.below or lane.state is HELD:
                lane.look(now)
            try:
                value = yield future
                if lane.closed:
                    thrown = yield from stand(lane, None)
            except GeneratorExit:
                coroutine.close()
                raise
            except BaseException as error:
                thrown, lane.cancelling = forget_frames(error), False
            if lane.out is not None:
                thrown, lane.out = lane.out.instead_of(thrown), None
            if thrown is not None and lane.closed:
                thrown = yield from stand(lane, thrown)
            now = clock()
            if lane.stillness is not None or now - lane.marked >= GRAIN_NS:
                lane.switch(RUNNING, now)
            else:
                if lane.state is READY:
                    lane.ready += now - lane.since
                else:
                    lane.awaiting += now - lane.since
                lane.state, lane.since = RUNNING, now
            if lane.watch is not None:
                lane.watch.resumed()
    except StopIteration as done:
        return done.value
    except BaseException as error:
        forget_frames(error)
        raise
    finally:
        loop.active = lane.coroutine = None
        now = clock()
        if now - lane.since >= GRAIN_NS:
            _ran_long(lane, now)


def stand(
    lane: Lane, thrown: BaseException | None, in_code: bool = False
) -> Generator[Any, Any, BaseException | None]:
    """Wait until the lane is open; returns what is to be thrown into it then.

    One that stands in the midst of its code waits for the user alone, not for its turn.
    """
    loop = lane.loop
    assert loop is not None
    while lane.closed:
        if lane.state is not HELD:
            lane.switch(HELD, clock())
        gate = lane.gate = loop.loop.create_future()
        if lane.governor is not None and not in_code:
            lane.governor.arrived(lane)
        try:
            yield from gate
        except GeneratorExit:
            raise
        except BaseException as error:  # a cancellation, which waits like anything else
            thrown = forget_frames(error)
    return thrown


@hidden_coroutine
def halt(lane: Lane) -> Generator[Any, Any, None]:
    """Hold the lane here, within its own code, until it is opened."""
    lane.closed = lane.halted = True
    try:
        thrown = yield from stand(lane, None, in_code=True)
    finally:
        lane.halted = False
    lane.closed = lane.governor is not None and lane.governor.keeps(lane)
    lane.switch(RUNNING, clock())
    if thrown is not None:
        raise thrown


def _ran_long(lane: Lane, now: int) -> None:
    """A slice that is long enough to be seen has ended."""
    since = lane.since
    if lane.loop is not None and now - since >= BLOCKED_NS:
        place = lane.place[1:] if lane.place is not None and lane.place[0] == since else None
        lane.loop.blockages.append(Blockage(lane, since, now, place))
    lane.mark(now)
