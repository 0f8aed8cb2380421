"""What a lane did over time: its states, painted into cells; and how many of many lanes did what."""

from __future__ import annotations

from array import array
from bisect import bisect_right

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
        moves = []
        while self._times and self._times[-1] >= ts:
            at, was = self._times.pop(), chr(self._letters.pop())
            moves.append((at, was, self.last))
        if self.last != letter:
            moves.append((ts, self.last, letter))
            self._times.append(ts)
            self._letters.append(ord(letter))
            if len(self._times) > _MOST:
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
        """A letter for each of `width` equal parts of the time: the state that took most of it.

        What is after `now` is blank, unless the lane has ended: its end stays.
        """
        if end <= begin or width <= 0:
            return ""
        cells = []
        at = bisect_right(self._times, begin) - 1
        count = len(self._times)
        for cell in range(width):
            left = begin + (end - begin) * cell // width
            right = max(begin + (end - begin) * (cell + 1) // width, left + 1)
            while at + 1 < count and self._times[at + 1] <= left:
                at += 1
            letter = chr(self._letters[at]) if at >= 0 else " "
            if at + 1 < count and self._times[at + 1] < right:
                letter = self._most(at, left, right)
            cells.append(" " if left >= now and letter in "rayh" else letter)
        return "".join(cells)

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
        return max(shares, key=shares.__getitem__)

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
        self._moves: dict[str, list[int]] = {}  # more or fewer lanes in a state, by bucket

    def move(self, ts: int, old: str, new: str) -> None:
        """A lane went from one state to another; a blank is none."""
        if self._origin is None:
            self._origin = ts
        while (at := max(0, ts - self._origin) // self._grain) >= _BUCKETS:
            self._grain *= 2
            for state, moves in self._moves.items():
                halved = [a + b for a, b in zip(moves[::2], moves[1::2], strict=True)]
                self._moves[state] = halved + [0] * (_BUCKETS // 2)
        for state, by in ((old, -1), (new, 1)):
            if state != " ":
                self._moves.setdefault(state, [0] * _BUCKETS)[at] += by

    def counts(self, begin: int, end: int, width: int) -> list[dict[str, int]]:
        """For each of `width` equal parts of the time, how many lanes are in each state at its end."""
        if self._origin is None or end <= begin:
            return [{} for _ in range(max(width, 0))]
        cells: list[dict[str, int]] = [{} for _ in range(width)]
        for state, moves in self._moves.items():
            sums = [0]
            for by in moves:
                sums.append(sums[-1] + by)
            for cell in range(width):
                right = begin + (end - begin) * (cell + 1) // width
                bucket = (right - 1 - self._origin) // self._grain
                count = sums[min(bucket + 1, _BUCKETS)] if bucket >= 0 else 0
                if count > 0:
                    cells[cell][state] = count
        return cells
