"""VALUEs as text and as the rows of a tree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowscope.model.values import children, is_container, path_text, preview, type_name

MORE = {"$": "more", "count": 1200}

texts = st.text(max_size=9).filter(lambda text: "'" not in text)  # else what is cut off decides on the quotes
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts.filter(lambda key: not key.startswith("$")), inner, max_size=4)
    ),
)


@given(plain, st.integers(1, 60))
def test_plain_values_read_as_python_writes_them(value: Any, width: int) -> None:
    text = preview(value, width)
    whole = repr(value)
    assert text == whole or (len(text) == width and text.endswith("…") and whole.startswith(text[:-1]))


@pytest.mark.parametrize(
    ("value", "text", "type"),
    [
        ({"$": "tuple", "items": [1]}, "(1,)", "tuple"),
        ({"$": "tuple", "items": []}, "()", "tuple"),
        ({"$": "tuple", "items": [1, "a"]}, "(1, 'a')", "tuple"),
        ({"$": "set", "items": [1, 2]}, "{1, 2}", "set"),
        ({"$": "set", "items": []}, "set()", "set"),
        ({"$": "set", "items": [[1, 2]]}, "{[1, 2]}", "set"),
        ({"$": "frozenset", "items": [1]}, "frozenset({1})", "frozenset"),
        ({"$": "frozenset", "items": []}, "frozenset()", "frozenset"),
        ({"$": "deque", "items": [1]}, "deque([1])", "deque"),
        ({"$": "dict", "items": [[1, "a"], ["$x", None]]}, "{1: 'a', '$x': None}", "dict"),
        ({"$": "dict", "items": [[1, "a"], MORE]}, "{1: 'a', … 1,200 more}", "dict"),
        ({"$": "str", "text": "abc", "len": 123456}, "'abc'… 123,456 characters", "str"),
        ({"$": "bytes", "len": 2, "hex": "6162"}, "b'ab'", "bytes"),
        ({"$": "bytes", "len": 4096, "hex": "6162"}, "b'ab'… 4,096 bytes", "bytes"),
        ({"$": "float", "repr": "nan"}, "nan", "float"),
        ({"$": "int", "repr": "99999999999999999999"}, "99999999999999999999", "int"),
        (
            {"$": "object", "type": "m.Order", "fields": {"id": 1, "…": MORE}},
            "Order(id=1, … 1,200 more)",
            "Order",
        ),
        ({"$": "object", "type": "m.Order", "fields": {}, "repr": "<Order\n7>"}, "<Order 7>", "Order"),
        ({"$": "object", "type": "m.Order", "fields": {}}, "Order()", "Order"),
        (
            {"$": "opaque", "type": "np.ndarray", "repr": "array", "shape": "2×3"},
            "ndarray 2×3 array",
            "ndarray",
        ),
        ({"$": "opaque", "type": "m.Client"}, "<Client>", "Client"),
        ({"$": "unscanned", "type": "list"}, "<list: not scanned, too large>", "list"),
        ({"$": "cycle", "type": "dict"}, "<dict: contains itself>", "dict"),
        ({"$": "stale", "value": [1]}, "(stale) [1]", "list"),
        ([1, MORE], "[1, … 1,200 more]", "list"),
        ({"a": 1, "…": MORE}, "{'a': 1, … 1,200 more}", "dict"),
        ({"…": 1}, "{'…': 1}", "dict"),
        ({"$": "from the future"}, "<from the future>", "from the future"),
    ],
)
def test_tagged_values(value: Any, text: str, type: str) -> None:
    assert preview(value, 200) == text
    assert type_name(value) == type


def test_only_as_much_is_read_as_is_shown() -> None:
    class Long(list[int]):
        def __iter__(self) -> Any:
            yield from range(50)
            raise AssertionError("read too far")

    assert preview(Long([1]), 20) == "[0, 1, 2, 3, 4, 5, …"


def test_escape_codes_do_not_reach_the_screen() -> None:
    assert preview({"$": "opaque", "type": "C", "repr": "\x1b[31mred\u202e"}, 50) == " [31mred "


def test_children() -> None:
    assert children({"a": 1, "two words": 2, "…": MORE}) == [
        ("a", "a", 1),
        ("'two words'", "two words", 2),
        ("…", None, MORE),
    ]
    assert children([5, MORE]) == [("0", 0, 5), ("…", None, MORE)]
    assert children({"$": "dict", "items": [[1, "x"], MORE]}) == [("1", 1, "x"), ("…", None, MORE)]
    assert children({"$": "tuple", "items": [5]}) == [("0", 0, 5)]
    assert children({"$": "set", "items": [5]}) == [("0", None, 5)]
    assert children({"$": "object", "type": "m.C", "fields": {"x": 1}}) == [("x", "x", 1)]
    assert children({"$": "stale", "value": [5]}) == [("0", 0, 5)]
    for leaf in (1, "a", None, [], {}, {"$": "opaque", "type": "C"}, {"$": "str", "text": "a", "len": 9}):
        assert children(leaf) == [] and not is_container(leaf)
    assert is_container([1]) and is_container({"$": "set", "items": [1]})


def test_paths_read_as_break_specs() -> None:
    assert path_text(["user", "name"]) == "user.name"
    assert path_text(["facts", 2, "odd key"]) == "facts[2]['odd key']"
    assert path_text([0]) == "[0]"
    assert path_text([]) == ""
