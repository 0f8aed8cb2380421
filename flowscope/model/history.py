"""Every step of the program, and `shared` as it was there."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from .compare import difference
from .events import Change, Thinned
from .patch import Owned, Value, patch
from .spans import Span

MAX_STEPS = 1_000_000
MAX_WEIGHT = 512_000_000
"""Of the values of all changes kept, in characters or thereabouts."""

_EVERY = 64  # changes of a run between two values kept of it
_MOST_WEIGHED = 200  # parts of one value that are looked at
_UNKNOWN = ("run", "attempt", "fallback")  # at whose begins the program keeps no `shared` of its own
_SOME = 64  # what the rest of a value weighs, for each part


class Step(NamedTuple):
    """A place where execution can stop: the begin or end of a span."""

    number: int
    """Counts from 0; it stays what it is when older steps are let go."""
    span: Span
    at: str
    """begin or end."""
    changes: int
    """How many changes were made before."""


class Shown(NamedTuple):
    """What was known of a visit at a step; None where it was not known yet."""

    prep: Span | None
    exec: Span | None
    post: Span | None


class History:
    """Steps in the order they happened. Values of different steps share what did not change between them.

    When there are too many, the oldest are let go: `dropped` says how many, never silently.
    """

    def __init__(self, max_steps: int = MAX_STEPS, max_weight: int = MAX_WEIGHT) -> None:
        self.changes: list[Change] = []
        """Those that are kept."""
        self.dropped = 0
        """Steps let go, all older than the first that is kept."""
        self.thinned: Thinned | None = None
        """What the program has let go of its own history: not needed to look back, but to go back."""
        self.dropped_changes = 0
        self._max_steps = max_steps
        self._max_weight = max_weight
        self._spans: list[Span] = []
        self._ends = bytearray()  # 1 for an end
        self._counts = array("q")  # changes made before each step
        self._weights = array("q")  # of all changes up to each kept one
        self._of_run: dict[int, array[int]] = {}  # numbers of each run's changes
        self._values: dict[int, list[tuple[int, Value]]] = {}  # each run's value before its nth change
        self._visits: dict[str, array[int]] = {}  # steps at which the visits of a node began
        self._latest: tuple[int, int, Value] | None = None  # run, its changes, its value: asked for last

    # Told by the model

    def add(self, span: Span, at: str) -> None:
        """A step has been reached."""
        number = self.dropped + len(self._spans)
        if at == "begin":
            span.step = number
            if span.kind in ("visit", "run"):
                self._visits.setdefault(span.node, array("q")).append(number)
        else:
            span.end_step = number
        self._spans.append(span)
        self._ends.append(at == "end")
        self._counts.append(self.dropped_changes + len(self.changes))

    def change(self, change: Change, run: int, before: Value) -> bool:
        """`shared` of the run changes; when the value before is kept (true), it must stay as it is."""
        number = self.dropped_changes + len(self.changes)
        numbers = self._of_run.setdefault(run, array("q"))
        values = self._values.setdefault(run, [])
        keeps = len(numbers) % _EVERY == 0
        if keeps:
            values.append((len(numbers), before))
        numbers.append(number)
        self.changes.append(change)
        weight = _weight(change.new) + _weight(change.old)
        self._weights.append((self._weights[-1] if self._weights else 0) + weight)
        return keeps

    @property
    def is_full(self) -> bool:
        """Is it time to let the oldest steps go?"""
        weight = self._weights[-1] - self._weights[0] if self._weights else 0
        return len(self._spans) > self._max_steps or weight > self._max_weight

    def drop(self) -> int:
        """Let the oldest quarter of the steps go; returns how many changes went with it."""
        steps = max(len(self._spans) // 4, 1)
        first = self._counts[steps] if steps < len(self._counts) else self.dropped_changes + len(self.changes)
        for run, numbers in self._of_run.items():
            before = bisect_left(numbers, first)
            values = self._values[run]
            at = bisect_right(values, before, key=lambda kept: kept[0]) - 1
            value = self._fold(run, before)
            values[: at + 1] = [(before, value)]
        self._latest = None
        changes = first - self.dropped_changes
        for span, is_end in zip(self._spans[:steps], self._ends[:steps], strict=True):
            if is_end:
                span.changes.clear()
        del self.changes[:changes], self._weights[:changes]
        del self._spans[:steps], self._ends[:steps], self._counts[:steps]
        self.dropped += steps
        self.dropped_changes = first
        return changes

    # Steps

    def __len__(self) -> int:
        return len(self._spans)

    @property
    def first(self) -> Step | None:
        """The oldest step that is kept."""
        return self._step(0) if self._spans else None

    @property
    def last(self) -> Step | None:
        """The newest step."""
        return self._step(len(self._spans) - 1) if self._spans else None

    @property
    def now(self) -> Step | None:
        """The newest step, with the changes since."""
        count = self.dropped_changes + len(self.changes)
        return self.last._replace(changes=count) if self.last is not None else None

    def at(self, number: int) -> Step | None:
        """The step of this number, or the nearest one; None when there is no step at all."""
        if not self._spans:
            return None
        return self._step(min(max(number - self.dropped, 0), len(self._spans) - 1))

    def of(self, span: Span, at: str = "begin") -> Step | None:
        """The step at which a span begins or ends; None when it has not yet, or was let go."""
        number = span.step if at == "begin" else span.end_step
        return None if number is None or number < self.dropped else self._step(number - self.dropped)

    def next(self, number: int) -> Step | None:
        """The step after this one."""
        return self._inside(number + 1)

    def previous(self, number: int) -> Step | None:
        """The step before this one."""
        return self._inside(number - 1)

    def next_visit(self, number: int, node: str) -> Step | None:
        """The next begin of a visit of this node."""
        visits = self._visits.get(node, ())
        at = bisect_right(visits, number)
        return self._inside(visits[at]) if at < len(visits) else None

    def previous_visit(self, number: int, node: str) -> Step | None:
        """The begin of a visit of this node before this step."""
        visits = self._visits.get(node, ())
        at = bisect_left(visits, number) - 1
        return self._inside(visits[at]) if at >= 0 else None

    def visits(self, number: int, node: str) -> int:
        """How many visits of this node had begun by this step."""
        return bisect_right(self._visits.get(node, ()), number)

    def next_change(self, number: int, run: int, path: tuple[Any, ...]) -> Step | None:
        """The next step before which what is at this path of the run's `shared` changed."""
        step = self.at(number)
        numbers = self._of_run.get(run, ())
        for at in range(bisect_left(numbers, step.changes if step else 0), len(numbers)):
            if _touches(self._change(numbers[at]), path):
                return self._after(numbers[at])
        return None

    def previous_change(self, number: int, run: int, path: tuple[Any, ...]) -> Step | None:
        """The latest step before this one, before which what is at this path changed."""
        before = self.previous(number)
        numbers = self._of_run.get(run, ())
        for at in range(bisect_left(numbers, before.changes if before else 0) - 1, -1, -1):
            if numbers[at] < self.dropped_changes:
                return None
            if _touches(self._change(numbers[at]), path):
                return self._after(numbers[at])
        return None

    def search(self, run: int, path: tuple[Any, ...], text: str) -> Iterator[tuple[Step, bool]]:
        """The steps before which a text came to be at this path, oldest first.

        False stands beside those where that is not sure: of what is there, only the beginning is known.
        Capitals do not matter.
        """
        wanted = text.lower()
        there = False
        for number in self._of_run.get(run, ()):
            if number < self.dropped_changes:
                continue
            change = self._change(number)
            if not _touches(change, path):
                continue
            known, is_all = _text_of(_below(change, path))
            found = wanted in known
            if (found or not is_all) and not there and (step := self._after(number)) is not None:
                yield step, found
            if found or len(change.path) <= len(path) or wanted in _text_of(change.old)[0]:
                there = found

    # Values

    def shared(self, step: Step, run: int) -> Value:
        """The run's `shared` at this step; None before there is one. Do not change it."""
        return self._fold(run, bisect_left(self._of_run.get(run, ()), step.changes))

    def begun_with(self, step: Step, run: int) -> Span | None:
        """A span that began with the run's `shared` as it is at this step: the program keeps it."""
        numbers = self._of_run.get(run, ())
        at = bisect_left(numbers, step.changes)
        first = bisect_right(self._counts, numbers[at - 1]) if at else 0
        end = bisect_right(self._counts, numbers[at]) if at < len(numbers) else len(self._spans)
        here = min(max(step.number - self.dropped, first), end)
        for place in (*range(here, end), *range(here - 1, first - 1, -1)):
            span: Span = self._spans[place]
            known = not self._ends[place] and span.again is None and span.kind not in _UNKNOWN
            if known and span.run.id == run:
                return span
        return None

    def given(self, step: Step, run: int) -> Step:
        """The step; at the begin of the run the next one, for what the run was given is told in between."""
        is_begin = step.span.id == run and step.at == "begin"
        return (self.next(step.number) or step) if is_begin else step

    def changes_at(self, step: Step) -> list[Change]:
        """What changed just before this step, since the step before it."""
        before = self.previous(step.number)
        begin = self.dropped_changes if before is None else before.changes
        return self.changes[begin - self.dropped_changes : step.changes - self.dropped_changes]

    def compare(self, one: Step, other: Step, run: int) -> list[Change]:
        """What is different in the run's `shared` at the other step."""
        before, after = (self.shared(self.given(step, run), run) for step in (one, other))
        return difference(before, after, other.span.id)

    def shown(self, step: Step) -> Shown:
        """The phases of the step's visit that had ended by then: their results were known."""
        ended = {
            phase.kind: phase
            for phase in step.span.visit.children
            if phase.end_step is not None and phase.end_step <= step.number
        }
        return Shown(ended.get("prep"), ended.get("exec"), ended.get("post"))

    def is_thinned(self, span: Span) -> bool:
        """Can the program no longer be led back to the begin of this span, to have room for later ones?"""
        thinned = self.thinned
        if thinned is None or span.id >= thinned.before or span.status == "open":
            return False
        return span.id not in thinned.kept

    def status(self, span: Span, step: Step) -> str:
        """The span's status at this step; empty when it had not begun."""
        if span.step > step.number:
            return ""
        return span.status if span.end_step is not None and span.end_step <= step.number else "open"

    def _step(self, at: int) -> Step:
        return Step(
            self.dropped + at, self._spans[at], "end" if self._ends[at] else "begin", self._counts[at]
        )

    def _inside(self, number: int) -> Step | None:
        at = number - self.dropped
        return self._step(at) if 0 <= at < len(self._spans) else None

    def _after(self, change: int) -> Step | None:
        """The first step that comes after this change."""
        at = bisect_right(self._counts, change)
        return self._step(at) if at < len(self._spans) else None

    def _change(self, number: int) -> Change:
        return self.changes[number - self.dropped_changes]

    def _fold(self, run: int, count: int) -> Value:
        """The run's value after so many of its changes."""
        values = self._values.get(run)
        if not values or (count == 0 and values[0][0] == 0):
            return None
        if self._latest is not None and self._latest[:2] == (run, count):
            return self._latest[2]
        done, value = values[max(bisect_right(values, count, key=lambda kept: kept[0]) - 1, 0)]
        owned: Owned = {}
        for number in self._of_run[run][done:count]:
            change = self._change(number)
            value = patch(value, change.path, change.op, None if change.op == "remove" else change.new, owned)
        self._latest = (run, count, value)
        return value


