"""What a lane did over time: its states, painted into cells; and how many of many lanes did what."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

STATES = {
    "r": "running",
    "a": "awaiting",
    "y": "ready",
    "h": "held",
    "d": "done",
    "f": "failed",
    "c": "cancelled",
    "u": "unfinished",
}
"""The letter of each state in painted cells; a blank is a time at which the lane did not exist."""
LETTERS = {state: letter for letter, state in STATES.items()}

_ENDS = "dfcu"
_MOST = 256  # intervals kept of one lane
_BUCKETS = 256  # points of time kept of many lanes


class Strip:
    """The states of one lane, one after another, in bounded memory: short old intervals melt together."""

    __slots__ = ("_letters", "_times")

    def __init__(self) -> None:
        self._times = array("q")
        self._letters = bytearray()

    def add(self, ts: int, letter: str) -> list[tuple[int, str, str]]:
        """From `ts` on the lane is in this state. What was thought of the time after `ts` is forgotten.

        Returns the moves this made, those it took back reversed: when, from which state, to which one.
        """
        times, letters = self._times, self._letters
        last = chr(letters[-1]) if letters else " "
        moves = []
        while times and times[-1] >= ts:
            at, was = times.pop(), last
            letters.pop()
            last = chr(letters[-1]) if letters else " "
            moves.append((at, was, last))
        if last != letter:
            moves.append((ts, last, letter))
            times.append(ts)
            letters.append(ord(letter))
            if len(times) > _MOST:
                self._melt()
        return moves

    @property
    def last(self) -> str:
        """The state now; a blank before the first."""
        return chr(self._letters[-1]) if self._letters else " "

    @property
    def begin(self) -> int | None:
        """When the first state began."""
        return self._times[0] if self._times else None

    def cells(self, begin: int, end: int, width: int, now: int) -> str:
        """A letter for each of `width` equal parts of the time: what took most of it, if anything.

        What is after `now` is blank, unless the lane has ended: its end stays.
        """
        length = end - begin
        if length <= 0 or width <= 0:
            return ""
        times, letters = self._times, self._letters
        at, count = bisect_right(times, begin) - 1, len(times)
        painted, cell = "", 0
        while cell < width:
            left = begin + length * cell // width
            while at + 1 < count and times[at + 1] <= left:
                at += 1
            letter = chr(letters[at]) if at >= 0 else " "
            if at + 1 >= count:
                painted += letter * (width - cell)
                break
            # The cells up to the one in which the next state begins are of this state alone.
            alone = (times[at + 1] - begin) * width // length - cell
            if alone <= 0:
                right = max(begin + length * (cell + 1) // width, left + 1)
                letter, alone = self._most(at, left, right), 1
            alone = min(alone, width - cell)
            painted += letter * alone
            cell += alone
        if self.last in _ENDS:
            return painted
        return painted[: max(0, -((begin - now) * width // length))].ljust(width)

    def cells_at(self, begins: Sequence[int], ends: Sequence[int], now: int) -> str:
        """The same for parts of the time that are not alike: each from its begin to its end, in order."""
        times, letters = self._times, self._letters
        width = len(begins)
        at, count = (bisect_right(times, begins[0]) - 1 if begins else 0), len(times)
        painted, cell = "", 0
        while cell < width:
            while at + 1 < count and times[at + 1] <= begins[cell]:
                at += 1
            letter = chr(letters[at]) if at >= 0 else " "
            if at + 1 >= count:
                painted += letter * (width - cell)
                break
            alone = bisect_right(ends, times[at + 1]) - cell
            if alone <= 0:
                letter, alone = self._most(at, begins[cell], max(ends[cell], begins[cell] + 1)), 1
            alone = min(alone, width - cell)
            painted += letter * alone
            cell += alone
        return painted if self.last in _ENDS else painted[: bisect_left(begins, now)].ljust(width)

    def intervals(self) -> list[tuple[int, str]]:
        """When each state began, and its letter."""
        return [(ts, chr(letter)) for ts, letter in zip(self._times, self._letters, strict=True)]

    def _most(self, at: int, left: int, right: int) -> str:
        shares: dict[str, int] = {}
        while left < right:
            until = min(self._times[at + 1], right) if at + 1 < len(self._times) else right
            if at >= 0:
                letter = chr(self._letters[at])
                shares[letter] = shares.get(letter, 0) + until - left
            left, at = until, at + 1
        return max(shares, key=shares.__getitem__, default=" ")

    def _melt(self) -> None:
        """Halve the intervals: of each stretch of time, the state that took most of it stays."""
        begin, end, last = self._times[0], self._times[-1], self._letters[-1]
        parts = _MOST // 2
        painted = self.cells(begin, end, parts, end)
        times, letters = array("q"), bytearray()
        for part, letter in enumerate(painted):
            if not letters or letters[-1] != ord(letter):
                times.append(begin + (end - begin) * part // parts)
                letters.append(ord(letter))
        if letters[-1] != last:
            times.append(end)
            letters.append(last)
        self._times, self._letters = times, letters


class Density:
    """How many lanes were in which state, over time: constant work for each move, whatever their number."""

    def __init__(self) -> None:
        self._origin: int | None = None
        self._grain = 1_000_000  # ns of a bucket; doubles when time runs out of them
        self._moves = {state: [0] * _BUCKETS for state in STATES}  # more or fewer lanes, by bucket

    def move(self, ts: int, old: str, new: str) -> None:
        """A lane went from one state to another; a blank is none."""
        if self._origin is None:
            self._origin = ts
        at = (ts - self._origin) // self._grain
        if not 0 <= at < _BUCKETS:
            at = self._widen(ts)
        if old != " ":
            self._moves[old][at] -= 1
        if new != " ":
            self._moves[new][at] += 1

    def _widen(self, ts: int) -> int:
        """Make room for this time; returns its bucket."""
        since = max(0, ts - (self._origin or 0))
        while since // self._grain >= _BUCKETS:
            self._grain *= 2
            for state, moves in self._moves.items():
                halved = [a + b for a, b in zip(moves[::2], moves[1::2], strict=True)]
                self._moves[state] = halved + [0] * (_BUCKETS // 2)
        return since // self._grain

    def counts(self, begin: int, end: int, width: int) -> list[dict[str, int]]:
        """For each of `width` equal parts of the time, how many lanes are in each state at its end."""
        if end <= begin:
            return [{} for _ in range(max(width, 0))]
        return self.counts_at([begin + (end - begin) * (cell + 1) // width for cell in range(width)])

    def counts_at(self, ends: Sequence[int]) -> list[dict[str, int]]:
        """How many lanes are in each state just before each of these times."""
        cells: list[dict[str, int]] = [{} for _ in ends]
        if self._origin is None:
            return cells
        buckets = [min((end - 1 - self._origin) // self._grain + 1, _BUCKETS) for end in ends]
        for state, moves in self._moves.items():
            if not any(moves):
                continue
            sums = list(accumulate(moves, initial=0))
            for cell, bucket in zip(cells, buckets, strict=True):
                if bucket > 0 and (count := sums[bucket]) > 0:
                    cell[state] = count
        return cells
