"""The past of the program, for looking and going back: its spans, each with the snapshot at its begin.

Snapshots share what is unchanged; results are kept by reference. All of it stays within a budget: where that
is not enough, of the older steps only visits are kept, evenly spaced, and the user is told.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..parts import different
from ..snapshot import Frozen, Opaque, Tree
from ..spans import PHASES, Span
from .beside import Done

BUDGET = 256 * 1024 * 1024  # bytes, about, that snapshots and results may take
MOST = 200_000  # spans
_FEWEST = 64  # snapshots: fewer are never thinned out
_KEPT = ("visit", "run")  # of older steps, some
_TRIES = ("attempt", "fallback")  # not steps by themselves
_SLOT = 8
_TREE = 120


@dataclass(slots=True)
class _Mark:
    """A span with a snapshot or result of its own."""

    span: Span
    weight: int  # bytes of that
    number: int  # of visits up to it


class Thinned(NamedTuple):
    """What was forgotten, so that the rest has room."""

    steps: int
    """So many more have lost their snapshot or result."""
    before: int
    """Nothing leads back to a span with a smaller id any more,"""
    kept: list[int]
    """but to the begin of these."""


class History:
    """Spans as a tree, below their runs; `thinned` is told what was forgotten."""

    def __init__(self, thinned: Callable[[Thinned], None], budget: int = BUDGET, most: int = MOST) -> None:
        self.budget = budget
        self.spans: dict[int, Span] = {}
        self.changes: dict[int, list[Done]] = {}  # by run
        self.bytes = 0
        self._of_root: dict[int, list[Span]] = {}  # while the outermost run is open
        self._thinned = thinned
        self._most = most
        self._marks: list[_Mark] = []
        self._visits = 0  # marked so far
        self._stride = 1  # of older visits every so many keep their snapshot
        self._last: Frozen = None  # snapshot that was noted
        self.newest = 0  # id of the latest span
        self._lock = threading.RLock()

    def begin(self, span: Span, shared: Frozen) -> None:
        """A span begins, with `shared` as it is now."""
        parent, self.newest = span.parent, span.id
        if span.kind in _TRIES and parent is not None:
            self.spans[span.id] = parent  # it is the loop around that makes them
            return
        if parent is not None and parent.kind in _TRIES:
            parent = parent.parent
        span.before = shared
        if span.descent is not None:  # it repeats one that began earlier, and is entered in its midst
            span.before = getattr(self.spans.get(span.again or 0), "before", None)
        if parent is None:
            self._of_root[span.id] = [span]
        else:
            self._of_root.setdefault(_root(span), []).append(span)  # a run that is over may have left a task
            if parent.steps is None:
                parent.steps = [span]
            else:
                parent.steps.append(span)
        self.spans[span.id] = span
        last = self._last
        if shared is not last or span.kind == "visit":
            self._last = shared
            self._note(span, 0 if shared is last else weigh(shared, last))
        if len(self.spans) > self._most:
            self._drop(len(self.spans) // 4)

    def changed(self, run: Span, span: Span, before: Frozen, after: Frozen) -> None:
        """This span has changed the `shared` of a run."""
        self.changes.setdefault(run.id, []).append(Done(span, before, after, self.newest))

    def leave(self, span: Span) -> None:
        """A span has ended, and execution leaves it."""
        span.owner = span.account = None
        if span.error is not None:
            span.error = None  # it keeps the frames that it came through
        if span.kind in ("prep", "exec", "item") and span.result is not None:
            self._note(span, size(span.result))

    def over(self, run: Span) -> None:
        """A run has ended, and so have all lanes within: nothing leads back into it."""
        if run.parent is None:
            for step in self._of_root.pop(run.id, ()):
                step.node = step.original = None
                self.changes.pop(step.id, None)

    def _note(self, span: Span, weight: int) -> None:
        self.bytes += weight
        self._visits += span.kind == "visit"
        self._marks.append(_Mark(span, weight, self._visits))
        if self.bytes > self.budget:
            with self._lock:
                while self.bytes > self.budget and len(self._marks) > _FEWEST and self._thin():
                    pass

    def _thin(self) -> bool:
        """Of the older half keep visits, evenly spaced; ever fewer of them as time goes on."""
        half = len(self._marks) // 2
        while half < len(self._marks) and _is_amid(self._marks[half].span):
            half += 1  # a visit that is over is thinned out as a whole
        older = [mark for mark in self._marks[:half] if not _is_needed(mark.span)]
        if not older:
            return False
        while all(self._stays(mark) for mark in older):
            self._stride *= 2
        oldest = self._marks[half].span.id if half < len(self._marks) else self.newest + 1
        kept: list[_Mark] = []
        count, last = 0, None
        for mark in self._marks[:half]:
            span = mark.span
            if _is_needed(span):
                kept.append(mark)
            elif self._stays(mark):
                count += _forget_inside(span, oldest)
                mark.weight = weigh(span.before, last) + size(span.prep_res) + size(span.exec_res)
                kept.append(mark)
                last = span.before
            else:
                count += _forget(span, oldest)
        self._forget_changes(oldest)
        self._marks[:half] = kept
        self.bytes = sum(mark.weight for mark in self._marks)
        phases = [step for mark in kept for step in (mark.span.steps or ())[:2] if _is_needed(step)]
        ids = [mark.span.id for mark in kept] + [step.id for step in phases if step.id < oldest]
        self._thinned(Thinned(count, oldest, ids))
        return True

    def _stays(self, mark: _Mark) -> bool:
        return bool(mark.span.kind == "visit" and mark.number % self._stride == 0)

    def _drop(self, count: int) -> None:
        """Forget about so many of the oldest spans altogether, those still open excepted."""
        with self._lock:
            oldest = list(self.spans)[count]
            gone = [span for span in list(self.spans.values())[:count] if not _is_needed(span)]
            lost = {span.id for span in gone}
            self.spans = {
                key: span for key, span in self.spans.items() if key >= oldest or span.id not in lost
            }
            parents = {span.parent.id: span.parent for span in gone if span.parent is not None}
            for span in parents.values():
                span.steps = [step for step in span.steps or () if step.id in self.spans]
                span.is_thin = True
            for root, spans in list(self._of_root.items()):
                self._of_root[root] = [span for span in spans if span.id in self.spans]
            self._marks = [mark for mark in self._marks if mark.span.id in self.spans]
            self._forget_changes(oldest)
            self.bytes = sum(mark.weight for mark in self._marks)
        kept = [key for key in self.spans if key < oldest]
        self._thinned(Thinned(len(gone), oldest, kept))

    def _forget_changes(self, oldest: int) -> None:
        for run, changes in list(self.changes.items()):
            self.changes[run] = [done for done in changes if done.at >= oldest]


def _is_needed(span: Span) -> bool:
    """Does what goes on depend on it? It is open, or a phase of what is: a rewind answers it."""
    parent = span.parent
    return not span.status or (span.kind in PHASES and parent is not None and not parent.status)


def _is_amid(span: Span) -> bool:
    """Did it run within something that is over?"""
    around = span.parent
    while around is not None and not around.status:
        around = around.parent
    return around is not None


def _root(span: Span) -> int:
    """The id of the outermost run around."""
    run = span.run
    while run.parent is not None:
        run = run.parent.run
    return run.id


def _forget(span: Span, oldest: int) -> int:
    """Its snapshot, its results and those of its phases before the oldest; how many steps had any."""
    had = span.before is not None
    span.before = span.result = span.prep_res = span.exec_res = None
    span.is_thin = True
    return had + _forget_inside(span, oldest)


def _forget_inside(span: Span, oldest: int) -> int:
    return sum(
        _forget(step, oldest)
        for step in span.steps or ()
        if step.id < oldest and step.kind not in _KEPT and not _is_needed(step)
    )


def walk(span: Span) -> Iterator[Span]:
    """This span and all below it, in begin order of each level."""
    pending = [span]
    while pending:
        step = pending.pop()
        yield step
        pending += reversed(step.steps or ())


def weigh(frozen: Frozen, before: Frozen) -> int:
    """About how many bytes a snapshot takes beyond those that it shares with the one before."""
    total = 0
    pending = [(frozen, before)]
    while pending:
        new, old = pending.pop()
        if new is old:
            continue
        if type(new) is Tree:
            total += _TREE + _SLOT * len(new.parts)
            known = old.parts if type(old) is Tree else ()
            if new.keys is not None and (not known or new.keys is not old.keys):
                total += _SLOT * len(new.keys)
            if new.keys is not None and len(known) != len(new.parts):
                same = {id(part) for part in known}
                pending += [(part, None) for part in new.parts if id(part) not in same]
            else:
                pending += [(new.parts[at], known[at]) for at in different(new.parts, known)]
                pending += [(part, None) for part in new.parts[len(known) :]]
        elif not isinstance(new, Opaque):
            total += sys.getsizeof(new)
    return total


def size(value: Any) -> int:
    """About how many bytes a result takes; parts of parts are not looked at."""
    cls = type(value)
    try:
        total = sys.getsizeof(value)
        if cls in (list, tuple, set, frozenset, dict):
            parts = list(value.values()) if cls is dict else list(value)
            total += sum(map(sys.getsizeof, parts[:1_000])) * max(1, len(parts) // 1_000)
    except Exception:  # a `__sizeof__` of the user's; or it changes at the moment
        return 1_000
    return total
