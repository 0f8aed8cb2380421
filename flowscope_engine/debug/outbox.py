"""Events on their way out: the program's threads append, one sender takes them away in batches.

When the sender falls far behind, the program waits for it: no event is dropped on the way. Where the program
may be about to crash, it waits too, for a moment, so that what it did last is known.
"""

from __future__ import annotations

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
        self._ready = threading.Condition()
        self._closed = False
        self._has_sender = False
        self._is_waiting = False  # the sender, for the first event
        self._is_deserted = False
        self._taken = 0  # events so far
        self._sent = 0  # of them
        self._awaited = 0  # the number of the event that somebody waits for
        self._paid_ns = 0  # when the last hurry is paid for

    def emit(self, event: Event) -> None:
        """Append an event; waits while too many wait to be sent. Takes no lock where nobody waits."""
        if self._is_deserted:
            return
        if len(self._events) >= _FULL and not self._closed:
            begin = clock()
            with self._ready:
                self._ready.wait_for(lambda: len(self._events) < _FULL or self._closed)
            self.on_wait(begin, clock())
        self._events.append(event)
        if self._is_waiting:
            with self._ready:
                self._ready.notify_all()

    def emit_text(self, event: Event) -> None:
        """Append an output event, or its text to one of the same place: print() writes word by word."""
        with self._ready:
            last = self._events[-1] if self._events else {}
            if last.get("type") == "output" and all(
                last[key] == event[key] for key in ("lane", "span", "stream")
            ):
                last["text"] += event["text"]
            else:
                self.emit(event)

    def emit_for(self, lanes: list[Lane], events: list[Event]) -> None:
        """Append an event for each of these lanes, unless its end has been told meanwhile."""
        with self._ready:
            if not self._is_deserted:
                self._events += [event for lane, event in zip(lanes, events, strict=True) if not lane.ended]
                self._ready.notify_all()

    def hurry(self) -> None:
        """Wait until all events are sent: a moment at most, and not at all where asked too often."""
        now = clock()
        if not self._has_sender or self._paid_ns > now + _BURST_NS:
            return
        self._paid_ns = max(self._paid_ns, now) + _COST_NS
        with self._ready:
            number = self._awaited = self._taken + len(self._events)
            self._ready.notify_all()
            if not self._ready.wait_for(lambda: self._sent >= number or self._closed, _MOMENT):
                self._paid_ns = now + 10 * _BURST_NS  # a slow client must not slow the program
        self.on_wait(now, clock())

    def take(self) -> list[Event]:
        """All events waiting, oldest first."""
        with self._ready:
            count = len(self._events)  # the program's threads append meanwhile
            events = self._events[:count]
            del self._events[:count]
            self._taken += len(events)
            self._ready.notify_all()
        return events

    def close(self) -> None:
        """Nobody takes events any more: the program no longer waits."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    # The sender's side.

    def serve(self) -> None:
        """There is a sender from now on, which calls `gather` and `sent`."""
        self._has_sender = True

    def desert(self) -> None:
        """In a forked child there is none: events go nowhere. A thread of the parent may hold the lock."""
        self._has_sender, self._is_deserted = False, True
        self._ready = threading.Condition()

    def gather(self, seconds: float) -> None:
        """Wait until there are events, and then for more of them, unless the program waits.

        Without events when it was woken.
        """
        with self._ready:
            self._is_waiting = True  # before the look: who appends after it sees this
            if not self._events:
                self._ready.wait()
            self._is_waiting = False
            if self._events:
                self._ready.wait_for(lambda: self._awaited > self._sent, seconds)

    def wake(self) -> None:
        """Let `gather` return soon."""
        with self._ready:
            self._ready.notify_all()

    def sent(self) -> None:
        """All events taken so far are sent."""
        with self._ready:
            self._sent = self._taken
            self._ready.notify_all()
