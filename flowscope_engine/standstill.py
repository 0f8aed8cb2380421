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
_lock = threading.Lock()  # lanes that began from one another may be on several threads


class Still:
    """What may stand still: a lane, as far as it depends on those that were begun from it."""

    __slots__ = ("_above", "_since", "_still", "_stood", "_told", "_untold", "below", "is_stopped")

    def __init__(self, above: Self | None) -> None:
        self.is_stopped = False  # its thread stands still, and the program does not
        self._above = above
        self.below = 0  # lanes begun from this one that live
        self._still = 0  # of them, those that stand still
        self._since: int | None = None  # it stands still
        self._stood: Intervals | None = None  # it stood still, on the program's clock
        self._untold: list[tuple[int, int]] = []
        self._told: int | None = None  # since when it stands still, as told

    def rests(self) -> bool:
        """Does it itself do nothing, but perhaps wait for the lanes begun from it?"""
        raise NotImplementedError

    @property
    def is_told(self) -> bool:
        """Has `tell_still` nothing new to say?"""
        return self._since == self._told and not self._untold

    def look(self, now: int) -> None:
        """It may have begun or ceased to rest: does it stand still from now on?"""
        with _lock:
            self._look(now)

    def enter(self, now: int) -> None:
        """It begins to live."""
        with _lock:
            if self._above is not None:
                self._above.below += 1
                self._above._look(now)

    def leave(self, now: int) -> None:
        """It lives no longer."""
        with _lock:
            above, self._above = self._above, None
            if self._since is not None:
                self._turn(now)
                if above is not None:
                    above._still -= 1
            if above is not None:
                above.below -= 1
                above._look(now)

    def stood_still(self, begin: int, end: int) -> None:
        """It stood still from begin to end, which nothing else tells."""
        with _lock:
            if self._since is None:
                self._turn(begin)
                self._turn(end)

    def still_within(self, begin: int, end: int) -> int:
        """Nanoseconds between two times that it stood still, pauses of the whole program not counted."""
        stood = self._stood
        return 0 if stood is None else stood.within(pauses.worked(begin), pauses.worked(end))

    def tell_still(self) -> list[list[int | None]]:
        """The intervals that it stood still, since this was asked last; None ends one that is open."""
        with _lock:
            told: list[list[int | None]] = [[begin, end] for begin, end in self._untold]
            self._untold.clear()
            self._told = self._since
            return told if self._since is None else [*told, [self._since, None]]

    def _look(self, now: int) -> None:
        lane: Still | None = self
        while lane is not None:
            stands = lane._still == lane.below and lane.rests()
            if stands == (lane._since is not None):
                return
            lane._turn(now)
            lane = lane._above
            if lane is not None:
                lane._still += 1 if stands else -1

    def _turn(self, now: int) -> None:
        """It stands still from now on, or no longer."""
        if self._stood is None:
            self._stood = Intervals()
        if self._since is None:
            self._since = now
            self._stood.begin(pauses.worked(now))
            return
        since, end, self._since = self._since, max(self._since, now), None
        self._stood.end(pauses.worked(end))
        if end - since >= _SHORT_NS or since == self._told:
            self._untold.append((since, end))


def held(span: Span) -> int:
    """Nanoseconds of a span that has ended which are not the program's."""
    lane: Still | None = span.account
    alone = 0 if lane is None else lane.still_within(span.begin_ns, span.end_ns)
    return alone + pauses.within(span.begin_ns, span.end_ns) if pauses else alone
