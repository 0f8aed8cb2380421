"""Changes of a VALUE along a path, copied along that path: older values stay as they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Value = Any
"""Tagged JSON, as docs/protocol.md defines it; here also `{"$": "stale", "value": last known}`."""

Owned = dict[int, Any]
"""Containers, by identity, that the caller allows to be changed in place: copies made for it before."""

MORE = "…"
"""The key under which an object says how many keys were left out."""

_LISTS = ("tuple", "deque")


def patch(root: Value, path: Sequence[Any], op: str, value: Value, owned: Owned | None = None) -> Value:
    """`root` with `value` set, added or removed (`op`) at `path`.

    Changes of a list apply one after another: add inserts before the index, remove closes the gap. A
    container in which the path cannot be followed becomes stale: its last known value, marked as such.
    """
    if not path:
        return value
    if isinstance(root, list):
        return _in_list(root, path, op, value, owned)
    if not isinstance(root, dict):
        return _stale(root)
    if "$" in root:
        return _in_form(root, path, op, value, owned)
    if isinstance(path[0], str) and not path[0].startswith("$"):
        return _in_dict(root, path, op, value, owned)
    pairs = {"$": "dict", "items": [_pair(key, held) for key, held in root.items()]}
    return _in_form(pairs, path, op, value, owned)


def is_more(value: Value) -> bool:
    """Whether this stands for elements that were left out."""
    return isinstance(value, dict) and value.get("$") == "more"


def _pair(key: str, value: Value) -> Value:
    return value if key == MORE and is_more(value) else [key, value]


def _stale(value: Value) -> Value:
    return value if _is_stale(value) else {"$": "stale", "value": value}


def _is_stale(value: Value) -> bool:
    return isinstance(value, dict) and value.get("$") == "stale"


def _own(container: Any, owned: Owned | None) -> Any:
    if owned is None:
        return container.copy()
    if owned.get(id(container)) is not container:
        container = container.copy()
        owned[id(container)] = container
    return container


def _in_form(form: Value, path: Sequence[Any], op: str, value: Value, owned: Owned | None) -> Value:
    kind = form["$"]
    if kind == "unscanned":
        return form  # known to be unknown
    inner = {"stale": "value", "object": "fields"}.get(kind, "items")
    held = form.get(inner)
    if kind == "stale":
        changed = patch(held, path, op, value, owned)
    elif kind == "object" and isinstance(held, dict):
        changed = _in_dict(held, path, op, value, owned)
    elif kind in _LISTS and isinstance(held, list):
        changed = _in_list(held, path, op, value, owned)
    elif kind == "dict" and isinstance(held, list):
        changed = _in_pairs(held, path, op, value, owned)
    else:
        return _stale(form)
    if changed is held:
        return form
    if _is_stale(changed):
        return changed if kind == "stale" else _stale(form)
    form = _own(form, owned)
    form[inner] = changed
    return form


def _in_dict(
    held: dict[str, Value], path: Sequence[Any], op: str, value: Value, owned: Owned | None
) -> Value:
    key, rest = path[0], path[1:]
    more = held.get(MORE)
    more = more if is_more(more) else None
    if key not in held:
        if (rest or op == "remove") and more is None:
            return _stale(held)
        if rest:
            return held  # changed within what was left out
        held = _own(held, owned)
        if more is not None:
            del held[MORE]  # stays last
        if op != "remove":
            held[key] = value
        # A key that is new leaves as many out as before; another one was among those left out.
        if more is not None and (left := _fewer(more, 0 if op == "add" else 1)) is not None:
            held[MORE] = left
        return held
    changed = None
    if rest and (changed := patch(held[key], rest, op, value, owned)) is held[key]:
        return held
    held = _own(held, owned)
    if rest:
        held[key] = changed
    elif op == "remove":
        del held[key]
    else:
        held[key] = value
    return held


def _in_list(held: list[Value], path: Sequence[Any], op: str, value: Value, owned: Owned | None) -> Value:
    at, rest = path[0], path[1:]
    more = held[-1] if held and is_more(held[-1]) else None
    shown = len(held) - (more is not None)
    if isinstance(at, bool) or not isinstance(at, int) or at < 0:
        return _stale(held)
    adds = op == "add" and not rest
    if at >= shown + adds:
        return _stale(held) if more is None else _beyond(held, rest, op, owned)
    if rest:
        changed = patch(held[at], rest, op, value, owned)
        if changed is held[at]:
            return held
        value = changed
    held = _own(held, owned)
    if adds:
        held.insert(at, value)
    elif op == "remove" and not rest:
        del held[at]
    else:
        held[at] = value
    return held


def _beyond(held: list[Value], rest: Sequence[Any], op: str, owned: Owned | None) -> Value:
    """A change of what was left out at the end of a list."""
    if rest or op not in ("add", "remove"):
        return held
    held = _own(held, owned)
    left = _fewer(held.pop(), 1 if op == "remove" else -1)
    if left is not None:
        held.append(left)
    return held


def _fewer(more: Value, by: int) -> Value:
    count = more.get("count", 0) - by
    return {"$": "more", "count": count} if count > 0 else None


def _in_pairs(held: list[Value], path: Sequence[Any], op: str, value: Value, owned: Owned | None) -> Value:
    """Pairs of key and value are changed as the list they are, `[at, 1]` being the value of the pair."""
    key, rest = path[0], path[1:]
    pairs = len(held) - bool(held and is_more(held[-1]))
    for at in range(pairs):
        found = held[at][0]
        if found == key and type(found) is type(key):
            if op == "remove" and not rest:
                return _in_list(held, [at], op, value, owned)
            return _in_list(held, [at, 1, *rest], op if rest else "set", value, owned)
    if rest or op == "remove":
        return _in_list(held, [pairs, *rest], op, value, owned)
    # A key that is set without being shown was among those left out.
    was_left_out = op == "set" and len(held) > pairs  # asked before: `held` may be changed in place
    added = _in_list(held, [pairs], "add", [key, value], owned)
    return _beyond(added, (), "remove", owned) if was_left_out else added
