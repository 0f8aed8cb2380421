"""Several changes of the same path, as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .events import Change


def merged(changes: Iterable[Change]) -> dict[tuple[Any, ...], Change]:
    """From before the first to after the last change of each path; what came and went is left out.

    Indices of a list are taken as they stand: an element that moved counts as another path.
    """
    found: dict[tuple[Any, ...], Change] = {}
    for change in changes:
        first = found.pop(change.path, None)
        op = change.op if first is None else _OPS.get((first.op, change.op), change.op)
        if op is not None:
            old = change.old if first is None else first.old
            if op == "set" and _is_same(old, change.new):
                continue  # there and back, by an undo for instance
            found[change.path] = Change(change.span, change.path, op, change.new, old)
    return found


def _is_same(old: Any, new: Any) -> bool:
    """Surely: of what is not plain, the same beginning says nothing."""
    return type(old) is type(new) and not isinstance(old, dict | list) and bool(old == new)


_OPS: dict[tuple[str, str], str | None] = {
    ("add", "set"): "add",
    ("add", "remove"): None,
    ("remove", "add"): "set",
}
