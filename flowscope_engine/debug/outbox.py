"""Events on their way out: the program's threads append, one sender takes them away in batches.

When the sender falls far behind, the program waits for it: no event is dropped on the way. Where the program
may be about to crash, it waits too, for a moment, so that what it did last is known.
"""

from __future__ import annotations

import _thread
import threading
from collections.abc import Callable
from typing import Any

from ..lanes import Lane
from ..spans import clock

Event = dict[str, Any]

_FULL = 20_000  # events waiting: the program waits too
_MOMENT = 0.1  # seconds that the program waits at most when it hurries
_COST_NS = 2_000_000  # one hurry in so much time …
_BURST_NS = 100_000_000  # … and so many more at once as go into this


class Outbox:
    """The events that nobody has sent yet."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self.on_wait: Callable[[int, int], None] = lambda begin, end: None  # what the program's thread waited
        self._make_locks()
        self._closed = False
        self._has_sender = False
        self._is_waiting = False  # the sender, for the first event
        self._is_deserted = False
        self._taken = 0  # events so far
        self._sent = 0  # of them
        self._awaited = 0  # the number of the event that somebody waits for
        self._paid_ns = 0  # when the last hurry is paid for

    def _make_locks(self) -> None:
        # Taken itself: an interrupt on the way into the Condition would leave it taken.
        self._lock = threading.RLock()
        self._ready = threading.Condition(self._lock)  # the sender waits for it
        self._gates: list[_thread.LockType] = []  # taken by threads of the program that wait

    def emit(self, event: Event) -> None:
        """Append an event; waits while too many wait to be sent. Takes no lock where nobody waits."""
        if self._is_deserted:
            return
        if len(self._events) >= _FULL and not self._closed:
            begin = clock()
            self._wait(lambda: len(self._events) < _FULL or self._closed)
            self.on_wait(begin, clock())
        self._events.append(event)
        if self._is_waiting:
            with self._lock:
                self._ready.notify_all()

    def emit_text(self, event: Event) -> None:
        """Append an output event, or its text to one of the same place: print() writes word by word."""
        with self._lock:
            last = self._events[-1] if self._events else {}
            if last.get("type") == "output" and all(
                last[key] == event[key] for key in ("lane", "span", "stream")
            ):
                last["text"] += event["text"]
                return
        self.emit(event)

    def emit_for(self, lanes: list[Lane], events: list[Event]) -> None:
        """Append an event for each of these lanes, unless its end has been told meanwhile."""
        with self._lock:
            if not self._is_deserted:
                self._events += [event for lane, event in zip(lanes, events, strict=True) if not lane.ended]
                self._ready.notify_all()

    def hurry(self) -> None:
        """Wait until all events are sent: a moment at most, and not at all where asked too often."""
        now = clock()
        if not self._has_sender or self._paid_ns > now + _BURST_NS:
            return
        self._paid_ns = max(self._paid_ns, now) + _COST_NS
        with self._lock:
            number = self._awaited = self._taken + len(self._events)
            self._ready.notify_all()
        if not self._wait(lambda: self._sent >= number or self._closed, _MOMENT):
            self._paid_ns = now + 10 * _BURST_NS  # a slow client must not slow the program
        self.on_wait(now, clock())

    def _wait(self, is_over: Callable[[], bool], seconds: float = -1) -> bool:
        """Wait in a thread of the program, which an interrupt may reach at any point, without a lock.

        `Condition.wait` would at some of them raise a RuntimeError instead.
        """
        gate = _thread.allocate_lock()
        gate.acquire()
        while True:
            with self._lock:
                if is_over():
                    return True
                self._gates.append(gate)
            if not gate.acquire(timeout=seconds):
                return False

    def _open_gates(self) -> None:
        while self._gates:
            self._gates.pop().release()

    def take(self) -> list[Event]:
        """All events waiting, oldest first."""
        with self._lock:
            count = len(self._events)  # the program's threads append meanwhile
            events = self._events[:count]
            del self._events[:count]
            self._taken += len(events)
            self._open_gates()
        return events

    def close(self) -> None:
        """Nobody takes events any more: the program no longer waits."""
        with self._lock:
            self._closed = True
            self._ready.notify_all()
            self._open_gates()

    # The sender's side.

    def serve(self) -> None:
        """There is a sender from now on, which calls `gather` and `sent`."""
        self._has_sender = True

    def desert(self) -> None:
        """In a forked child there is none: events go nowhere. A thread of the parent may hold the lock."""
        self._has_sender, self._is_deserted = False, True
        self._make_locks()

    def gather(self, seconds: float) -> None:
        """Wait until there are events, and then for more of them, unless the program waits.

        Without events when it was woken.
        """
        with self._lock:
            self._is_waiting = True  # before the look: who appends after it sees this
            if not self._events:
                self._ready.wait()
            self._is_waiting = False
            if self._events:
                self._ready.wait_for(lambda: self._awaited > self._sent, seconds)

    def wake(self) -> None:
        """Let `gather` return soon."""
        with self._lock:
            self._ready.notify_all()

    def sent(self) -> None:
        """All events taken so far are sent."""
        with self._lock:
            self._sent = self._taken
            self._open_gates()
