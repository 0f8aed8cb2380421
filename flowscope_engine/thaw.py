"""Snapshots given back: the very containers that were frozen get their parts back, in place.

It runs no code of the user's but the `__hash__` and `__eq__` of unusual keys and members. What a snapshot
keeps by reference comes back as the object it is now; `kept` names it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Any

from .diff import Change, diff, is_same, path_key
from .encode import type_name
from .parts import slots_of
from .snapshot import Cycle, Frozen, Opaque, Tree

_SEQUENCES = ("list", "deque")


def thaw(frozen: Frozen, now: Frozen = None) -> Any:
    """The value that was frozen. `now` is its latest snapshot: what is the same there is not touched."""
    known = {id(tree) for tree in _trees(now, set())}
    changed = list(_trees(frozen, known))
    for tree in changed:
        _fill(tree, [_live(part) for part in tree.parts])
    return _live(frozen)


def _live(frozen: Frozen) -> Any:
    return frozen.source if isinstance(frozen, (Tree, Opaque)) else frozen


def _trees(frozen: Frozen, met: set[int]) -> Iterator[Tree]:
    pending = [frozen]
    while pending:
        tree = pending.pop()
        if type(tree) is Tree and id(tree) not in met:
            met.add(id(tree))
            yield tree
            pending += tree.parts


def _fill(tree: Tree, parts: list[Any]) -> None:
    """Make these the parts of the container, by its builtin's own methods."""
    source: Any = tree.source
    if tree.kind == "list":
        list.__setitem__(source, slice(None), parts)
    elif tree.kind == "dict":
        base: Any = OrderedDict if isinstance(source, OrderedDict) else dict
        base.clear(source)
        for key, part in zip(tree.keys or (), parts, strict=True):
            base.__setitem__(source, key, part)
    elif tree.kind == "set":
        set.clear(source)
        set.update(source, parts)
    elif tree.kind == "deque":
        deque.clear(source)
        deque.extend(source, parts)
    elif tree.kind == "object" and not isinstance(source, tuple):
        _fill_fields(source, dict(zip(map(str, tree.keys or ()), parts, strict=True)))


def _fill_fields(source: Any, fields: dict[str, Any]) -> None:
    for name, slot in slots_of(type(source)):
        if name in fields:
            slot.__set__(source, fields.pop(name))
        else:
            try:
                slot.__delete__(source)
            except AttributeError:
                pass  # it had no value either
    try:
        held = object.__getattribute__(source, "__dict__")
    except AttributeError:
        return
    dict.clear(held)
    dict.update(held, fields)


def kept(frozen: Frozen) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Path and type of all that `thaw` gives back by reference, though it may have changed inside."""
    pending: list[tuple[tuple[Any, ...], Frozen]] = [((), frozen)]
    met: set[int] = set()
    while pending:
        path, part = pending.pop()
        if type(part) is Tree:
            if id(part) not in met:
                met.add(id(part))
                keys = range(len(part.parts)) if part.keys is None else part.keys
                below = zip(keys, part.parts, strict=True)
                pending += [((*path, path_key(key)), inner) for key, inner in below][::-1]
        elif isinstance(part, Opaque) and type(part) is not Cycle and not callable(part.source):
            yield path, type_name(type(part.source))


def without(now: Frozen, before: Frozen, after: Frozen) -> tuple[Frozen, list[tuple[Any, ...]]]:
    """`now` with what led from `before` to `after` taken back, and the paths others have changed since."""
    left: list[tuple[Any, ...]] = []
    for change in reversed(diff(before, after)):
        undone = _take_back(now, change.path, change)
        if undone is None:
            left.append(change.path)
        else:
            now = undone[0]
    return now, left


def _take_back(frozen: Frozen, path: tuple[Any, ...], change: Change) -> tuple[Frozen] | None:
    if not path:
        return (change.old,) if change.op == "set" and is_same(frozen, change.new) else None
    if type(frozen) is not Tree:
        return None
    keys = list(range(len(frozen.parts))) if frozen.keys is None else list(map(path_key, frozen.keys))
    if isinstance(frozen.source, tuple) and type(frozen.source) is not tuple:
        return None
    parts = list(frozen.parts)
    at = keys.index(path[0]) if path[0] in keys else None
    if len(path) > 1 or change.op == "set":
        below = None if at is None else _take_back(parts[at], path[1:], change)
        if at is None or below is None:
            return None
        parts[at] = below[0]
        source = tuple(map(_live, parts)) if type(frozen.source) is tuple else frozen.source
        return (Tree(frozen.kind, source, frozen.keys, tuple(parts)),)
    if type(frozen.source) is tuple:
        return None
    if change.op == "add":
        return _remove(frozen, parts, at, change.new)
    return _put_back(frozen, parts, at, path[0], change.old)


def _remove(frozen: Tree, parts: list[Frozen], at: int | None, new: Frozen) -> tuple[Frozen] | None:
    if frozen.keys is None and (at is None or not is_same(parts[at], new)):  # others have moved it
        at = next((number for number, part in enumerate(parts) if is_same(part, new)), None)
    if at is None or not is_same(parts[at], new):
        return None
    del parts[at]
    keys = None if frozen.keys is None else frozen.keys[:at] + frozen.keys[at + 1 :]
    return (Tree(frozen.kind, frozen.source, keys, tuple(parts)),)


def _put_back(
    frozen: Tree, parts: list[Frozen], at: int | None, key: Any, old: Frozen
) -> tuple[Frozen] | None:
    if frozen.keys is not None:
        if at is not None:
            return None
        return (Tree(frozen.kind, frozen.source, (*frozen.keys, key), (*parts, old)),)
    if frozen.kind not in _SEQUENCES or key > len(parts):
        return None
    parts.insert(key, old)
    return (Tree(frozen.kind, frozen.source, None, tuple(parts)),)
