"""Which part of the program's time a pane shows: zoomed, panned, all of it, or what is now.

Times are nanoseconds of the program's own clock, which stands still while the debugger holds all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10

from flowscope.model.text import duration_text

_STEP = 10**0.1  # between two scales: a ninth of the width is left free at most
_CLOSEST = 1_000.0  # ns a cell
_ROOM = 4  # cells that stay free at the right of what is now
_FOLLOWED = 0.2  # seconds a screen is worth at least, when what is now is followed
_UNITS = (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000))


class TimeAxis:
    """`width` cells of `scale` nanoseconds each from `begin` on.

    Scales are of a fixed series and the begin is a whole number of cells: cells that lie in the past stay
    what they are while time goes on.
    """

    def __init__(self) -> None:
        self.begin = 0
        self.scale = _CLOSEST
        self.width = 1
        self.mode = "fit"
        """fit: all of it · follow: what is now, at a scale of the user's · still: what the user looks at."""
        self._end = 0

    def show(self, end: int, width: int) -> None:
        """There is time up to `end` now, and so many cells."""
        self._end, self.width = end, max(width, 1)
        if self.mode == "fit":
            self.begin, self.scale = 0, _scale(end / max(self.width - _ROOM, 1))
        elif self.mode == "follow" and not self.begin <= end <= self.end - self._cells(_ROOM):
            self._move_to(end - self._cells(self.width * 3 // 4))  # a quarter is free: it moves by screens

    @property
    def end(self) -> int:
        """The time at the right edge."""
        return self.begin + self._cells(self.width)

    def bounds(self) -> list[int]:
        """The times between the cells, from the left edge to the right one."""
        return [self.begin + self._cells(cell) for cell in range(self.width + 1)]

    def cell(self, time: int) -> int:
        """The cell of a time, which may lie beside the axis."""
        return floor((time - self.begin) / self.scale)

    # Moving

    def fit(self) -> None:
        """All of it, also of what is to come."""
        self.mode = "fit"
        self.show(self._end, self.width)

    def follow(self) -> None:
        """What is now stays in view."""
        if self.mode == "fit":
            self.scale = _scale(min(self.scale, _FOLLOWED * 1e9 / self.width * 4))
        self.mode = "follow"
        self.show(self._end, self.width)

    def zoom(self, by: int, around: tuple[int, int] | None = None) -> None:
        """Twice as close, or as far: around this time, if it is in view; else what is now, or the middle."""
        at = min(self._end, self.end) if self.mode != "still" else (self.begin + self.end) // 2
        if around is not None and around[0] < self.end and around[1] > self.begin and self.mode != "follow":
            at = (max(around[0], self.begin) + min(around[1], self.end)) // 2
        cell = (at - self.begin) / self.scale
        factor = _STEP ** (3 * by)  # 2
        farthest = _scale(max(self._end, 1) / max(self.width - _ROOM, 1))
        self.scale = min(max(_scale(self.scale / factor), _CLOSEST), max(farthest, _CLOSEST))
        if self.scale >= farthest:
            self.fit()
            return
        self.mode = "follow" if self.mode == "follow" else "still"
        self._move_to(at - self._cells(cell))

    def pan(self, by: int) -> None:
        """By so many eighths of the width."""
        self.mode = "still"
        self._move_to(self.begin + self._cells(by * max(self.width // 8, 1)))

    def reveal(self, begin: int, end: int) -> None:
        """Show this time, if it is not in view."""
        if end < self.begin or begin > self.end:
            self.mode = "still"
            self._move_to((begin + end) // 2 - self._cells(self.width // 2))

    def _move_to(self, begin: int) -> None:
        last = max(self._end - self._cells(self.width // 2), 0)
        begin = max(0, min(begin, last) if self.mode == "still" else begin)
        self.begin = self._cells(round(begin / self.scale))

    def _cells(self, cells: float) -> int:
        return round(cells * self.scale)

    # The ruler

    def ruler(self) -> str:
        """Times above the cells: `0   50 ms   100 ms`."""
        line = [" "] * self.width
        free = 0
        for at, text in self._marks():
            if at >= free and at + len(text) <= self.width:
                line[at : at + len(text)] = text
                free = at + len(text) + 2
        return "".join(line)

    def _marks(self) -> Iterator[tuple[int, str]]:
        step = _round(self.scale * 12)
        for number in range(ceil(self.begin / step), floor(self.end / step) + 1):
            time = number * step
            yield self.cell(time + 1), f"╵{_time_text(time)}"


def _scale(wanted: float) -> float:
    """The next scale of the series."""
    return float(_STEP ** ceil(round(log10(max(wanted, _CLOSEST)) * 10, 6)))


def _round(ns: float) -> int:
    """The next of 1, 2, 5, 10, 20 …"""
    power = 10 ** floor(log10(max(ns, 1)))
    return int(next(power * step for step in (1, 2, 5, 10) if power * step >= ns))


def _time_text(ns: int) -> str:
    """A round time, with no more digits than it has."""
    if ns == 0:
        return "0"
    unit, size = next(((unit, size) for unit, size in _UNITS if ns >= size), _UNITS[-1])
    return duration_text(ns) if unit == "s" and ns >= 120 * size else f"{ns / size:.6g} {unit}"
