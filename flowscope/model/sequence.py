"""Two sequences side by side: what stands in both, and what in one of them alone."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

_MOST = 64  # edits looked ahead for the shortest way; beyond, the best one so far is taken

Pair = tuple[int | None, int | None]
"""Places in the two sequences; None where that one has nothing."""


def aligned(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[Pair]:
    """Every place of both, in order: as many pairs of equals as can be found at bounded cost.

    Between two pairs, what is in the first alone comes before what is in the other alone.
    """
    shortest = min(len(one), len(other))
    first = 0
    while first < shortest and one[first] == other[first]:
        first += 1
    last = 0
    while last < shortest - first and one[-1 - last] == other[-1 - last]:
        last += 1
    yield from ((at, at) for at in range(first))
    x, y = first, first
    ends = len(one) - last, len(other) - last
    for a, b in _equal(one[: ends[0]], other[: ends[1]], first):
        yield from ((at, None) for at in range(x, a))
        yield from ((None, at) for at in range(y, b))
        yield a, b
        x, y = a + 1, b + 1
    yield from ((at, None) for at in range(x, ends[0]))
    yield from ((None, at) for at in range(y, ends[1]))
    yield from ((ends[0] + at, ends[1] + at) for at in range(last))


def _equal(one: Sequence[Hashable], other: Sequence[Hashable], start: int) -> Iterator[tuple[int, int]]:
    """Pairs of equals from `start` on, in both: Myers' way through them, stretch by stretch."""
    x = y = start
    while x < len(one) and y < len(other):
        steps = _stretch(one, other, x, y)
        for a, b, length in steps:
            yield from ((a + at, b + at) for at in range(length))
        a, b, length = steps[-1]
        x, y = a + length, b + length


def _stretch(
    one: Sequence[Hashable], other: Sequence[Hashable], x0: int, y0: int
) -> list[tuple[int, int, int]]:
    """Runs of equals (place, place, length) up to the end, or as far as the edits looked ahead lead."""
    width, height = len(one) - x0, len(other) - y0
    reached = {1: 0}  # by diagonal: how far in `one`
    before: list[dict[int, int]] = []
    best = 0
    for edits in range(min(_MOST, width + height) + 1):
        before.append(reached.copy())
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and reached[k - 1] < reached[k + 1])
            x = reached[k + 1] if down else reached[k - 1] + 1
            while x < width and x - k < height and one[x0 + x] == other[y0 + x - k]:
                x += 1
            reached[k] = x
            if x >= width and x - k >= height:
                return _runs(before, k, x, x0, y0)
        inside = [k for k in range(-edits, edits + 1, 2) if reached[k] <= width and reached[k] - k <= height]
        best = max(inside, key=lambda k: 2 * reached[k] - k)
    return _runs(before, best, reached[best], x0, y0)


def _runs(before: list[dict[int, int]], k: int, x: int, x0: int, y0: int) -> list[tuple[int, int, int]]:
    """The way back from a place on a diagonal."""
    runs = []
    for edits in range(len(before) - 1, -1, -1):
        reached = before[edits]
        down = k == -edits or (k != edits and reached[k - 1] < reached[k + 1])
        above = k + 1 if down else k - 1
        begin = reached[above] if down else reached[above] + 1
        if edits == 0:
            begin = 0
        runs.append((x0 + begin, y0 + begin - k, x - begin))
        k, x = above, reached.get(above, 0)
    return runs[::-1]
