from __future__ import annotations

import weakref
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowscope_engine import reading, snapshot
from flowscope_engine.diff import diff
from flowscope_engine.snapshot import Frozen, Opaque, Tree, Unscanned, freeze
from flowscope_engine.thaw import thaw


@dataclass
class Record:
    name: Any
    below: Any = None


@dataclass(slots=True)
class Slotted:
    name: Any
    below: Any = None


class Mixed(Slotted):
    """Slots, and a `__dict__` for the others."""


class Pair(NamedTuple):
    one: Any
    two: Any


class OwnList(list[Any]):
    pass


class OwnDict(dict[Any, Any]):
    pass


def scalar(random: Random) -> Any:
    """Some are equal and yet other objects, or of another type."""
    return random.choice(
        [
            None,
            True,
            1,
            1.0,
            0.0,
            -0.0,
            int("1000"),
            float("nan"),
            "".join("ab"),
            "a" * random.randrange(3),
            b"b",
        ]
    )


def key(random: Random) -> Any:
    return random.choice(["a", "b", "c", "d", 1, True, 1.0, ("t", 1), None])


def value(random: Random, depth: int) -> Any:
    if depth == 0 or random.random() < 0.3:
        return scalar(random)
    count = random.choice([0, 1, 2, 3, 3, 40]) if depth < 3 else random.randrange(3)
    inner = [value(random, depth - 1) for _ in range(count)]
    one, two = ([*inner, None, None])[:2]
    make: Callable[[], Any] = random.choice(
        [
            lambda: inner,
            lambda: inner,
            lambda: {f"k{at}": part for at, part in enumerate(inner)},
            lambda: {f"k{at}": part for at, part in enumerate(inner)},
            lambda: tuple(inner),
            lambda: deque(inner),
            lambda: OwnList(inner),
            lambda: OwnDict(enumerate(inner)),
            lambda: OrderedDict(enumerate(inner)),
            lambda: defaultdict(list, enumerate(inner)),
            lambda: {scalar(random) for _ in inner},
            lambda: frozenset(scalar(random) for _ in inner),
            lambda: Record(one, two),
            lambda: Slotted(one, two),
            lambda: Mixed(one, two),
            lambda: Pair(one, two),
            lambda: SimpleNamespace(one=one, inner=inner),
        ]
    )
    return make()


def containers(root: Any) -> list[Any]:
    """All that can be changed below a value."""
    found: dict[int, Any] = {}
    pending = [root]
    while pending:
        part = pending.pop()
        if id(part) in found or isinstance(part, (str, bytes)):
            continue
        found[id(part)] = part
        if isinstance(part, dict):
            pending += part.values()
        elif isinstance(part, (list, tuple, deque, set, frozenset)):
            pending += part
        elif isinstance(part, (Slotted, Record, SimpleNamespace)):
            pending += [getattr(part, name, None) for name in ("name", "below", "one", "inner", "extra")]
    return [
        part for part in found.values() if not isinstance(part, (tuple, frozenset, int, float, type(None)))
    ]


def mutate(root: dict[str, Any], random: Random) -> None:
    """One change, somewhere; the same container may come to stand in two places, or within itself."""
    everything = containers(root)
    target = random.choice([root, *everything])
    new = random.choice(
        [lambda: scalar(random), lambda: value(random, 2), lambda: random.choice(everything)]
    )()
    if isinstance(target, dict):
        name = random.choice([*target, key(random)])
        action = random.randrange(6)
        if action < 2:
            target[name] = new
        elif action == 2:
            target.pop(name, None)
        elif action == 3 and name in target:
            target[name] = target.pop(name)  # the same, at the end
        elif action == 4 and name in target:
            target[key(random)] = target.pop(name)
        elif isinstance(target.get(name), list):
            target[name] = [*target[name], new]  # another list, of the same parts
        if isinstance(target, OrderedDict) and name in target:
            target.move_to_end(name, last=False)
    elif isinstance(target, (list, deque)):
        at = random.randrange(len(target) + 1)
        action = random.randrange(5)
        if action == 0:
            target.append(new)
        elif action == 1:
            target.insert(at, new)
        elif action == 2 and at < len(target):
            target[at] = new
        elif action == 3 and at < len(target):
            del target[at]
        elif isinstance(target, deque):
            target.rotate(1)
        else:
            target.reverse()
    elif isinstance(target, set):
        random.choice([target.add, target.discard])(scalar(random))
    else:
        name = random.choice(["name", "below", *(["extra"] if hasattr(target, "__dict__") else [])])
        if random.random() < 0.2:
            with suppress(AttributeError):
                delattr(target, name)
        else:
            setattr(target, name, new)


def described(frozen: Frozen, names: dict[int, int] | None = None) -> Any:
    """A snapshot as text and numbers that tell all there is to it."""
    names = {} if names is None else names
    if not isinstance(frozen, (Tree, Opaque)):
        return type(frozen).__name__, repr(frozen)
    name = names.setdefault(id(frozen.source), len(names))
    if isinstance(frozen, Opaque):
        return type(frozen).__name__, name
    keys = None if frozen.keys is None else [repr(name) for name in frozen.keys]
    parts = [described(part, names) for part in frozen.parts]
    return frozen.kind, name, keys, sorted(parts) if "set" in frozen.kind else parts


