"""The past of the program, for looking and going back: its spans, each with the snapshot at its begin.

Snapshots share what is unchanged; results are kept by reference. All of it stays within a budget: where that
is not enough, of the older steps only visits are kept, evenly spaced, and the user is told.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..snapshot import Frozen, Opaque, Tree
from ..spans import Span
from .beside import Done

BUDGET = 256 * 1024 * 1024  # bytes, about, that snapshots and results may take
MOST = 200_000  # spans
_FEWEST = 64  # snapshots: fewer are never thinned out
_TRIES = ("attempt", "fallback")  # not steps by themselves
_SLOT = 8
_TREE = 120


@dataclass(slots=True)
class _Mark:
    """A span with a snapshot or result of its own."""

    span: Span
    weight: int  # bytes of that
    number: int  # of visits up to it


class History:
    """Spans as a tree, below their runs; `thinned` is told how many steps lost their snapshot."""

    def __init__(self, thinned: Callable[[int], None], budget: int = BUDGET, most: int = MOST) -> None:
        self.spans: dict[int, Span] = {}
        self.changes: dict[int, list[Done]] = {}  # by run
        self.bytes = 0
        self._of_root: dict[int, list[Span]] = {}  # while the outermost run is open
        self._thinned = thinned
        self._budget, self._most = budget, most
        self._marks: list[_Mark] = []
        self._visits = 0  # marked so far
        self._stride = 1  # of older visits every so many keep their snapshot
        self._last: Frozen = None  # snapshot that was noted
        self._newest = 0  # id of the latest span
        self._lock = threading.RLock()

    def begin(self, span: Span, shared: Frozen) -> None:
        """A span begins, with `shared` as it is now."""
        parent, self._newest = span.parent, span.id
        if span.kind in _TRIES and parent is not None:
            self.spans[span.id], span.root = parent, parent.root  # it is the loop around that makes them
            return
        if parent is not None and parent.kind in _TRIES:
            parent = parent.parent
        span.before = shared
        if span.descent is not None:  # it repeats one that began earlier, and is entered in its midst
            span.before = getattr(self.spans.get(span.again or 0), "before", None)
        if parent is None:
            span.root = span.id
            self._of_root[span.root] = [span]
        else:
            span.root = parent.root
            self._of_root[span.root].append(span)
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

    def changed(self, span: Span, before: Frozen, after: Frozen) -> None:
        """This span has changed `shared`."""
        self.changes.setdefault(span.run.id, []).append(Done(span, before, after, self._newest))

    def leave(self, span: Span) -> None:
        """A span has ended, and execution leaves it."""
        span.owner = span.account = None
        if span.error is not None:
            span.error = None  # it keeps the frames that it came through
        if span.kind in ("prep", "exec", "item") and span.result is not None:
            self._note(span, size(span.result))
        if span.parent is None:
            for step in self._of_root.pop(span.id, ()):
                step.node = step.original = None  # nothing leads back into a run that is over
            self.changes.pop(span.id, None)

    def _note(self, span: Span, weight: int) -> None:
        self.bytes += weight
        self._visits += span.kind == "visit"
        self._marks.append(_Mark(span, weight, self._visits))
        if self.bytes > self._budget:
            with self._lock:
                while self.bytes > self._budget and len(self._marks) > _FEWEST:
                    self._thin()

    def _thin(self) -> None:
        """Of the older half keep visits, evenly spaced; ever fewer of them as time goes on."""
        half = len(self._marks) // 2
        while all(self._stays(mark) for mark in self._marks[:half]):
            self._stride *= 2
        kept: list[_Mark] = []
        count, last = 0, None
        for mark in self._marks[:half]:
            span = mark.span
            if self._stays(mark):
                mark.weight = weigh(span.before, last) + size(span.prep_res) + size(span.exec_res)
                kept.append(mark)
                last = span.before
            else:
                count += _forget(span)
        oldest = self._marks[half].span.id if half < len(self._marks) else 0
        self._forget_changes(oldest)
        self._marks[:half] = kept
        self.bytes = sum(mark.weight for mark in self._marks)
        self._thinned(count)

    def _stays(self, mark: _Mark) -> bool:
        return bool(mark.span.kind == "visit" and mark.number % self._stride == 0)

    def _drop(self, count: int) -> None:
        """Forget about so many of the oldest spans altogether, those still open excepted."""
        with self._lock:
            oldest = list(self.spans)[count]
            gone = [span for span in list(self.spans.values())[:count] if span.status]
            self.spans = {key: span for key, span in self.spans.items() if key >= oldest or not span.status}
            parents = {span.parent.id: span.parent for span in gone if span.parent is not None}
            for span in parents.values():
                span.steps = [step for step in span.steps or () if step.id in self.spans]
                span.is_thin = True
            for root, spans in list(self._of_root.items()):
                self._of_root[root] = [span for span in spans if span.id in self.spans]
            self._marks = [mark for mark in self._marks if mark.span.id in self.spans]
            self._forget_changes(oldest)
            self.bytes = sum(mark.weight for mark in self._marks)
        self._thinned(len(gone))

    def _forget_changes(self, oldest: int) -> None:
        for run, changes in list(self.changes.items()):
            self.changes[run] = [done for done in changes if done.at >= oldest]


def _forget(span: Span) -> bool:
    had = span.before is not None
    span.before = None
    for step in span.steps or ():
        step.before = step.before if step.kind == "visit" else None
    span.result = span.prep_res = span.exec_res = None
    span.is_thin = True
    return had


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
            shared = (
                min(len(known), len(new.parts)) if new.keys is None or len(known) == len(new.parts) else 0
            )
            same = set() if shared else {id(part) for part in known}
            pending += zip(new.parts[:shared], known, strict=False)
            pending += [(part, None) for part in new.parts[shared:] if id(part) not in same]
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
