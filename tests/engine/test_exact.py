from __future__ import annotations

import enum
import json
from collections import OrderedDict, deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowscope_engine.encode import encode_value
from flowscope_engine.exact import NotExact, from_exact, to_exact

_KEYS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary(), st.floats(allow_nan=False))
_VALUES = st.recursive(
    st.one_of(_KEYS, st.floats(), st.complex_numbers(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(_KEYS, inner),
        st.dictionaries(st.sampled_from(["$", "…", "a"]), inner),
        st.sets(_KEYS),
        st.frozensets(_KEYS),
        st.lists(inner).map(deque),
    ),
    max_leaves=20,
)


@given(_VALUES)
def test_what_is_written_comes_back_as_it_was(value: Any) -> None:
    try:
        text = json.dumps(to_exact(value))
    except NotExact:
        return  # hypothesis may hand out one object twice
    back = from_exact(json.loads(text))
    assert _shape(back) == _shape(value)


def _shape(value: Any) -> Any:
    """Types, order, -0.0 and nan as well; sets have no order to keep."""
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(repr(part) for part in value)
    if isinstance(value, dict):
        return dict, [(_shape(key), _shape(part)) for key, part in value.items()]
    if isinstance(value, (list, tuple, deque)):
        return type(value), [_shape(part) for part in value]
    return type(value), repr(value)


class _Text(str):
    pass


class _Color(enum.IntEnum):
    RED = 1


_LIST: list[int] = []


@pytest.mark.parametrize(
    "value",
    [object(), _Text("x"), _Color.RED, OrderedDict(), [_LIST, _LIST], [object], 1 << 20_000, range(3)],
    ids=lambda value: type(value).__name__,
)
def test_what_would_come_back_as_something_else_is_not_written(value: Any) -> None:
    with pytest.raises(NotExact):
        to_exact(value)


@pytest.mark.parametrize(
    "value", ["x" * 5_000, list(range(1_000)), {str(n): n for n in range(999)}, b"x" * 99]
)
def test_what_was_cut_for_display_is_no_value(value: Any) -> None:
    with pytest.raises(NotExact):
        from_exact(encode_value(value))
    assert from_exact(to_exact(value)) == value
