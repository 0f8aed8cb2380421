"""Intervals of time, one after another, and how much of them lies between two times."""

from __future__ import annotations

from bisect import bisect_right


class Intervals:
    """In nanoseconds, in the order they happened, none overlapping; the last one may be open.

    One thread at a time writes; others may read meanwhile.
    """

    __slots__ = ("_before", "_begins", "_ends")

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []  # nanoseconds within, before each interval

    def __bool__(self) -> bool:
        return bool(self._begins)

    def begin(self, ts: int) -> int | None:
        """One begins at `ts`, or where the last one ended; returns when. None where one is open already."""
        if len(self._begins) != len(self._ends):
            return None
        at = max(ts, self._ends[-1]) if self._ends else ts
        self._before.append(self.until(at))
        self._begins.append(at)
        return at

    def end(self, ts: int) -> int | None:
        """The open one ends at `ts`, not before its begin; returns when. None where none is open."""
        if len(self._begins) == len(self._ends):
            return None
        at = max(ts, self._begins[-1])
        self._ends.append(at)
        return at

    def until(self, ts: int) -> int:
        """Nanoseconds within, before this time."""
        at = bisect_right(self._begins, ts) - 1
        if at < 0:
            return 0
        end = self._ends[at] if at < len(self._ends) else ts
        return self._before[at] + min(ts, end) - self._begins[at]

    def within(self, begin: int, end: int) -> int:
        """Nanoseconds within, between the two times."""
        return max(0, self.until(end) - self.until(begin))

    def worked(self, ts: int) -> int:
        """The time without what is within before it: a clock that stands still meanwhile."""
        return ts - self.until(ts)
