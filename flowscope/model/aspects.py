"""One row of a comparison in detail: what each side began with, made, changed and ended as."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .comparison import Comparison, Row
from .parting import Changes, attempts, changes_of, first_difference, is_partial, outcome, steady
from .patch import Value
from .pretty import is_cut, pretty, text_of
from .spans import Span
from .text import counted
from .textdiff import Line, lines
from .values import path_text, preview

_SHORT = 60  # characters of a text that is written as Python would
_NARROW = 20  # columns of what has no element a line, where other values have
_AROUND = 2  # equal lines shown before and after a different one
_MOST = 60  # lines of one aspect, unless all are wanted
_FEW = 8  # items that are named


class Words(str):
    """Said by us; no value of the program."""


NOTHING = Words("")


class Aspect(NamedTuple):
    """Something that both sides may have: a VALUE, or words on it."""

    name: str
    one: Value
    other: Value
    is_same: bool
    is_known: bool = True
    """False: of one side, or of both, not all is known; where it is, nothing is different."""

    @property
    def sign(self) -> str:
        """=, ~, or a point for what is not known."""
        return "·" if not self.is_known else "=" if self.is_same else "~"

    @property
    def has_both(self) -> bool:
        """Is there something on both sides?"""
        return self.one is not NOTHING and self.other is not NOTHING

    @property
    def shown(self) -> Value:
        """That of the side that has it."""
        return self.other if self.one is NOTHING else self.one

    def lines(self, is_full: bool) -> list[Line]:
        """Both sides; unless all is wanted, what is different and what is near to it."""
        if self.is_same and not is_full:
            return []
        if self.shown is NOTHING:
            return []
        one, other = _texts(self.one, self.other)
        if one is None or other is None:
            alone = [[(text, True)] for text in (one or other or "").splitlines()]
            found = [Line(text, None) if other is None else Line(None, text) for text in alone]
        else:
            found = lines(one, other, None if is_full else _AROUND)
        left_out = len(found) - _MOST
        if is_full or left_out <= 0:
            return found
        return [*found[:_MOST], Line([], [], True, left_out)]


def aspects(comparison: Comparison, at: int) -> list[Aspect]:
    """All there is to a row; what is different comes first."""
    row = comparison.rows[at]
    pair = _Pair(comparison, row)
    found = [_items(comparison, at), pair.aspect("params", lambda span: span.params or NOTHING)]
    if row.span.kind == "item":
        found += [pair.aspect("item", lambda span: span.value), pair.aspect("result", _result)]
    found += [pair.aspect(f"{kind} result", _result_of(kind)) for kind in ("prep", "exec")]
    found += [pair.aspect("attempts", _attempts), *pair.changed()]
    if pair.is_over:
        found += [pair.aspect("action", _action), pair.aspect("end", lambda span: Words(outcome(span)))]
    found.append(pair.aspect("traceback", _traceback))
    there = [aspect for aspect in found if aspect is not None]
    return sorted(there, key=lambda aspect: aspect.is_same)


class _Pair:
    """Both sides of a row."""

    def __init__(self, comparison: Comparison, row: Row) -> None:
        sides = ((comparison.one, row.one), (comparison.other, row.other))
        there = [(side, span) for side, span in sides if span is not None]
        self._spans = row.one, row.other
        self._has_changes = all(side.has_changes(span) for side, span in there)
        self.is_over = all(side.is_over(span) for side, span in there)

    def aspect(self, name: str, get: Callable[[Span], Value]) -> Aspect | None:
        """What both have of something."""
        one, other = (NOTHING if span is None else get(span) for span in self._spans)
        return None if one is NOTHING and other is NOTHING else self._made(name, one, other)

    def changed(self) -> Iterator[Aspect]:
        """What they changed in `shared`, key by key."""
        if not self._has_changes:
            return
        ours, theirs = ({} if span is None else _by_key(changes_of(span)) for span in self._spans)
        absent = [
            Words("not changed") if span is not None and self.is_over else NOTHING for span in self._spans
        ]
        for path in {**ours, **theirs}:
            name = f"shared: {path_text(path) or 'all of it'}"
            yield self._made(name, ours.get(path, absent[0]), theirs.get(path, absent[1]))

    def _made(self, name: str, one: Value, other: Value) -> Aspect:
        is_missing = one is NOTHING or other is NOTHING
        is_known = self.is_over or None in self._spans or not is_missing
        is_same = not is_known or _is_same(one, other)
        is_whole = not is_same or isinstance(one, Words) or not is_partial(one)
        return Aspect(name, one, other, is_same, is_known and is_whole)


def _is_same(one: Value, other: Value) -> bool:
    if isinstance(one, Words) or isinstance(other, Words):
        return type(one) is type(other) and bool(one == other)
    return first_difference(one, other) is None


def _items(comparison: Comparison, at: int) -> Aspect | None:
    """Which items part ways: their own rows tell in what."""
    row = comparison.rows[at]
    rows = [each for each in comparison.rows[at + 1 : row.end] if each.span.kind == "item"]
    rows = [each for each in rows if each.depth == row.depth + 1]
    parting = [each for each in rows if each.mark != "same"]
    if not parting:
        return None
    named = ", ".join(f"[{each.span.item}]" for each in parting[:_FEW])
    more = f" and {len(parting) - _FEW} more" if len(parting) > _FEW else ""
    return Aspect(f"{counted(len(rows), 'item')}; different: {named}{more}", NOTHING, NOTHING, False)


def _action(span: Span) -> Value:
    if span.kind == "item" or span.status != "ok":
        return NOTHING
    return Words(f"→ {span.action or 'default'}")


def _attempts(span: Span) -> Value:
    tries = attempts(span)
    if len(tries) < 2:
        return NOTHING
    return Words("\n".join(f"{each.attempt}: {outcome(each)}" for each in tries))


def _traceback(span: Span) -> Value:
    if span.error is None:
        return NOTHING
    return Words((span.origin().error or span.error).traceback.rstrip() or str(span.error))


def _result(span: Span) -> Value:
    return span.result if span.status == "ok" else NOTHING


def _result_of(kind: str) -> Callable[[Span], Value]:
    def result(span: Span) -> Value:
        phase = next((child for child in span.standing if child.kind == kind), None)
        return NOTHING if phase is None else _result(phase)

    return result


def _by_key(changes: Changes) -> dict[tuple[Value, ...], Value]:
    """What is there now, by path; the whole of `shared` key by key."""
    found: dict[tuple[Value, ...], Value] = {}
    for path, change in changes.items():
        if change.op == "remove":
            found[path] = Words("removed")
        elif not path and isinstance(change.new, dict) and "$" not in change.new:
            found |= {(key,): value for key, value in change.new.items()}
        else:
            found[path] = change.new
    return found


def _texts(one: Value, other: Value) -> tuple[str | None, str | None]:
    """Both as text; None for nothing."""
    if one is NOTHING or other is NOTHING or isinstance(one, Words) or isinstance(other, Words):
        return _text(one), _text(other)
    one = steady(one)
    other = _in_order(steady(other), one)
    texts = text_of(one), text_of(other)
    if texts[0] is not None and texts[1] is not None:
        is_prose = any(len(text) > _SHORT or "\n" in text for text in texts if text is not None)
        return _text(one, is_prose), _text(other, is_prose)
    both = _text(one), _text(other)
    if any("\n" in text for text in both if text is not None):
        return _text(one, wide=_NARROW), _text(other, wide=_NARROW)  # lines end at the same places in both
    return both


def _text(value: Value, is_prose: bool = False, wide: int = _NARROW * 2) -> str | None:
    if value is NOTHING:
        return None
    if isinstance(value, Words):
        return str(value)
    text = text_of(value)
    if text is None:
        return pretty(value, wide)
    if not is_prose and len(text) <= _SHORT:
        return preview(value, _SHORT * 8)
    size = value["len"] if isinstance(value, dict) else 0
    return f"{text}\n… {size:,} characters, of which this beginning is known" if is_cut(value) else text


def _in_order(value: Value, model: Value) -> Value:
    """The keys of dicts in the order that they have in the other value, which is no difference."""
    if isinstance(value, list) and isinstance(model, list):
        beyond = [None] * (len(value) - len(model))
        return [_in_order(held, twin) for held, twin in zip(value, [*model, *beyond], strict=False)]
    if not (isinstance(value, dict) and isinstance(model, dict)):
        return value
    keys = [*(key for key in model if key in value), *(key for key in value if key not in model)]
    return {key: _in_order(value[key], model.get(key)) for key in keys}
