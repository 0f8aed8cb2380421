"""What stands still for the user: that is no time of the program's.

At a stop the whole program pauses. A lane stands still while it is held, or its thread is kept alone; one
from which others have begun only while all of these do, and it does nothing but wait for them. Of a lane this
is measured on the program's clock, which leaves the pauses out, so that nothing is left out twice.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from .intervals import Intervals

if TYPE_CHECKING:
    from .spans import Span

pauses = Intervals()
"""When the whole program has stood still."""

_SHORT_NS = 1_000_000  # shorter ones count, but are not told
_lock = threading.RLock()  # of lanes on several threads; collecting garbage may end one of them in between


class Still:
    """What may stand still: a lane, as far as it depends on those that were begun from it."""

    __slots__ = ("_above", "_still", "below", "is_stopped", "stillness")

    def __init__(self, above: Self | None) -> None:
        self.below = 0  # lanes begun from this one that live
        self.is_stopped = False  # its thread stands still, and the program does not
        self._above = above
        self._still = 0  # of the lanes below, those that stand still
        self.stillness: _Stillness | None = None

    def rests(self) -> bool:
        """Does it itself do nothing, but perhaps wait for the lanes begun from it?"""
        raise NotImplementedError

    def look(self, now: int) -> None:
        """It may have begun or ceased to rest: does it stand still from now on?"""
        with _lock:
            self._look(now)

    def enter(self, now: int) -> None:
        """It begins to live."""
        above = self._above
        if above is not None:
            with _lock:
                above.below += 1
                if above.stillness is not None:
                    above._look(now)

    def leave(self, now: int) -> None:
        """It lives no longer."""
        with _lock:
            self._part(now)
            if self.stillness is not None and self.stillness.since is not None:
                self.stillness.turn(now)

    def part(self, now: int) -> None:
        """The lane that it was begun from does not wait for it, or not any more."""
        with _lock:
            self._part(now)

    def _part(self, now: int) -> None:
        above, self._above = self._above, None
        if above is not None:
            above.below -= 1
            if self.stillness is not None and self.stillness.since is not None:
                above._still -= 1
            if above._still == above.below:
                above._look(now)

    def stood_still(self, begin: int, end: int) -> None:
        """It stood still from begin to end, which nothing else tells."""
        with _lock:
            still = self.stillness = self.stillness or _Stillness()
            if still.since is None:
                still.turn(begin)
                still.turn(end)

    def still_within(self, begin: int, end: int) -> int:
        """Nanoseconds between two times that it stood still, pauses of the whole program not counted."""
        still = self.stillness
        return 0 if still is None else still.past.within(pauses.worked(begin), pauses.worked(end))

    @property
    def is_told(self) -> bool:
        """Has `tell_still` nothing new to say?"""
        still = self.stillness
        return still is None or (still.since == still.told and not still.untold)

    def tell_still(self) -> list[list[int | None]]:
        """The intervals that it stood still, since this was asked last; None ends one that is open."""
        with _lock:
            still = self.stillness or _Stillness()
            told: list[list[int | None]] = [[begin, end] for begin, end in still.untold]
            still.untold.clear()
            still.told = still.since
            return told if still.since is None else [*told, [still.since, None]]

    def _look(self, now: int) -> None:
        lane: Still | None = self
        while lane is not None:
            stands = lane._still == lane.below and lane.rests()
            still = lane.stillness
            if stands == (still is not None and still.since is not None):
                return
            still = lane.stillness = still or _Stillness()
            still.turn(now)
            lane = lane._above
            if lane is not None:
                lane._still += 1 if stands else -1


class _Stillness:
    """When a lane stood still."""

    __slots__ = ("past", "since", "told", "untold")

    def __init__(self) -> None:
        self.since: int | None = None  # it does now
        self.past = Intervals()  # on the program's clock
        self.untold: list[tuple[int, int]] = []
        self.told: int | None = None  # of `since`, what was told last

    def turn(self, now: int) -> None:
        """It stands still from now on, or no longer."""
        if self.since is None:
            self.since = now
            self.past.begin(pauses.worked(now))
            return
        since, end, self.since = self.since, max(self.since, now), None
        self.past.end(pauses.worked(end))
        if end - since >= _SHORT_NS or since == self.told:
            self.untold.append((since, end))


def forked() -> None:
    """In a forked child: a thread of the parent may hold the lock."""
    global _lock
    _lock = threading.RLock()


def held(span: Span) -> int:
    """Nanoseconds of a span that has ended which are not the program's."""
    lane: Still | None = span.account
    alone = 0
    if lane is not None and lane.stillness is not None:
        alone = lane.still_within(span.begin_ns, span.end_ns)
    return alone + pauses.within(span.begin_ns, span.end_ns) if pauses else alone
