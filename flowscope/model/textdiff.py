"""Two texts side by side: line by line, and word by word within a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .sequence import aligned

Pieces = list[tuple[str, bool]]
"""The text of a line, piece by piece, and whether the other side has that piece too."""

_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)
_LONGEST = 20_000  # characters of a line that is compared word by word
_ALIKE = 0.3  # of two lines that belong together, at least


class Line(NamedTuple):
    """A line of both sides, or of one alone."""

    one: Pieces | None
    other: Pieces | None
    is_same: bool = False
    hidden: int = 0
    """Stands for so many equal lines that are left out."""

    @classmethod
    def of(cls, text: str) -> Line:
        """The same line on both sides."""
        pieces = [(text, True)]
        return cls(pieces, pieces, True)


def lines(one: str, other: str, around: int | None = None) -> list[Line]:
    """All lines of both; with `around`, of equal ones those so near to a different one."""
    found = list(_lines(one.splitlines() or [""], other.splitlines() or [""]))
    return found if around is None else list(_near(found, around))


def _lines(one: list[str], other: list[str]) -> Iterator[Line]:
    ones: list[str] = []
    others: list[str] = []
    for x, y in aligned(one, other):
        if x is not None and y is not None:
            yield from _replaced(ones, others)
            ones, others = [], []
            yield Line.of(one[x])
        elif x is not None:
            ones.append(one[x])
        elif y is not None:
            others.append(other[y])
    yield from _replaced(ones, others)


def _replaced(ones: list[str], others: list[str]) -> Iterator[Line]:
    """Lines in place of others: those that are alike stand side by side."""
    paired = min(len(ones), len(others))
    alone: list[str] = []
    for one, other in zip(ones, others, strict=False):
        pieces = _words(one, other)
        if pieces is None:
            yield from (Line([(text, False)], None) for text in [*alone, one])
            alone = []
            yield Line(None, [(other, False)])
        else:
            yield Line(*pieces)
    yield from (Line([(text, False)], None) for text in ones[paired:])
    yield from (Line(None, [(text, False)]) for text in others[paired:])


def _words(one: str, other: str) -> tuple[Pieces, Pieces] | None:
    """Both lines in pieces; None where they have too little in common to be read side by side."""
    if len(one) > _LONGEST or len(other) > _LONGEST:
        return [(one, False)], [(other, False)]
    ours, theirs = _WORDS.findall(one), _WORDS.findall(other)
    pairs = list(_joined(list(aligned(ours, theirs)), ours))
    common = sum(len(ours[x]) for x, y in pairs if x is not None and y is not None)
    if common < _ALIKE * max(len(one), len(other)):
        return None
    sides: tuple[Pieces, Pieces] = [], []
    for x, y in pairs:
        is_same = x is not None and y is not None
        for words, at, side in ((ours, x, sides[0]), (theirs, y, sides[1])):
            if at is not None:
                _add(side, words[at], is_same)
    return sides


def _joined(
    pairs: list[tuple[int | None, int | None]], words: Sequence[str]
) -> Iterator[tuple[int | None, int | None]]:
    """A blank or a comma between two words that differ is part of what differs."""
    for at, (x, y) in enumerate(pairs):
        is_between = 0 < at < len(pairs) - 1 and None in pairs[at - 1] and None in pairs[at + 1]
        if is_between and x is not None and y is not None and not words[x].isalnum():
            yield x, None
            yield None, y
        else:
            yield x, y


def _add(pieces: Pieces, text: str, is_same: bool) -> None:
    if pieces and pieces[-1][1] == is_same:
        text = pieces.pop()[0] + text
    pieces.append((text, is_same))


def _near(found: list[Line], around: int) -> Iterator[Line]:
    places = [at for at, line in enumerate(found) if not line.is_same]
    shown = {near for at in places for near in range(at - around, at + around + 1)}
    hidden = 0
    for at, line in enumerate(found):
        if at in shown:
            if hidden:
                yield Line([], [], True, hidden)
            hidden = 0
            yield line
        else:
            hidden += 1
    if hidden:
        yield Line([], [], True, hidden)
