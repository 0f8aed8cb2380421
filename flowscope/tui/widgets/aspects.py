"""One row of a comparison in detail, aspect by aspect; long lines are wrapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from rich.cells import cell_len
from textual.message import Message

from flowscope.model.aspects import NOTHING, Aspect, Words
from flowscope.model.text import counted
from flowscope.model.textdiff import Line, Pieces
from flowscope.model.values import preview

from .rows import Parts, clean, fit, wrapped
from .sides import BETWEEN, SideRows

_AROUND = 6  # lines kept in view around a difference that is gone to
_LONGEST = 28  # columns of a name
_BEFORE = 2  # columns of the sign
_NONE: Pieces = [("none", True)]  # in place of what a side does not have


class Laid(NamedTuple):
    """A line as it is drawn: a name, one column, or both sides in two."""

    aspect: int
    """The number of the aspect that it belongs to."""
    mark: str
    """-, +, ~, = or a blank."""
    one: Pieces | None = None
    other: Pieces | None = None
    is_head: bool = False
    is_split: bool = False
    hidden: int = 0
    """Stands for so many lines."""


class AspectRows(SideRows):
    """Enter shows all of it in full; what is the same takes one line until then."""

    class Wanted(Message):
        """The aspect is wanted in full."""

    def __init__(self, is_full: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._is_full = is_full
        self._aspects: Sequence[Aspect] = ()
        self._lines: list[list[Line]] = []
        self._title: Parts = []
        self._rows: list[Laid] = []

    def show(self, title: Parts, aspects: Sequence[Aspect], at: int = 0) -> None:
        """Another row of the comparison, the cursor at one of its aspects."""
        self._title, self._aspects = title, aspects
        self._lines = [aspect.lines(self._is_full) for aspect in aspects]
        self._lay_out()
        self.cursor = next((row for row, laid in enumerate(self._rows) if laid.aspect == at), 0)
        self.refresh_rows()
        self.scroll_to(y=self.cursor, animate=False, force=True, immediate=True)

    @property
    def aspect(self) -> int:
        """The number of that under the cursor."""
        return self._rows[self.cursor].aspect if self.cursor < len(self._rows) else 0

    def rewrap(self) -> None:
        """Lines end elsewhere; the cursor stays with its aspect."""
        at = self.aspect
        is_moved = self.cursor > 0
        self._lay_out()
        if is_moved:
            self.cursor = next((row for row, laid in enumerate(self._rows) if laid.aspect == at), 0)
        self.refresh_rows()

    def to_difference(self, by: int) -> bool:
        """The cursor goes to the next difference, or the one before; False where there is none."""
        rows = self._rows
        signs = [laid.mark in ("-", "+", "~") and not laid.is_head for laid in rows]
        begins = [at for at, is_one in enumerate(signs) if is_one and not (at and signs[at - 1])]
        found = [at for at in begins if (at > self.cursor if by > 0 else at < self.cursor)]
        if found:
            at = found[0] if by > 0 else found[-1]
            self.reveal(max(at - _AROUND, 0))
            self.reveal(min(at + _AROUND, len(rows) - 1))
            self.move_to(at)
        return bool(found)

    def text(self) -> str:
        """All of it, as it would stand in a patch."""
        lines = []
        for aspect, found in zip(self._aspects, self._lines, strict=True):
            lines.append(f"{aspect.sign} {aspect.name}")
            for line in found:
                lines += [
                    f"{mark} {''.join(text for text, _ in side or ())}" for mark, side in _stacked(line)
                ]
        return "\n".join(lines) + "\n"

    # Laying out

    def _lay_out(self) -> None:
        self._rows = []
        for at, (aspect, lines) in enumerate(zip(self._aspects, self._lines, strict=True)):
            short = None if aspect.is_same else self._short(lines)
            one, other = short or (None, None)
            self._rows.append(Laid(at, aspect.sign, one, other, is_head=True))
            if short is None:
                is_split = self.is_wide and aspect.has_both and not aspect.is_same
                self._rows += self._split(at, lines) if is_split else self._stack(at, lines)

    def _short(self, lines: list[Line]) -> tuple[Pieces, Pieces] | None:
        """A line of each side, where both have room behind the name."""
        ones = [line.one for line in lines if line.one is not None]
        others = [line.other for line in lines if line.other is not None]
        if max(len(ones), len(others)) != 1 or any(line.is_same for line in lines):
            return None
        one, other = (ones or [_NONE])[0], (others or [_NONE])[0]
        room = self.width - _BEFORE - self._names() - len(BETWEEN)
        return (one, other) if _length(one) + _length(other) <= room else None

    def _names(self) -> int:
        """Columns for the names."""
        longest = max((len(each.name) for each in self._aspects if each.shown is not NOTHING), default=0)
        return min(longest, _LONGEST) + 2

    def _stack(self, at: int, lines: list[Line]) -> Iterator[Laid]:
        """In one column."""
        for line in lines:
            if line.hidden:
                yield Laid(at, " ", hidden=line.hidden)
                continue
            for mark, side in _stacked(line):
                yield from (Laid(at, mark, piece) for piece in _wrapped(side, self.width - _BEFORE))

    def _split(self, at: int, lines: list[Line]) -> Iterator[Laid]:
        """In two columns; lines that stand on one side alone have those of the other beside them."""
        left, right = self.beside(self.width, _BEFORE)
        ones: list[Pieces] = []
        others: list[Pieces] = []
        for line in lines:
            if line.one is not None and line.other is not None:
                yield from _beside(at, "", ones, others)
                ones, others = [], []
                mark = " " if line.is_same else "~"
                if not line.hidden:
                    yield from _beside(at, mark, _wrapped(line.one, left), _wrapped(line.other, right))
            elif line.one is not None:
                ones += _wrapped(line.one, left)
            elif line.other is not None:
                others += _wrapped(line.other, right)
            if line.hidden:
                yield Laid(at, " ", hidden=line.hidden)
        yield from _beside(at, "", ones, others)

    # What Rows asks

    def count(self) -> int:
        """Lines on screen."""
        return len(self._rows)

    def head(self, width: int) -> Parts | None:
        """What is shown in detail."""
        return self._title or None

    def enter(self, at: int) -> None:
        """In full."""
        self.post_message(self.Wanted())

    def draw(self, at: int, width: int) -> Parts:
        """A name, or a line of one side or of both."""
        laid = self._rows[at]
        if laid.is_head:
            return self._named(laid, width)
        if laid.hidden:
            return [(f"  … {counted(laid.hidden, 'more line')}, Enter shows all", "quiet")]
        sign = (f"{laid.mark} ", {"-": "minus", "+": "plus", "~": "changed"}.get(laid.mark, ""))
        if not laid.is_split:
            return [sign, *_painted(laid.one or [], laid.mark)]
        blank = " " * max(self.beside(width, _BEFORE)[0] - _length(laid.one), 0)
        is_same = laid.mark == " "
        one = _painted(laid.one or [], " " if is_same else "-")
        other = _painted(laid.other or [], " " if is_same else "+")
        return [sign, *one, (blank, ""), (BETWEEN, "faint"), *other]

    def _named(self, laid: Laid, width: int) -> Parts:
        """The name of an aspect; behind it, what has room there."""
        aspect, names = self._aspects[laid.aspect], self._names()
        is_alone = aspect.shown is NOTHING or (laid.one is None and not aspect.is_same)
        name = aspect.name if is_alone else f"{fit(aspect.name, names - 2)}  "
        parts: Parts = [(f"{laid.mark} ", "changed"), (name, "name")]
        if aspect.is_same:
            parts = [(f"{laid.mark} {name}", "quiet")]
        if laid.one is not None and laid.other is not None:
            ours, theirs = _painted(laid.one, "-"), _painted(laid.other, "+")
            return [*parts, *ours, (BETWEEN, "quiet"), *theirs]
        if aspect.is_same and not self._is_full:
            room, shown = max(width - _BEFORE - names, 1), aspect.shown
            text = " ".join(shown.split()) if isinstance(shown, Words) else preview(shown, room)
            parts.append((fit(text, room), "quiet"))
        return parts


def _beside(at: int, mark: str, ones: Iterable[Pieces], others: Iterable[Pieces]) -> Iterator[Laid]:
    """Lines in two columns; without a mark they are no twins, and each side has its own."""
    for one, other in zip_longest(ones, others):
        alone = "-" if other is None else "+" if one is None else "~"
        yield Laid(at, mark or alone, one, other, is_split=True)


def _stacked(line: Line) -> Iterator[tuple[str, Pieces]]:
    """A line of both sides as lines of one column."""
    if line.one is not None:
        yield " " if line.is_same else "-", line.one
    if line.is_same:
        return
    if line.other is not None:
        yield "+", line.other


def _wrapped(pieces: Pieces, width: int) -> Iterator[Pieces]:
    """The pieces in lines of at most `width` columns."""
    pieces = [(clean(text.replace("\t", "    ")), is_same) for text, is_same in pieces]
    left = iter(pieces)
    text, is_same = next(left, ("", True))
    for line in wrapped("".join(text for text, _ in pieces), max(width, 1)):
        found: Pieces = []
        room = len(line)
        while room:
            if not text:
                text, is_same = next(left)
                continue
            found.append((text[:room], is_same))
            room -= len(found[-1][0])
            text = text[len(found[-1][0]) :]
        yield found


def _painted(pieces: Pieces, mark: str) -> Parts:
    """What the other side has as well is told from what it has not."""
    if pieces is _NONE:
        return [("none", "quiet")]
    whole, word = {"-": ("minus", "less"), "+": ("plus", "more")}.get(mark, ("value", "value"))
    if len(pieces) == 1 and not pieces[0][1]:
        return [(pieces[0][0], whole)]  # there is nothing to tell it from
    return [(text, "value" if is_same else word) for text, is_same in pieces]


def _length(pieces: Pieces | None) -> int:
    return sum(cell_len(clean(text)) for text, _ in pieces or ())
