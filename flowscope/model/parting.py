"""Where a span and its twin in another run part ways: in a value, the action, the end."""

from __future__ import annotations

import re
from typing import NamedTuple

from .changes import merged
from .compare import difference, is_same
from .events import Change
from .patch import Value, is_more
from .pretty import is_cut, text_of
from .spans import Span
from .text import counted, one_line
from .values import path_text, preview

_WIDTH = 100  # columns of a value
_BEFORE = 12  # characters of a text before the first that differs
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


Changes = dict[tuple[Value, ...], Change]
"""By the path of `shared`."""


class Parting(NamedTuple):
    """One difference, and both its sides."""

    kind: str
    """visit, action, end or value."""
    where: str
    """`Decide#2`, `context of Search.post`, `result of Search.exec`."""
    one: str
    other: str
    """What each side has there, in one line."""


class Twins(NamedTuple):
    """A span of one run and the one at its place in another, and how much is known of them."""

    a: Span
    b: Span
    ended: bool = True
    """Both are known up to their end."""
    has_changes: bool = True
    """What they changed in `shared` is kept of both."""

    def at_begin(self) -> list[Parting]:
        """What they begin with: params, an item's value, what prep made; a run's `shared`."""
        a, b = self.a, self.b
        found = [_differing(f"params of {a.name}", a.params, b.params)]
        if a.kind == "item":
            found.append(_differing(f"value of {a.name}", a.value, b.value))
        found.append(self._phase("prep"))
        if a.kind == "run" and self.has_changes:
            found.append(_changed(a, merged(a.changes), merged(b.changes)))
        return [parting for parting in found if parting is not None][:1]

    def at_end(self) -> list[Parting]:
        """What became of them."""
        a, b = self.a, self.b
        found: list[Parting | None] = []
        if a.kind == "item" and self.ended and a.status == b.status:
            found.append(_differing(f"result of {a.name}", a.result, b.result))
        found += [self._phase("exec"), self._phase("post")]
        if self.ended and self.has_changes:
            found.append(_changed(a, changes_of(a), changes_of(b)))
        values = [parting for parting in found if parting is not None][:1]
        return [*values, *self._outcome()] if self.ended else values

    def has_cut(self) -> bool:
        """Is of something that both began with, made or changed only the beginning known?"""
        values = [self.a.params, self.a.value, self.a.result]
        values += [phase.result for phase in self.a.standing if phase.kind in ("prep", "exec")]
        values += [change.new for below in self.a.own() for change in below.changes]
        return any(map(is_partial, values))

    def _outcome(self) -> list[Parting]:
        return [each for each in (_action(self.a, self.b), _end(self.a, self.b)) if each is not None]

    def _phase(self, kind: str) -> Parting | None:
        """The first value that differs in a phase of both that went well."""
        one, other = (_phase(span, kind) for span in (self.a, self.b))
        if one is None or other is None:
            return None
        if self.has_changes and self.ended:
            parting = _changed(one, changes_of(one), changes_of(other))
            if parting is not None:
                return parting
        if (one.status, other.status) != ("ok", "ok"):
            return None
        return _differing(f"result of {one.place}", one.result, other.result)


def _phase(span: Span, kind: str) -> Span | None:
    return next((child for child in span.standing if child.kind == kind), None)


def _action(a: Span, b: Span) -> Parting | None:
    if a.action == b.action or a.kind == "item" or (a.status, b.status) != ("ok", "ok"):
        return None
    sides = [one_line(repr(span.action), _WIDTH) for span in (a, b)]
    return Parting("action", a.name, sides[0], sides[1])


def _end(a: Span, b: Span) -> Parting | None:
    tries = [attempts(span) for span in (a, b)]
    sides = [one_line(outcome(span), _WIDTH) for span in (a, b)]
    if len(tries[0]) != len(tries[1]) and all(tries):  # of an exec that was replayed there are none
        sides = [f"{side}, {counted(len(each), 'attempt')}" for side, each in zip(sides, tries, strict=True)]
    is_same = _ADDRESS.sub("", sides[0]) == _ADDRESS.sub("", sides[1])
    return None if is_same else Parting("end", a.name, sides[0], sides[1])


