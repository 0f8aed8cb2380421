"""A mirror patched change by change equals the value that was changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowscope.model.patch import Owned, patch
from flowscope.model.values import is_stale

Path = tuple[str | int, ...]

keys = st.sampled_from(["a", "b", "$odd", "…", "two words"]) | st.integers(0, 3)
leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "y"])
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


def encode(value: Any) -> Any:
    """As the engine does, for dicts and lists."""
    if isinstance(value, list):
        return [encode(each) for each in value]
    if not isinstance(value, dict):
        return value
    if all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: encode(each) for key, each in value.items()}
    return {"$": "dict", "items": [[key, encode(each)] for key, each in value.items()]}


def decode(value: Any) -> Any:
    """Back; order of keys does not matter."""
    if isinstance(value, list):
        return [decode(each) for each in value]
    if isinstance(value, dict) and value.get("$") == "dict":
        return {key: decode(each) for key, each in value["items"]}
    assert not isinstance(value, dict) or "$" not in value
    return {key: decode(each) for key, each in value.items()} if isinstance(value, dict) else value


def containers(value: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    found: list[tuple[Path, Any]] = [(path, value)] if isinstance(value, (list, dict)) else []
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, held in entries:
        found += containers(held, (*path, key))
    return found


@given(st.data())
def test_random_changes(data: st.DataObject) -> None:
    shared = data.draw(st.dictionaries(keys, trees, max_size=4))
    mirror = encode(shared)
    owned: Owned = {}
    before: list[tuple[Any, Any]] = []
    for _ in range(data.draw(st.integers(1, 12))):
        if data.draw(st.booleans()):
            owned.clear()  # a step ends: what the mirror was must stay as it was
            before.append((mirror, copy.deepcopy(mirror)))
        path, holder = data.draw(st.sampled_from(containers(shared)))
        op = data.draw(st.sampled_from(["set", "add", "remove"]))
        new = data.draw(trees)
        if isinstance(holder, list):
            last = len(holder) - (op != "add")
            if last < 0:
                continue
            key: str | int = data.draw(st.integers(0, last))
        else:
            present = list(holder)
            key = data.draw(keys if op == "add" else st.sampled_from(present or ["none"]))
            if (key in present) == (op == "add"):
                continue
        if op == "remove":
            del holder[key]
        elif op == "add" and isinstance(holder, list) and isinstance(key, int):
            holder.insert(key, copy.deepcopy(new))
        else:
            holder[key] = copy.deepcopy(new)
        value = encode(new)
        frozen = copy.deepcopy(value)
        mirror = patch(mirror, (*path, key), op, value, owned)
        before.append((value, frozen))
    assert decode(mirror) == shared
    assert all(now == then for now, then in before)


@pytest.mark.parametrize(
    ("root", "path", "op", "expected"),
    [
        ({"$": "tuple", "items": [1, 2]}, [1], "set", {"$": "tuple", "items": [1, 9]}),
        ({"$": "deque", "items": [1]}, [1], "add", {"$": "deque", "items": [1, 9]}),
        (
            {"$": "object", "type": "m.C", "fields": {"x": [1]}},
            ["x", 0],
            "set",
            {"$": "object", "type": "m.C", "fields": {"x": [9]}},
        ),
        (
            {"$": "dict", "items": [[True, 0], [1, 5]]},
            [1],
            "set",
            {"$": "dict", "items": [[True, 0], [1, 9]]},
        ),
        ({"a": 1}, [2], "add", {"$": "dict", "items": [["a", 1], [2, 9]]}),
        (
            {"a": {"$": "unscanned", "type": "list"}},
            ["a", 3],
            "set",
            {"a": {"$": "unscanned", "type": "list"}},
        ),
        ({"a": 1}, [], "set", 9),
    ],
)
def test_tagged_forms(root: Any, path: Path, op: str, expected: Any) -> None:
    assert patch(root, path, op, 9) == expected


MORE = {"$": "more", "count": 2}


@pytest.mark.parametrize(
    ("root", "path", "op", "expected"),
    [
        ([1, MORE], [5], "set", [1, MORE]),
        ([1, MORE], [2, "x"], "set", [1, MORE]),
        ([1, MORE], [3], "remove", [1, {"$": "more", "count": 1}]),
        ([1, MORE], [3], "add", [1, {"$": "more", "count": 3}]),
        ([1, MORE], [0], "remove", [MORE]),
        ({"a": 1, "…": MORE}, ["z"], "add", {"a": 1, "z": 9, "…": MORE}),
        ({"a": 1, "…": MORE}, ["z"], "set", {"a": 1, "z": 9, "…": {"$": "more", "count": 1}}),
        ({"a": 1, "…": MORE}, ["z"], "remove", {"a": 1, "…": {"$": "more", "count": 1}}),
        ({"a": 1, "…": {"$": "more", "count": 1}}, ["z"], "remove", {"a": 1}),
        ({"a": 1, "…": MORE}, ["z", 0], "set", {"a": 1, "…": MORE}),
        ({"a": 1, "…": MORE}, [2], "add", {"$": "dict", "items": [["a", 1], [2, 9], MORE]}),
        (
            {"$": "dict", "items": [[1, 1], MORE]},
            [2],
            "set",
            {"$": "dict", "items": [[1, 1], [2, 9], {"$": "more", "count": 1}]},
        ),
    ],
)
def test_what_was_left_out_stays_counted(root: Any, path: Path, op: str, expected: Any) -> None:
    assert patch(root, path, op, 9) == expected


@pytest.mark.parametrize(
    ("root", "path", "op"),
    [
        ({"a": [1]}, ["a", 5], "set"),
        ({"a": [1]}, ["a", "x"], "set"),
        ({"a": [1]}, ["a", -1], "set"),
        ({"a": {}}, ["a", "x"], "remove"),
        ({"a": {}}, ["a", "x", "y"], "set"),
        ({"a": 1}, ["a", "x"], "set"),
        ({"a": {"$": "opaque", "type": "m.C"}}, ["a", "x"], "set"),
        ({"a": {"$": "set", "items": [1]}}, ["a", 0], "set"),
        ({"a": {"$": "object", "type": "m.C", "fields": {}}}, ["a", "x", 1], "set"),
        ({"a": {"$": "dict", "items": [[1, 2]]}}, ["a", 3], "remove"),
    ],
)
def test_a_path_that_leads_nowhere_makes_stale(root: Any, path: Path, op: str) -> None:
    changed = patch(root, path, op, 9)
    assert changed == {"a": {"$": "stale", "value": root["a"]}}
    assert is_stale(changed["a"])
    assert patch(changed, path, op, 9) == changed
    assert patch(changed, ["a"], "set", 9) == {"a": 9}


def test_a_stale_value_still_follows_what_it_can() -> None:
    stale = {"$": "stale", "value": {"x": 1}}
    assert patch(stale, ["x"], "set", 9) == {"$": "stale", "value": {"x": 9}}


@pytest.mark.parametrize("more", [[], [{"$": "more", "count": 1}]])
def test_a_key_that_is_set_unseen_counts_off_only_what_was_left_out(more: list[Any]) -> None:
    owned: Owned = {}
    mirror = {"$": "dict", "items": [[1, "x"], *more]}
    mirror = patch(mirror, [1], "set", "y", owned)  # from here on it is changed in place
    mirror = patch(mirror, ["<tuple>"], "set", "z", owned)
    assert mirror == {"$": "dict", "items": [[1, "y"], ["<tuple>", "z"]]}
