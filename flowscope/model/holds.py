"""When the debugger held the program: time that is never counted as the program's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from flowscope_engine.intervals import Intervals


class Holds(Intervals):
    """Intervals that a clock leaves out, and the way back from that clock."""

    __slots__ = ("_points",)

    def __init__(self) -> None:
        super().__init__()
        self._points: list[int] = []  # nanoseconds not held before each interval

    def begin(self, ts: int) -> int | None:
        at = super().begin(ts)
        if at is not None:
            self._points.append(at - self._before[-1])
        return at

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
