"""The order in which lanes went on, one step for each await, since the program began; and what was held.

A step is the name of a lane, the same in every run. Between them stand marks: which lanes were held and
released by hand, and where a lane ended. So a step of a lane that was held is one that the user chose.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..lanes import Lane
from ..loops import Loop

HOLD, RELEASE, END = "(hold)", "(release)", "(end)"
"""Marks, followed by a lane's name; HOLD and RELEASE alone mean all lanes, and those yet to begin."""

WAIT = "(wait)"
"""A mark of a choice by seed: let nobody go on before another lane's sleep is over."""

MOST = 200_000
"""Steps that are kept. Of more, the older half is dropped."""

_MARKS = (HOLD, RELEASE, END, WAIT)


class Held:
    """Which lanes a row of marks holds."""

    def __init__(self) -> None:
        self.all = False
        """Those yet to begin as well."""
        self._others: set[str] = set()  # where all are held: those released since

    def __contains__(self, name: str) -> bool:
        return (name in self._others) is not self.all

    def __bool__(self) -> bool:
        return self.all or bool(self._others)

    def apply(self, mark: str, name: str = "") -> None:
        """HOLD or RELEASE of a lane, or of all; at its END a lane is forgotten."""
        if mark == END or (name and (mark == HOLD) is self.all):
            self._others.discard(name)
        elif name and mark in (HOLD, RELEASE):
            self._others.add(name)
        elif mark in (HOLD, RELEASE):
            self.all, self._others = mark == HOLD, set()

    def marks(self) -> list[str]:
        """The fewest marks that come to this."""
        first, other = ([HOLD], RELEASE) if self.all else ([], HOLD)
        return [*first, *(f"{other} {name}" for name in sorted(self._others))]


def parts(step: str) -> tuple[str, str]:
    """A step as mark and name; the mark of a lane that goes on is empty."""
    mark, _, name = step.partition(" ")
    return (mark, name) if mark in _MARKS else ("", step)


class Order:
    """What the program's lanes did, in this order. Written on the threads of their loops."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.is_whole = True  # from the beginning
        self.doubts: dict[str, None] = {}  # sentences: why following it may not come to the same
        self.is_unbounded = False  # while it is the only account of what a seed chose

    def follow(self, loop: Loop) -> None:
        """Lanes of this loop note their steps here."""
        loop.log = self.steps

    def mark(self, mark: str, name: str = "") -> None:
        """Note a mark."""
        self.steps.append(f"{mark} {name}" if name else mark)

    def doubt(self, sentence: str) -> None:
        """It cannot be told by an order alone."""
        self.doubts[sentence] = None

    def chosen(self) -> list[str]:
        """The steps of lanes that were held: those that the user let go, await by await."""
        return chosen_in(self.steps[:])

    def told(self) -> dict[str, object]:
        """All of it, or where it is too long the steps by hand; with what is to be said about it."""
        steps, whole = self.steps[:], self.is_whole
        if not whole:
            steps = chosen_in(steps)
        return {"steps": steps, "whole": whole, "doubts": [*([] if whole else [_TOO_LONG]), *self.doubts]}

    def trim(self) -> None:
        """Keep within bounds."""
        if len(self.steps) > MOST and not self.is_unbounded:
            count = len(self.steps) - MOST // 2
            held = Held()
            for step in self.steps[:count]:
                held.apply(*parts(step))
            self.steps[:count] = held.marks()
            self.is_whole = False

    def rejoin(self, lane: Lane, since: int) -> None:
        """The lane had halted within a step, from `since` steps on: it is one step, not two."""
        for at in range(len(self.steps) - 1, since - 1, -1):
            if self.steps[at] == lane.name:
                del self.steps[at]
                if any(not parts(step)[0] for step in self.steps[since:]):
                    self.doubt(_HALTED)
                return


def chosen_in(steps: Iterable[str]) -> list[str]:
    """Those of lanes that were held: the user let them go, await by await."""
    held, chosen = Held(), []
    for step in steps:
        mark, name = parts(step)
        held.apply(mark, name)
        if not mark and name in held:
            chosen.append(name)
    return chosen


def awaits_in(steps: Iterable[str]) -> int:
    """How many of them are no marks."""
    return sum(not parts(step)[0] for step in steps)


_TOO_LONG = (
    f"More than {MOST:,} awaits came before: only the lanes that were let go by hand are told. "
    "They are followed equally where they are held from their beginning."
)
_HALTED = "A lane stood at a step, in the midst of its code, while others went on: that is not told."
