"""When the debugger held the program: time that is never counted as the program's."""

from __future__ import annotations

from bisect import bisect_right


class Holds:
    """Intervals in nanoseconds, in the order they happened, none overlapping."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._ends: list[int] = []

    def begin(self, ts: int) -> None:
        """The program is held from `ts` on; nothing happens when it already is."""
        if len(self._begins) == len(self._ends):
            self._begins.append(max(ts, self._ends[-1] if self._ends else ts))

    def end(self, ts: int) -> None:
        """The program goes on at `ts`; nothing happens when it was not held."""
        if len(self._ends) < len(self._begins):
            self._ends.append(max(ts, self._begins[-1]))

    def within(self, begin: int, end: int) -> int:
        """Nanoseconds held between the two times."""
        held = 0
        # Most spans see no stop: only the intervals from the last one before `begin` on are looked at.
        for at in range(max(bisect_right(self._begins, begin) - 1, 0), len(self._begins)):
            if self._begins[at] >= end:
                break
            stop = self._ends[at] if at < len(self._ends) else end
            held += max(0, min(stop, end) - max(self._begins[at], begin))
        return held
