"""Interleavings: which lane of a loop goes next, slice by slice, from a list or by a seeded choice.

Each lane waits before it goes on, and one that is ready is let go; so what runs is always an order that the
program itself could have taken. Choices are noted by the lanes' names, which are the same in every run.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from ..lanes import Lane
from ..loops import Loop
from .accounts import Accounts

WAIT = "(wait)"
"""A choice: let nobody go on before another lane's sleep is over."""

_HOPS = 2  # turns of the loop after which all that are ready have arrived
_PATIENCE = 5.0  # seconds for the lane whose turn it is to begin
_LONG_PATIENCE = 60.0  # and to come back from what it awaits


class Conductor:
    """Governs the lanes of the program's loops.

    First the `steps` are followed. Then a seed decides; without one, and without more steps, `frees` tells
    whether all lanes go as they like, or the one that has waited longest goes first.
    """

    def __init__(
        self,
        accounts: Accounts,
        notice: Callable[[str], None],
        steps: Sequence[str],
        seed: int | None,
        frees: bool,
    ) -> None:
        self.chosen: list[str] = []
        self._accounts = accounts
        self._notice = notice
        self._steps = list(steps)
        self._at = 0  # in steps
        self._named = frozenset(steps)
        self._random = None if seed is None else random.Random(seed)
        self._frees = frees
        self._is_over = False
        self._waiting: dict[Lane, None] = {}  # in the order of their arrival
        self._going: Lane | None = None
        self._pauses = False  # until another lane arrives
        self._has_asked = False
        self._since = 0.0  # when the lane whose turn it is was first missed

    # What lanes and accounts tell, on the thread of the loop.

    def opened(self, lane: Lane) -> None:
        """A lane begins."""
        if not self._is_over and (not self._frees or self._accounts.key_of(lane) in self._named):
            lane.governor, lane.closed = self, True

    def closed(self, lane: Lane) -> None:
        """A lane has ended."""
        self._waiting.pop(lane, None)
        if lane is self._going:
            self._going = None
        if lane.governor is self and lane.loop is not None:
            self._ask(lane.loop)

    def arrived(self, lane: Lane) -> None:
        self._waiting[lane] = None
        self._pauses = False
        if lane.loop is not None:
            self._ask(lane.loop)

    def suspended(self, lane: Lane) -> None:
        if self._is_over:
            return
        lane.closed = True
        if lane is self._going:
            self._going = None
        if lane.loop is not None:
            self._ask(lane.loop)

    # The choice.

    def _ask(self, loop: Loop) -> None:
        if not self._has_asked:
            self._has_asked = True
            self._later(loop, _HOPS)

    def _later(self, loop: Loop, hops: int) -> None:
        loop.loop.call_soon(self._later if hops else self._choose, *((loop, hops - 1) if hops else (loop,)))

    def _choose(self, loop: Loop) -> None:
        self._has_asked = False
        if self._going is not None or self._is_over or self._pauses:
            return
        if self._at >= len(self._steps) and self._frees:
            self._free()
            return
        lane = self._next(loop)
        if lane is not None:
            self.chosen.append(self._accounts.key_of(lane))
            del self._waiting[lane]
            self._going = lane
            lane.open()

    def _next(self, loop: Loop) -> Lane | None:
        if not self._waiting:
            return None
        if self._at < len(self._steps):
            return self._follow(loop)
        if self._random is None:
            return next(iter(self._waiting))
        if self._can_pause() and self._random.random() < 0.25:
            self._pause()
            return None
        lanes = sorted(self._waiting, key=self._accounts.key_of)
        return self._random.choice(lanes)

    def _follow(self, loop: Loop) -> Lane | None:
        key = self._steps[self._at]
        now = loop.loop.time()
        if key == WAIT:
            self._at += 1
            if self._can_pause():
                self._pause()
                return None
            return self._next(loop)
        for lane in self._waiting:
            if self._accounts.key_of(lane) == key:
                self._at, self._since = self._at + 1, 0.0
                return lane
        self._since = self._since or now
        lives = any(self._accounts.key_of(lane) == key for lane in list(self._accounts.live.values()))
        if now - self._since > (_LONG_PATIENCE if lives else _PATIENCE):
            self._notice(
                f"The schedule does not fit this run: its step {self._at + 1}, {key}, is not ready. "
                "From here on lanes go as they like."
            )
            self._at, self._random, self._frees = len(self._steps), None, True
        loop.loop.call_later(0.005, self._ask, loop)
        return None

    def _can_pause(self) -> bool:
        """Is there a lane that sleeps, and will come by itself?"""
        return any(
            lane.timer is not None and lane.timer[1][:1] == (lane.future,) and not lane.future.done()
            for lane in list(self._accounts.live.values())
            if lane.future is not None and lane not in self._waiting
        )

    def _pause(self) -> None:
        self._pauses = True
        self.chosen.append(WAIT)

    def _free(self) -> None:
        self._is_over = True
        for lane in list(self._accounts.live.values()):
            if lane.governor is self:
                lane.governor = None
                lane.open()