def _touches(change: Change, path: tuple[Any, ...]) -> bool:
    shared = min(len(change.path), len(path))
    return change.path[:shared] == path[:shared]


def _below(change: Change, path: tuple[Any, ...]) -> Value:
    """What a change put at the path, or at a place below it."""
    value = None if change.op == "remove" else change.new
    for key in path[len(change.path) :]:
        if isinstance(value, dict) and "$" in value:
            value = value.get("fields", value.get("items"))
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and type(key) is int and 0 <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def _text_of(value: Value) -> tuple[str, bool]:
    """All texts within a value, for a search; and are they whole?"""
    texts: list[str] = []
    is_all = True
    pending = [value]
    while pending:
        held = pending.pop()
        if isinstance(held, list):
            pending += held
        elif isinstance(held, dict):
            is_all = is_all and held.get("$") not in ("str", "more", "unscanned")
            texts += held.keys()
            pending += held.values()
        elif held is not None:
            texts.append(str(held))
    return "\n".join(texts).lower(), is_all


def _weight(value: Value) -> int:
    weight, pending, looked = 0, [value], 0
    while pending:
        held = pending.pop()
        looked += 1
        if isinstance(held, str):
            weight += len(held)
        elif isinstance(held, (list, dict)):
            weight += _SOME * len(held)
            if looked + len(held) < _MOST_WEIGHED:
                pending += held if isinstance(held, list) else held.values()
    return weight
