"""Where two runs part ways: the first visit, action, end and value that are not the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .branches import Branch, instead
from .changes import merged
from .compare import difference, is_same
from .events import Change
from .model import Model
from .patch import Value
from .spans import Span
from .text import one_line
from .values import path_text, preview

_WIDTH = 100  # columns of a value
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_KINDS = ("run", "visit", "item")


class Parting(NamedTuple):
    """One difference, and both its sides; what a side does not have is None."""

    kind: str
    """visit, action, end or value."""
    where: str
    """`Decide#2`, `context of Search.post`, `result of Search.exec`."""
    one: str
    other: str
    """What each side has there, in one line."""
    spans: tuple[Span | None, Span | None]


class Comparison(NamedTuple):
    """How far two runs are alike, and the first difference of each kind, in the order they come."""

    alike: int
    """Visits before anything is different."""
    partings: list[Parting]


def compare_models(one: Model, other: Model) -> Comparison:
    """Two programs, from their beginning; branches that were abandoned are left out."""
    return compare(in_order(one.runs), in_order(other.runs))


def compare_branch(branch: Branch) -> Comparison:
    """An abandoned branch, and what was done instead."""
    return compare(branch.visits, instead(branch))


def in_order(runs: Iterable[Span]) -> list[Span]:
    """Runs, visits, and items that hold visits: as the program is written, whichever lane was faster."""
    found: list[Span] = []
    pending = [run for run in runs if run.parent is None][::-1]
    while pending:
        span = pending.pop()
        if span.branch is not None:
            continue
        if span.kind in _KINDS:
            found.append(span)
        children = sorted(span.children, key=lambda child: -1 if child.item is None else child.item)
        pending += reversed(children)
    return found


def compare(one: Sequence[Span], other: Sequence[Span]) -> Comparison:
    """Two sequences of visits: after the first visit that differs, nothing is compared any more."""
    found: dict[str, Parting] = {}
    alike = visits = 0
    for a, b in zip(one, other, strict=False):
        if _mark(a) != _mark(b):
            found["visit"] = Parting("visit", f"after {visits} visits", a.name, b.name, (a, b))
            break
        for parting in (_value(a, b), _action(a, b), _end(a, b)):
            if parting is not None:
                found.setdefault(parting.kind, parting)
        if a.kind == "visit" or (a.kind == "run" and not a.is_flow):
            visits += 1
            alike += not found
    else:
        if len(one) != len(other):
            more, others = [next(iter(rest), None) for rest in (one[len(other) :], other[len(one) :])]
            sides = [span.name if span is not None else "nothing more" for span in (more, others)]
            found["visit"] = Parting("visit", "at the end", sides[0], sides[1], (more, others))
    return Comparison(alike, list(found.values()))


def _mark(span: Span) -> tuple[str, str, int | None]:
    return span.kind, span.label, span.item


def _action(a: Span, b: Span) -> Parting | None:
    if a.action == b.action or a.kind == "item":
        return None
    sides = [one_line(repr(span.action), _WIDTH) for span in (a, b)]
    return Parting("action", a.name, sides[0], sides[1], (a, b))


def _end(a: Span, b: Span) -> Parting | None:
    sides = [
        one_line(span.status if span.error is None else f"{span.status} ({span.error})", _WIDTH)
        for span in (a, b)
    ]
    return None if sides[0] == sides[1] else Parting("end", a.name, sides[0], sides[1], (a, b))


def _value(a: Span, b: Span) -> Parting | None:
    """The first value that differs, in the order in which a visit makes them."""
    if (parting := _differing(f"params of {a.name}", a, b, a.params, b.params)) is not None:
        return parting
    if a.kind == "item":
        return _differing(f"value of {a.name}", a, b, a.value, b.value)
    results = {span.kind: span for span in b.children if span.kind in ("prep", "exec")}
    for phase in a.children:
        twin = results.get(phase.kind)
        if twin is not None and (parting := _phase(phase, twin)) is not None:
            return parting
    return _changed(a, b)


def _phase(a: Span, b: Span) -> Parting | None:
    changes = _changes(a), _changes(b)
    if changes[0] or changes[1]:
        parting = _changed(a, b)
        if parting is not None:
            return parting
    return _differing(f"result of {a.place}", a, b, a.result, b.result)


def _changed(a: Span, b: Span) -> Parting | None:
    """The first place of `shared` that the two leave differently."""
    ours, theirs = _changes(a), _changes(b)
    for path in {**ours, **theirs}:
        mine, yours = ours.get(path), theirs.get(path)
        if mine is None or yours is None:
            where = f"{path_text(path) or 'shared'} of {a.name}"
            return Parting("value", where, _said(mine), _said(yours), (a, b))
        if (found := _first(mine.new, yours.new)) is not None:
            where = f"{path_text((*path, *found.path)) or 'shared'} of {a.name}"
            return Parting("value", where, _text(found, found.old), _text(found, found.new), (a, b))
    return None


def _changes(span: Span) -> dict[tuple[Value, ...], Change]:
    return merged(change for below in span.own() for change in below.changes)


def _said(change: Change | None) -> str:
    if change is None:
        return "not changed"
    return "removed" if change.op == "remove" else preview(change.new, _WIDTH)


def _differing(where: str, a: Span, b: Span, one: Value, other: Value) -> Parting | None:
    found = _first(one, other)
    if found is None:
        return None
    where = f"{path_text(found.path)} in the {where}" if found.path else where
    return Parting("value", where, _text(found, found.old), _text(found, found.new), (a, b))


def _first(one: Value, other: Value) -> Change | None:
    return next((change for change in difference(one, other) if not _is_elsewhere(change)), None)


def _is_elsewhere(change: Change) -> bool:
    """Is the difference only where in memory an object stands?"""
    if not (isinstance(change.old, dict) and isinstance(change.new, dict)):
        return False
    return is_same(_steady(change.old), _steady(change.new))


def _steady(value: Value) -> Value:
    if isinstance(value, dict):
        return {
            key: _ADDRESS.sub("0x", held) if key == "repr" and isinstance(held, str) else _steady(held)
            for key, held in value.items()
        }
    return [_steady(held) for held in value] if isinstance(value, list) else value


def _text(change: Change, value: Value) -> str:
    is_missing = (change.op, value is change.old) in (("add", True), ("remove", False))
    return "nothing" if is_missing else preview(value, _WIDTH)
