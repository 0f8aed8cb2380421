from __future__ import annotations

import copy
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowscope_engine.snapshot import freeze
from flowscope_engine.thaw import kept, thaw, without


@dataclass
class Point:
    x: int
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Slots:
    a: int
    b: list[int]


class Private:
    __slots__ = ("__hidden", "shown")

    def __init__(self) -> None:
        self.__hidden = self.shown = 1


class Model:
    """Stores what a pydantic model stores."""

    __slots__ = ("__dict__", "__pydantic_fields_set__")
    __pydantic_fields__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
        object.__setattr__(self, "__pydantic_fields_set__", {"name"})


_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=2), inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from("abcd"), _VALUES), st.dictionaries(st.sampled_from("abcd"), _VALUES))
def test_what_was_frozen_comes_back_in_place(before: dict[str, Any], after: dict[str, Any]) -> None:
    shared = before
    expected, frozen = copy.deepcopy(before), freeze(shared)
    shared.update(after)
    shared.pop("a", None)
    for part in shared.values():
        if isinstance(part, list):
            part.append("more")
    assert thaw(frozen, freeze(shared, frozen)) is shared
    assert shared == expected
    assert list(shared) == list(expected)


def test_containers_of_all_kinds_keep_their_identity() -> None:
    shared: dict[str, Any] = {
        "ordered": OrderedDict(a=1, b=2),
        "default": defaultdict(list, a=[1]),
        "set": {1, 2},
        "deque": deque([1, 2], maxlen=2),
        "point": Point(1),
        "slots": Slots(1, [1]),
        "private": Private(),
        "tuple": ([1], "x"),
        "twice": [],
    }
    shared["again"] = shared["twice"]
    private = shared["private"]
    before, expected = dict(shared), copy.deepcopy(shared)
    expected["private"] = private
    frozen = freeze(shared)
    shared["ordered"].move_to_end("a")
    shared["ordered"]["c"] = 3
    shared["default"]["b"].append(2)
    shared["set"].add(3)
    shared["deque"].append(3)
    shared["point"].x, shared["point"].tags, shared["point"].new = 2, ["t"], True
    shared["slots"].b.append(2)
    shared["tuple"][0].append(2)
    shared["twice"].append(1)
    shared["again"] = []
    private.shown = 2
    thaw(frozen)
    assert shared == expected
    assert all(shared[key] is value for key, value in before.items())
    assert list(shared["ordered"].items()) == [("a", 1), ("b", 2)]
    assert not hasattr(shared["point"], "new")
    assert shared["deque"].maxlen == 2
    assert (private.shown, private._Private__hidden) == (1, 1)
    shared["default"]["new"].append(1)


def test_what_is_by_reference_is_named_and_left() -> None:
    client = object()
    shared = {"client": client, "list": [open], "n": 1}
    frozen = freeze(shared)
    shared.clear()
    thaw(frozen)
    assert shared["client"] is client
    assert list(kept(frozen)) == [(("client",), "object")]


def test_one_lanes_doing_is_taken_back_and_the_others_stays() -> None:
    shared: dict[str, Any] = {"log": ["a"], "mine": 0, "both": 0}
    start = freeze(shared)
    shared["log"].append("mine")
    shared.update(mine=1, both=1, new={})
    mine = freeze(shared, start)
    shared["log"].insert(0, "theirs")
    shared.update(both=2, theirs=True)
    now = freeze(shared, mine)
    target, left = without(now, start, mine)
    thaw(target, now)
    assert shared == {"log": ["theirs", "a"], "mine": 0, "both": 2, "theirs": True}
    assert left == [("both",)]


def test_what_pydantic_notes_for_itself_is_left_alone() -> None:
    model = Model("old")
    frozen = freeze({"model": model})
    model.name = "new"
    thaw(frozen)
    assert (model.name, model.__pydantic_fields_set__) == ("old", {"name"})
