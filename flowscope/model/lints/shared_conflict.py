"""Concurrent lanes that write the same place of `shared`: the last one wins, whichever that is.

What may honestly be said: the engine looks at `shared` at the end of each phase, so a change belongs to a
lane for certain only where no other lane was within a prep or post of its own. A pair of writes is reported
only when no single lane can have made both.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..events import Change
from ..patch import Value
from ..spans import Span
from ..values import path_text
from .rule import Rule

_MOST_WRITERS = 32  # lanes that may have written: beyond, nobody knows
_FORMS_OF_SETS = ("set", "frozenset")


@dataclass(frozen=True, slots=True)
class _Write:
    span: Span
    lanes: frozenset[int] | None  # who may have written; None: anyone


class SharedConflict(Rule):
    """Appending to a list, adding up a number and taking away what is there are no conflicts."""

    name = "shared-conflict"
    explanation = "Concurrent lanes wrote the same place of `shared`: what one of them wrote is lost."

    def __init__(self, *model_and_report: Any) -> None:
        super().__init__(*model_and_report)
        self._lanes: Counter[int] = Counter()  # concurrent lanes that live, by run
        self._open: dict[int, dict[int, int]] = {}  # by run: spans that may write now, and their lanes
        self._writes: dict[int, dict[tuple[Any, ...], _Write]] = {}  # by run and path, while lanes live

    def began(self, span: Span) -> None:
        parent = span.parent
        if span.kind in ("prep", "post"):
            self._open.setdefault(span.run.id, {})[span.id] = span.lane
        elif parent is not None and span.kind == "run":
            self._open.setdefault(parent.run.id, {})[span.id] = span.lane
        elif parent is not None and parent.lane != span.lane:
            self._lanes[span.run.id] += 1

    def ended(self, span: Span) -> None:
        parent = span.parent
        around = span.run if span.kind != "run" or parent is None else parent.run
        if (writers := self._open.get(around.id)) is not None and writers.pop(span.id, None) is not None:
            if not writers:
                del self._open[around.id]
        elif parent is not None and parent.lane != span.lane and span.kind != "run":
            self._lanes[span.run.id] -= 1
            if self._lanes[span.run.id] <= 0:
                del self._lanes[span.run.id]
                self._writes.pop(span.run.id, None)

    def changed(self, change: Change, span: Span) -> None:
        run = span.run.id
        if run not in self._lanes or not change.path or self._is_element(change.path, run):
            return
        writes = self._writes.setdefault(run, {})
        if change.op == "remove":
            writes.pop(change.path, None)
            return
        before = writes.get(change.path)
        if before is not None and before.lanes is None:
            return
        write = writes[change.path] = _Write(span, self._writers(span))
        if before is None or write.lanes is None or change.op != "set" or _builds_on(change, span):
            return
        if not (before.lanes or frozenset()) & write.lanes and _overlapped(before.span, span):
            self.report(
                (span.visit.node, before.span.visit.node, change.path),
                f"`{path_text(change.path)}` was written by {_name(before.span)} and by {_name(span)}, "
                "which ran at the same time: the last one won.",
                before.span,
                span,
            )

    def _writers(self, span: Span) -> frozenset[int] | None:
        if span.kind not in ("prep", "post") or span.inherited:
            return None  # found here, done elsewhere
        writers = self._open.get(span.run.id, {})
        return None if len(writers) > _MOST_WRITERS else frozenset(writers.values()) | {span.lane}

    def _is_element(self, path: tuple[Any, ...], run: int) -> bool:
        """Is this an element of a list? Its place says nothing of which one it is."""
        if type(path[-1]) is not int:
            return False
        value = self.model.shared.get(run)
        for key in path[:-1]:
            value = _step(value, key)
        return isinstance(value, list) or (isinstance(value, dict) and value.get("$") in ("tuple", "deque"))


def _step(value: Value, key: Any) -> Value:
    if isinstance(value, dict) and "$" in value:
        if value["$"] == "dict":
            pairs = value.get("items", ())
            return next((pair[1] for pair in pairs if isinstance(pair, list) and pair[0] == key), None)
        value = value.get("fields", value.get("items"))
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and type(key) is int and key < len(value):
        return value[key]
    return None


def _builds_on(change: Change, span: Span) -> bool:
    """Does the new value carry on the old one, so that nothing is lost?"""
    old, new = change.old, change.new
    if _is_number(old) and _is_number(new):
        return new not in _given(span)  # a sum or a best so far, unless it is the lane's own number
    if isinstance(old, str) and isinstance(new, str):
        return bool(old) and new.startswith(old)
    if isinstance(old, dict) and isinstance(new, dict) and old.get("$") == new.get("$"):
        if old.get("$") in _FORMS_OF_SETS:
            return all(item in new.get("items", ()) for item in old.get("items", ()))
        if old.get("$") == "str":
            return bool(new.get("len", 0) > old.get("len", 0) and new.get("text") == old.get("text"))
    return False


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _given(span: Span) -> list[Value]:
    """What makes this lane different from the others: its item, its parameters."""
    given: list[Value] = []
    for around in span.path():
        for value in (around.value, around.params):
            given += value.values() if isinstance(value, dict) else [value]
        if around.kind == "item":
            break
    return given


def _overlapped(first: Span, second: Span) -> bool:
    """Did the two run on lanes of their own, the second one's begun before the first one had written?"""
    ours = {span.id: span for span in first.path()}
    below = second
    for span in second.path():
        if span.id in ours:
            aside = next((each for each in first.path() if each.parent is span), None)
            written = first.begin if first.end is None else first.end
            return aside is not None and aside.lane != below.lane and below.begin <= written
        below = span
    return False


def _name(span: Span) -> str:
    """`Summarize.post in Each[2]`."""
    outer = next((each for each in span.path() if each.kind == "item" and each.visit is not span.visit), None)
    return span.place if outer is None else f"{span.visit.label}.{span.kind} in {outer.name}"
