"""What stands in both of two sequences."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowscope.model.sequence import aligned

letters = st.text("abc", max_size=14)


def most_in_common(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for a in one:
        above = row
        row = [0]
        for at, b in enumerate(other):
            row.append(above[at] + 1 if a == b else max(above[at + 1], row[-1]))
    return row[-1]


@settings(deadline=None)
@given(letters, letters)
def test_all_of_both_in_order_with_as_much_in_common_as_there_is(one: str, other: str) -> None:
    pairs = list(aligned(one, other))
    assert [x for x, _ in pairs if x is not None] == list(range(len(one)))
    assert [y for _, y in pairs if y is not None] == list(range(len(other)))
    equal = [(x, y) for x, y in pairs if x is not None and y is not None]
    assert all(one[x] == other[y] for x, y in equal)
    assert len(equal) == most_in_common(one, other)
    alone = "".join("x" if y is None else "y" if x is None else " " for x, y in pairs)
    assert "yx" not in alone, "what is in the first alone comes first"


def test_two_long_ones_with_nothing_in_common() -> None:
    pairs = list(aligned(range(20_000), range(20_000, 40_000)))
    assert pairs == [*((at, None) for at in range(20_000)), *((None, at) for at in range(20_000))]
