"""Concurrent lanes that write the same place of `shared`: the last one wins, whichever that is.

What may honestly be said: the engine tells of most changes for certain which lane made them. Of others it is
known only which lanes were within a prep or post of their own; then a pair of writes is reported only when no
single lane can have made both. See `outdated` for those that write what they made of an older value.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..events import Change, Path
from ..patch import Value
from ..spans import Span
from ..values import path_text
from .outdated import Update, Updates
from .places import line_of, names, reads_first, written
from .rule import Rule

_MOST_WRITERS = 32  # lanes that may have written: beyond, nobody knows
_FORMS_OF_SETS = ("set", "frozenset")


@dataclass(frozen=True, slots=True)
class _Write:
    span: Span
    lanes: frozenset[int] | None  # who may have written; None: anyone
    new: Value
    latest: int  # the id of the latest span that had begun


class SharedConflict(Rule):
    """Appending to a list, adding up a number and taking away what is there are no conflicts as such."""

    name = "shared-conflict"
    explanation = "Concurrent lanes wrote the same place of `shared`: what one of them wrote is lost."

    def __init__(self, *model_and_report: Any) -> None:
        super().__init__(*model_and_report)
        self._dicts: dict[int, int] = {}  # run: the first of those that work on the same `shared`
        # By that run:
        self._lanes: Counter[int] = Counter()  # lanes that live
        self._open: dict[int, dict[int, int]] = {}  # spans that may write now, and their lanes
        self._writes: dict[int, dict[Path, _Write]] = {}  # while there is more than one lane
        self._updates = Updates()
        self._latest = 0  # the id of the latest span

    def began(self, span: Span) -> None:
        self._latest = max(self._latest, span.id)
        if span.kind == "run":
            shares = span.id if span.shares is None else span.shares
            self._dicts[span.id] = self._dicts.get(shares, shares)
        run = self._dict(span)
        for around in self._may_write(span, run):
            self._open.setdefault(around, {})[span.id] = span.lane
        if _begins_lane(span):
            self._lanes[run] += 1

    def ended(self, span: Span) -> None:
        run = self._dict(span)
        for around in self._may_write(span, run):
            if (writers := self._open.get(around)) is not None:
                writers.pop(span.id, None)
                if not writers:
                    del self._open[around]
        if _begins_lane(span):
            self._lanes[run] -= 1
            if self._lanes[run] < (2 if span.parent is not None else 1):
                self._writes.pop(run, None)  # a gathered run may have begun beside one that has ended
            if self._lanes[run] < 1:
                del self._lanes[run]
        if span.kind == "run":
            self._dicts.pop(span.id, None)
        for update in self._updates.ended(span):
            self._lost(update)

    def changed(self, change: Change, span: Span) -> None:
        run = self._dict(span)
        if change.by is not None or not change.path or (self._lanes[run] < 2 and run not in self._writes):
            return
        lanes = self._writers(change, span, run)
        is_known = lanes == frozenset({span.lane})
        told = self._updates.changed(change, span, is_known)
        if self._is_element(change.path, span.run.id):
            return
        writes = self._writes.setdefault(run, {})
        if change.op == "remove":
            writes.pop(change.path, None)
            return
        before = writes.get(change.path)
        if before is not None and before.lanes is None:
            return
        write = writes[change.path] = _Write(span, lanes, change.new, self._latest)
        if told or before is None or write.lanes is None or change.op != "set" or _builds_on(change, span):
            return
        if (before.lanes or frozenset()) & write.lanes or not _overlapped(before, span):
            return
        if not reads_first(self.model, span, change.path):
            first, second = names(before.span, span)
            lines = [line_of(self.model, each, change.path) for each in (before.span, span)]
            lost, won = written(before.new, lines[0]), written(change.new, lines[1])
            self.report(
                (span.visit.node, before.span.visit.node, change.path),
                f"`{path_text(change.path)}` was written by {first} and by {second}, "
                f"which ran at the same time: {lost} was lost to {won}.",
                before.span,
                span,
            )

    def _lost(self, update: Update) -> None:
        first, second = names(update.author, update.span)
        place = path_text(update.place)
        self.report(
            (update.span.visit.node, update.author.visit.node, update.place),
            f"`{place}` was written by {first} and by {second}, {update.what(self.model)}.",
            update.author,
            update.span,
        )

    def _dict(self, span: Span) -> int:
        return self._dicts.get(span.run.id, span.run.id)

    def _may_write(self, span: Span, run: int) -> list[int]:
        """Whose `shared` this span may write: its run's; as a run of its own, what is around it too."""
        if span.kind in ("prep", "post"):
            return [run]
        around = None if span.kind != "run" or span.parent is None else self._dict(span.parent)
        return [] if around is None or around == run else [around]

    def _writers(self, change: Change, span: Span, run: int) -> frozenset[int] | None:
        if change.sure:
            return frozenset({span.lane})
        if span.kind not in ("prep", "post") or span.inherited:
            return None  # found here, done elsewhere
        writers = self._open.get(run, {})
        return None if len(writers) > _MOST_WRITERS else frozenset(writers.values()) | {span.lane}

    def _is_element(self, path: tuple[Any, ...], run: int) -> bool:
        """Is this an element of a list? Its place says nothing of which one it is."""
        if type(path[-1]) is not int:
            return False
        value = self.model.shared.get(run)
        for key in path[:-1]:
            value = _step(value, key)
        return isinstance(value, list) or (isinstance(value, dict) and value.get("$") in ("tuple", "deque"))


def _begins_lane(span: Span) -> bool:
    return span.parent is None or span.parent.lane != span.lane


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


def _overlapped(write: _Write, second: Span) -> bool:
    """Did the two run on lanes of their own, the second one's begun before the first one had written?"""
    ours = write.span.path()
    below = second
    for span in second.path():
        if span in ours:
            aside = next((each for each in ours if each.parent is span), None)
            return aside is not None and aside.lane != below.lane and below.id <= write.latest
        below = span
    return ours[-1].lane != below.lane and below.id <= write.latest
