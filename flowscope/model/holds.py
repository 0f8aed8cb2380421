"""When the debugger held the program, or a lane of it: time that is never counted as the program's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right


class Holds:
    """Intervals in nanoseconds, in the order they happened, none overlapping.

    The engine's `intervals` are the same idea: the model imports nothing of the engine.
    """

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []  # nanoseconds held before each interval
        self._points: list[int] = []  # nanoseconds not held before it

    def begin(self, ts: int) -> int | None:
        """The program is held from `ts` on, or from its last end; returns when. None where it is already."""
        if len(self._begins) != len(self._ends):
            return None
        at = max(ts, self._ends[-1]) if self._ends else ts
        self._before.append(self.until(at))
        self._points.append(at - self._before[-1])
        self._begins.append(at)
        return at

    def end(self, ts: int) -> int | None:
        """The program goes on at `ts`; returns when. None where it was not held."""
        if len(self._ends) == len(self._begins):
            return None
        at = max(ts, self._begins[-1])
        self._ends.append(at)
        return at

    def worked(self, ts: int) -> int:
        """The time without what was held before it: a clock that stands still meanwhile."""
        return ts - self.until(ts)

    def until(self, ts: int) -> int:
        """Nanoseconds held before this time."""
        at = bisect_right(self._begins, ts) - 1
        if at < 0:
            return 0
        end = self._ends[at] if at < len(self._ends) else ts
        return self._before[at] + min(ts, end) - self._begins[at]

    def when(self, worked: int, after: bool) -> int:
        """The time at which so many nanoseconds were not held; before or `after` a hold that begins there."""
        find = bisect_right if after else bisect_left
        at = find(self._points, worked) - 1
        if at < 0:
            return worked
        begin = self._begins[at]
        end = self._ends[at] if at < len(self._ends) else begin
        return worked + self._before[at] + end - begin

    def around(self, begin: int, end: int) -> tuple[int, int] | None:
        """From the first to the last time held between the two, if there is one."""
        first, last = bisect_left(self._begins, begin), bisect_left(self._begins, end) - 1
        if first > last:
            return None
        return self._begins[first], self._ends[last] if last < len(self._ends) else end

    def within(self, begin: int, end: int) -> int:
        """Nanoseconds held between the two times."""
        return max(0, self.until(end) - self.until(begin))