@pytest.mark.parametrize("most", [2, 64])
def test_whatever_changes_a_snapshot_says_what_a_fresh_one_does(most: int) -> None:
    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 10**9))
    def check(seed: int) -> None:
        random = Random(seed)
        shared: dict[str, Any] = {name: value(random, 3) for name in "abcd"}
        now = freeze(shared)
        past = [(now, described(now))]
        for _ in range(8):
            for _ in range(random.randrange(3)):
                mutate(shared, random)
            before, now = now, freeze(shared, now)
            fresh = described(freeze(shared))
            assert described(now) == fresh
            assert freeze(shared, now) is now
            if now is before:
                assert not diff(before, now)
            past.append((now, fresh))
        random.shuffle(past)
        for frozen, description in past:
            thaw(frozen, now)
            now = freeze(shared, now)
            assert described(now) == description

    with pytest.MonkeyPatch.context() as patch:  # the fewer a run has, the more of them and of large ones
        patch.setattr(snapshot, "MOST", most)
        patch.setattr(reading, "MOST", most)
        check()


def test_equal_values_in_new_objects_change_nothing() -> None:
    shared: dict[str, Any] = {"n": int("1000"), "rows": [{"text": "".join("abc"), "at": float("2.5")}]}
    now = freeze(shared, freeze(shared))
    shared["n"] = int("1000")
    shared["rows"][0].update(text="".join("abc"), at=float("2.5"))
    assert freeze(shared, now) is now
    shared["rows"][0]["at"] = -0.0
    negative = freeze(shared, now)
    shared["rows"][0]["at"] = 0.0
    assert freeze(shared, negative) is not negative


def test_a_part_is_shared_unless_it_has_changed() -> None:
    shared: dict[str, Any] = {"chat": [{"at": at, "tags": ["t"]} for at in range(1_000)], "n": 0}
    before = freeze(shared, freeze(shared))
    shared["n"] = 1
    shared["chat"][500]["tags"].append("new")
    shared["chat"].insert(0, {"at": -1})
    after = freeze(shared, before)
    pairs = zip(after.parts[0].parts[1:], before.parts[0].parts, strict=True)
    assert [at for at, (part, was) in enumerate(pairs) if part is not was] == [500]
    assert freeze(shared, after) is after


class Hostile:
    """Nothing of it may be called."""

    armed = False

    def _fail(self, *args: Any) -> Any:
        if Hostile.armed:
            raise AssertionError("code of the user's was run")
        return NotImplemented

    __eq__ = __ne__ = __lt__ = __bool__ = __len__ = __iter__ = __contains__ = _fail

    def __hash__(self) -> int:
        return 1 if not Hostile.armed else self._fail()

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name) if not Hostile.armed else Hostile._fail(self)


class HostileDict(Hostile, dict[Any, Any]):
    keys = values = items = copy = __getitem__ = Hostile._fail  # type: ignore[assignment]


class HostileOrder(Hostile, OrderedDict[Any, Any]):
    keys = values = items = copy = __getitem__ = Hostile._fail  # type: ignore[assignment]


class HostileList(Hostile, list[Any]):
    __getitem__ = Hostile._fail  # type: ignore[assignment]


def test_no_code_of_the_program_runs() -> None:
    made = [Hostile(), HostileDict(), HostileOrder(), HostileList()]
    dict.__setitem__(made[1], Hostile(), [Hostile()])
    OrderedDict.__setitem__(made[2], "a", [Hostile()])
    list.append(made[3], Hostile())
    shared: dict[Any, Any] = {"made": made, Hostile(): 1, "n": Hostile(), "set": {Hostile()}}
    try:
        Hostile.armed = True
        now = freeze(shared)
        for part in (1, Hostile(), 2):
            shared["n"] = part
            now, before = freeze(shared, now), now
            assert diff(before, now)
            assert freeze(shared, now) is now
    finally:
        Hostile.armed = False


def test_an_order_of_keys_is_kept() -> None:
    shared = {"plain": {"a": 1, "b": 1}, "ordered": OrderedDict(a=1, b=1)}
    before = freeze(shared, freeze(shared))
    shared["plain"]["a"] = shared["plain"].pop("a")
    shared["ordered"].move_to_end("a")
    after = freeze(shared, before)
    thaw(before, after)
    assert [list(part) for part in shared.values()] == [["a", "b"], ["a", "b"]]
    thaw(after, freeze(shared, after))
    assert [list(part) for part in shared.values()] == [["b", "a"], ["b", "a"]]


def test_what_is_over_the_budget_hides_nothing_else() -> None:
    big = list(range(1_000))
    shared: dict[str, Any] = {"big": big, "chat": [{"text": "a"}]}
    before = freeze(shared, freeze(shared, None, 100), 100)
    assert type(before.parts[0]) is Unscanned
    big[0] = -1  # nobody can tell
    assert freeze(shared, before, 100) is before
    shared["chat"][0]["text"] = "b"
    after = freeze(shared, before, 100)
    assert [change.path for change in diff(before, after)] == [("chat", 0, "text")]
    big.clear()
    assert type(freeze(shared, after, 100).parts[0]) is Tree


class Own:
    pass


def test_a_snapshot_that_is_dropped_lets_go_of_what_it_held() -> None:
    shared: dict[str, Any] = {"rows": [[Own()] for _ in range(200)]}
    gone = weakref.ref(shared["rows"][100][0])
    now = freeze(shared, freeze(shared))
    other = weakref.ref(shared["rows"][101][0])
    assert gone() is not None
    shared["rows"][100].clear()
    shared["rows"][101] = None
    now = freeze(shared, now)
    assert gone() is None and other() is None
    assert freeze(shared, now) is now


def test_attributes_that_are_given_as_a_whole_are_seen() -> None:
    record = Record("a")
    shared = {"records": [record, Record("b")]}
    before = freeze(shared, freeze(shared))
    record.__dict__ = {"name": "c", "below": None}
    assert [change.path for change in diff(before, freeze(shared, before))] == [("records", 0, "name")]