def outcome(span: Span) -> str:
    """How it ended: `ok`, `failed (ValueError: boom)`."""
    return span.status if span.error is None else f"{span.status} ({span.error})"


def attempts(span: Span) -> list[Span]:
    """Those of an item, or of a visit's exec."""
    phase = span if span.kind == "item" else _phase(span, "exec")
    return [] if phase is None else [child for child in phase.children if child.kind == "attempt"]


def _changed(a: Span, ours: Changes, theirs: Changes) -> Parting | None:
    """The first place of `shared` that the two leave differently."""
    for path in {**ours, **theirs}:
        mine, yours = ours.get(path), theirs.get(path)
        if mine is None or yours is None or (mine.op == "remove") != (yours.op == "remove"):
            where = f"{path_text(path) or 'shared'} of {a.name}"
            return Parting("value", where, _said(mine), _said(yours))
        if (found := first_difference(mine.new, yours.new)) is not None:
            where = f"{path_text((*path, *found.path)) or 'shared'} of {a.name}"
            return Parting("value", where, *_sides(found))
    return None


def changes_of(span: Span) -> Changes:
    """What a visit or phase changed in `shared`, by path."""
    return merged(change for below in span.own() for change in below.changes)


def _said(change: Change | None) -> str:
    if change is None:
        return "not changed"
    return "removed" if change.op == "remove" else preview(change.new, _WIDTH)


def _differing(where: str, one: Value, other: Value) -> Parting | None:
    found = first_difference(one, other)
    if found is None:
        return None
    where = f"{path_text(found.path)} in the {where}" if found.path else where
    return Parting("value", where, *_sides(found))


def first_difference(one: Value, other: Value) -> Change | None:
    """The first one that says something of the program."""
    return next((change for change in difference(one, other) if not _is_elsewhere(change)), None)


def _is_elsewhere(change: Change) -> bool:
    """Is the difference only where in memory an object stands, or in which order a set was gone through?"""
    if not (isinstance(change.old, dict) and isinstance(change.new, dict)):
        return False
    return is_same(steady(change.old), steady(change.new))


def steady(value: Value) -> Value:
    """The value without what another process has otherwise: addresses, the order of sets."""
    if isinstance(value, list):
        return [steady(held) for held in value]
    if not isinstance(value, dict):
        return value
    named: dict[str, Value] = {
        key: without_addresses(held) if key == "repr" and isinstance(held, str) else steady(held)
        for key, held in value.items()
    }
    if named.get("$") in ("set", "frozenset"):
        named["items"] = sorted(named.get("items") or (), key=lambda held: (is_more(held), repr(held)))
    return named


def without_addresses(text: str) -> str:
    """The text without where in memory things stand."""
    return _ADDRESS.sub("0x…", text)


def is_partial(value: Value) -> bool:
    """Is something of the value not known: a long text cut, elements left out, what was not looked at?"""
    if isinstance(value, list):
        return any(map(is_partial, value))
    if not isinstance(value, dict):
        return False
    return (
        value.get("$") in ("more", "unscanned", "stale")
        or is_cut(value)
        or any(map(is_partial, value.values()))
    )


def _sides(change: Change) -> tuple[str, str]:
    """Both in one line; of long texts the part where they begin to differ."""
    old, new = text_of(change.old), text_of(change.new)
    if old is not None and new is not None and change.op == "set":
        unlike = (at for at, (x, y) in enumerate(zip(old, new, strict=False)) if x != y)
        begin = next(unlike, min(len(old), len(new))) - _BEFORE
        if begin > _BEFORE:
            cut = ("…" + preview(text[begin:], _WIDTH - 1) for text in (old, new))
            return next(cut), next(cut)
    one = "nothing" if change.op == "add" else preview(change.old, _WIDTH)
    other = "nothing" if change.op == "remove" else preview(change.new, _WIDTH)
    return one, other
