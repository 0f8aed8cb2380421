"""What leads from one VALUE to another, as changes that `patch` understands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .events import Change
from .patch import Value, is_more

_ORDERED = ("tuple", "deque")


def difference(old: Value, new: Value, span: int = 0) -> list[Change]:
    """The changes from one value to the other; what both share is not looked at.

    Applied one after another, they lead exactly there. The order of a dict's keys is no difference.
    """
    return list(_diff(old, new, (), span))


def is_same(old: Value, new: Value) -> bool:
    """Are the two the same value, types included?"""
    return old is new or next(_diff(old, new, (), 0), None) is None


def _diff(old: Value, new: Value, path: tuple[Any, ...], span: int) -> Iterator[Change]:
    if old is new:
        return
    if type(old) is not type(new):
        yield Change(span, path, "set", new, old)
    elif isinstance(old, list):
        yield from _diff_lists(old, new, path, span)
    elif isinstance(old, dict):
        yield from _diff_dicts(old, new, path, span)
    elif old != new or repr(old) != repr(new):  # 0.0 is not -0.0
        yield Change(span, path, "set", new, old)


def _diff_dicts(
    old: dict[str, Value], new: dict[str, Value], path: tuple[Any, ...], span: int
) -> Iterator[Change]:
    form = old.get("$")
    alike = form == new.get("$") and old.get("type") == new.get("type")
    if form is None and alike and not any(map(is_more, (*old.values(), *new.values()))):
        yield from _diff_keys(old, new, path, span)
    elif form == "object" and alike and _plain(old.get("fields")) and _plain(new.get("fields")):
        yield from _diff_keys(old["fields"], new["fields"], path, span)
        if old.get("repr") != new.get("repr"):
            yield Change(span, path, "set", new, old)
    elif form in _ORDERED and alike:
        yield from _diff_lists(old["items"], new["items"], path, span)
    elif form == "dict" and alike and _equal(_odd(old), _odd(new)) and not any(map(is_more, _odd(new))):
        yield from _diff_keys(_by_key(old), _by_key(new), path, span)
    elif not _equal(old, new):
        yield Change(span, path, "set", new, old)


def _diff_keys(
    old: dict[str, Value], new: dict[str, Value], path: tuple[Any, ...], span: int
) -> Iterator[Change]:
    for key, value in old.items():
        if key not in new:
            yield Change(span, (*path, key), "remove", None, value)
    for key, value in new.items():
        if key not in old:
            yield Change(span, (*path, key), "add", value)
        else:
            yield from _diff(old[key], value, (*path, key), span)


def _diff_lists(old: list[Value], new: list[Value], path: tuple[Any, ...], span: int) -> Iterator[Change]:
    if any(map(is_more, (*old[-1:], *new[-1:]))):
        if not _equal(old, new):
            yield Change(span, path, "set", new, old)
        return
    shortest = min(len(old), len(new))
    first = 0
    while first < shortest and is_same(old[first], new[first]):
        first += 1
    last = 0
    while last < shortest - first and is_same(old[-1 - last], new[-1 - last]):
        last += 1
    before, after = old[first : len(old) - last], new[first : len(new) - last]
    for at, (was, now) in enumerate(zip(before, after, strict=False)):
        yield from _diff(was, now, (*path, first + at), span)
    for at in range(len(before) - 1, len(after) - 1, -1):
        yield Change(span, (*path, first + at), "remove", None, before[at])
    for at in range(len(before), len(after)):
        yield Change(span, (*path, first + at), "add", after[at])


def _by_key(pairs: dict[str, Value]) -> dict[Any, Value]:
    return {pair[0]: pair[1] for pair in pairs["items"] if _has_key(pair)}


def _odd(pairs: dict[str, Value]) -> list[Value]:
    """Of a dict as pairs, those that are not looked into: keys that are tuples, and what stands for more."""
    return [pair for pair in pairs["items"] if not _has_key(pair)]


def _has_key(pair: Value) -> bool:
    return isinstance(pair, list) and type(pair[0]) in (str, int)


def _plain(fields: Value) -> bool:
    return isinstance(fields, dict) and "$" not in fields and not any(map(is_more, fields.values()))


def _equal(old: Value, new: Value) -> bool:
    """Without looking for where: types count, the order of keys does not."""
    if old is new:
        return True
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_equal(value, new[key]) for key, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_equal, old, new))
    return bool(old == new) and repr(old) == repr(new)
