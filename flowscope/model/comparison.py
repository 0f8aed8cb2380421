"""Two runs, visit by visit: what stands in both, and where they part ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from .parting import Parting, Twins
from .sequence import Pair, aligned
from .sides import Side
from .spans import Span
from .text import counted

SAME, DIFFERS, WITHIN, LEFT, RIGHT, BEYOND = "same", "differs", "within", "left", "right", "beyond"


@dataclass(slots=True, eq=False)
class Row:
    """A span of one run and its twin in the other; None where that one has none."""

    one: Span | None
    other: Span | None
    depth: int
    mark: str = SAME
    """differs: by itself; within: in the rows below it alone; left, right: the other side has no such row;
    beyond: what the other side has there is not known."""
    end: int = 0
    """The number of the row after the last one that is inside."""
    partings: tuple[Parting, ...] = ()

    @property
    def span(self) -> Span:
        """That of the side that has one, the left one first."""
        span = self.one or self.other
        assert span is not None
        return span

    @property
    def is_visit(self) -> bool:
        """Does it count as a visit?"""
        return self.span.kind == "visit" or (self.span.kind == "run" and not self.span.is_flow)


class Comparison:
    """The rows of both sides; what is different in them is known once `compare` has gone through."""

    def __init__(self, one: Side, other: Side) -> None:
        self.one = one
        self.other = other
        self.rows: list[Row] = []
        self.stops: list[int] = []
        """The numbers of the rows at which a difference begins, in order."""
        self.first: Row | None = None
        """Where they part ways."""
        self.alike = 0
        """Visits before anything is different."""
        self.has_cut = False
        """Is of some values that are the same, as far as they are known, only the beginning known?"""
        self.partings: list[Parting] = []
        """The first of each kind; after the first visit that differs, nothing is looked for any more."""
        self._align()

    @property
    def is_same(self) -> bool:
        """Is nothing different, as far as both are known?"""
        return self.first is None

    @property
    def is_whole(self) -> bool:
        """Have both all visits of the other, and are both known to their end?"""
        return not (self.one.is_cut or self.other.is_cut) and all(row.mark != BEYOND for row in self.rows)

    def compare(self) -> Iterator[int]:
        """Look at row after row; yields how many are left."""
        nearest = len(self.rows)  # the first row with a difference behind the one that is looked at
        for at in range(len(self.rows) - 1, -1, -1):
            row = self.rows[at]
            if row.one is not None and row.other is not None and row.one is not row.other:
                self._look(row, row.one, row.other, nearest < row.end)
            if row.mark in (DIFFERS, LEFT, RIGHT):
                nearest = at
            yield at
        self._conclude()

    def _look(self, row: Row, a: Span, b: Span, has_inner: bool) -> None:
        sides = (self.one, a), (self.other, b)
        twins = Twins(
            a,
            b,
            all(side.is_over(span) for side, span in sides),
            all(side.has_changes(span) for side, span in sides),
        )
        found = twins.at_begin()
        if not has_inner:  # else it ends otherwise because of what is in it
            values = {parting.kind for parting in found}
            found += [parting for parting in twins.at_end() if parting.kind not in values]
        row.partings = tuple(found)
        self.has_cut = self.has_cut or (not found and twins.has_cut())
        row.mark = DIFFERS if found else WITHIN if has_inner else SAME

    def _conclude(self) -> None:
        rows, before = self.rows, SAME
        for at, row in enumerate(rows):
            is_new = row.mark != before and not {row.mark, before} <= {LEFT, RIGHT}
            if row.mark == DIFFERS or (row.mark in (LEFT, RIGHT, BEYOND) and is_new):
                self.stops.append(at)
            before = row.mark
        parted = next((at for at, row in enumerate(rows) if row.mark in (LEFT, RIGHT)), len(rows))
        places = sorted((self._place(at), at) for at in self.stops if rows[at].mark == DIFFERS)
        places = [place for place in places if place[0] <= parted and place[1] < parted]
        found = [parting for _, at in places for parting in rows[at].partings]
        firsts: dict[str, Parting] = {}
        for parting in found:
            firsts.setdefault(parting.kind, parting)
        self.partings = list(firsts.values())
        self.alike = self._visits(places[0][0] if places else parted)
        if parted < len(rows):
            self.partings.append(self._parted(parted))
        if places or parted < len(rows):
            self.first = rows[places[0][1] if places else parted]

    def _place(self, at: int) -> int:
        """What is different at a flow's end comes after what is in it."""
        row = self.rows[at]
        begins = any(parting.kind == "value" for parting in row.partings)
        return at if begins or row.end == at + 1 else row.end

    def _visits(self, end: int) -> int:
        rows = self.rows[:end]
        return sum(row.is_visit and None not in (row.one, row.other) for row in rows)

    def _parted(self, at: int) -> Parting:
        ones = next((row.one for row in self.rows[at:] if row.one is not None), None)
        others = next((row.other for row in self.rows[at:] if row.other is not None), None)
        names = ["nothing more" if span is None else span.name for span in (ones, others)]
        where = "at the end" if None in (ones, others) else f"after {counted(self._visits(at), 'visit')}"
        return Parting("visit", where, names[0], names[1])

    # Side by side

    def _align(self) -> None:
        """Level by level: what is in two visits is compared only where they are each other's twins."""
        pending = [self._level(None, self.one.roots, self.other.roots, 0)]
        opened: list[Row] = []
        while pending:
            row = next(pending[-1], None)
            if row is None:
                pending.pop()
                if opened:
                    opened.pop().end = len(self.rows)
                continue
            self.rows.append(row)
            opened.append(row)
            ones = [] if row.one is None else self.one.inner(row.one)
            others = [] if row.other is None else self.other.inner(row.other)
            pending.append(self._level(row, ones, others, row.depth + 1))

    def _level(self, around: Row | None, ones: list[Span], others: list[Span], depth: int) -> Iterator[Row]:
        marks = [_mark(span) for span in ones], [_mark(span) for span in others]
        pairs = list(_with_flows(aligned(*marks), ones, others))
        last = [
            max((at for at, pair in enumerate(pairs) if pair[side] is not None), default=-1)
            for side in (0, 1)
        ]
        for at, (x, y) in enumerate(pairs):
            one = None if x is None else ones[x]
            other = None if y is None else others[y]
            if one is None or other is None:
                lacks = 0 if one is None else 1
                span = one or other
                is_next = at > last[lacks] or (span is not None and span.kind == "item")
                yield Row(one, other, depth, self._alone(around, lacks, is_next))
            else:
                yield Row(one, other, depth)

    def _alone(self, around: Row | None, lacks: int, is_next: bool) -> str:
        """The mark of a row that a side lacks: that side may have come to its end before it."""
        side = (self.one, self.other)[lacks]
        span = None if around is None else (around.one, around.other)[lacks]
        if around is not None and around.mark == BEYOND:
            return BEYOND
        is_unknown = side.is_cut if around is None else span is not None and not side.is_over(span)
        if is_next and is_unknown:
            return BEYOND
        return RIGHT if lacks == 0 else LEFT


def compare(one: Side, other: Side) -> Comparison:
    """All of it at once."""
    comparison = Comparison(one, other)
    for _ in comparison.compare():
        pass
    return comparison


def _mark(span: Span) -> tuple[str, str, int | None]:
    return span.kind, span.label, span.item


def _with_flows(pairs: Iterable[Pair], ones: list[Span], others: list[Span]) -> Iterator[Pair]:
    """Runs of flows that have no twin of their name are twins of each other: the flow was renamed."""
    left: list[int] = []
    right: list[int] = []
    for x, y in chain(pairs, [(None, None)]):
        if x is not None and y is None:
            left.append(x)
        elif y is not None and x is None:
            right.append(y)
        else:
            alone = list(zip_longest(left, right))
            if all(_is_flow(ones[at]) for at in left) and all(_is_flow(others[at]) for at in right):
                yield from alone
            else:
                yield from ((at, None) for at in left)
                yield from ((None, at) for at in right)
            left, right = [], []
            if x is not None:
                yield x, y


def _is_flow(span: Span) -> bool:
    return span.kind == "run" and span.is_flow
