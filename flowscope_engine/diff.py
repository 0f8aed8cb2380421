"""Where two snapshots differ; what they share is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .parts import SCALARS, different
from .snapshot import Frozen, Opaque, Tree

MAX_CHANGES = 1_000  # of one diff; beyond it the whole value counts as set

_SEQUENCES = ("list", "tuple", "deque")


class Change(NamedTuple):
    """One difference: op is set, add or remove. Changes of a list apply one after another."""

    path: tuple[Any, ...]
    op: str
    old: Frozen
    new: Frozen


def diff(old: Frozen, new: Frozen) -> list[Change]:
    """What leads from one snapshot to the other; a single `set` of the whole where it is very much."""
    changes: list[Change] = []
    for change in () if old is new else _diff(old, new, ()):
        changes.append(change)
        if len(changes) > MAX_CHANGES:
            return [Change((), "set", old, new)]
    return changes


def _diff(old: Frozen, new: Frozen, path: tuple[Any, ...]) -> Iterator[Change]:
    if old is new:
        return
    if not (type(old) is type(new) is Tree and old.kind == new.kind and type(old.source) is type(new.source)):
        yield Change(path, "set", old, new)
    elif old.keys is not None and new.keys is not None:
        yield from _diff_keys(old, new, path)
    elif new.kind in _SEQUENCES:
        yield from _diff_items(old.parts, new.parts, path)
    elif set(map(_identity, old.parts)) != set(map(_identity, new.parts)):
        yield Change(path, "set", old, new)  # a set has no places


def _diff_keys(old: Tree, new: Tree, path: tuple[Any, ...]) -> Iterator[Change]:
    if old.keys is not None and old.keys is new.keys:
        for at in different(old.parts, new.parts):
            was, now, below = old.parts[at], new.parts[at], (*path, path_key(old.keys[at]))
            if type(now) is Tree:
                yield from _diff(was, now, below)
            else:
                yield Change(below, "set", was, now)
        return
    before = {_identity(key): (key, part) for key, part in zip(old.keys or (), old.parts, strict=True)}
    after = {_identity(key): (key, part) for key, part in zip(new.keys or (), new.parts, strict=True)}
    for mark, (key, part) in before.items():
        if mark not in after:
            yield Change((*path, path_key(key)), "remove", part, None)
    for mark, (key, part) in after.items():
        if mark not in before:
            yield Change((*path, path_key(key)), "add", None, part)
        elif part is not before[mark][1]:
            yield from _diff(before[mark][1], part, (*path, path_key(key)))


def _diff_items(old: tuple[Any, ...], new: tuple[Any, ...], path: tuple[Any, ...]) -> Iterator[Change]:
    first = _alike(old, new)
    before, after = old[first:], new[first:]
    if last := _alike(before[::-1], after[::-1]):
        before, after = before[:-last], after[:-last]
    for at in different(before, after):
        yield from _diff(before[at], after[at], (*path, first + at))
    for at in range(len(before) - 1, len(after) - 1, -1):
        yield Change((*path, first + at), "remove", before[at], None)
    for at in range(len(before), len(after)):
        yield Change((*path, first + at), "add", None, after[at])


def _alike(old: tuple[Any, ...], new: tuple[Any, ...]) -> int:
    """How many parts at the begin are the same."""
    unlike = (at for at in different(old, new) if not is_same(old[at], new[at]))
    return next(unlike, min(len(old), len(new)))


def is_same(a: Frozen, b: Frozen) -> bool:
    """Do two snapshots differ in nothing?"""
    return a is b or next(_diff(a, b, ()), None) is None


def _identity(key: Any) -> Any:
    """What tells keys apart without asking the user's `__eq__`."""
    if type(key) in SCALARS:
        return type(key), key
    return (Opaque, id(key.source)) if isinstance(key, Opaque) else id(key)


def path_key(key: Any) -> str | int:
    """A key as an element of a path: text and whole numbers as they are, anything else as its text."""
    if type(key) in (str, int):
        return key  # type: ignore[no-any-return]
    return repr(key) if type(key) in SCALARS else f"<{type(key).__name__}>"
