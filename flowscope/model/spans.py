"""Spans as the views see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .events import Change, Failure


class Edit(NamedTuple):
    """Params or a result of a visit was set by hand at a stop, or that was taken back."""

    step: int
    """The first step that comes after it."""
    op: str
    """set; undo, of the latest; back, of all that came after the step `value`."""
    name: str = ""
    value: Any = None


@dataclass(slots=True, eq=False)
class Span:
    """A timed interval of a run; times are nanoseconds of one monotonic clock."""

    id: int
    kind: str  # run, visit, prep, exec, post, item, attempt, fallback
    node: str  # id of the node in the graph
    label: str  # of that node
    lane: int
    begin: int
    parent: Span | None = field(repr=False)
    is_flow: bool = False  # on run and visit: the node runs nodes
    item: int | None = None  # on item: its index
    attempt: int | None = None  # on attempt: from 1
    value: Any = None  # on item: the item as VALUE
    params: Any = None  # on run and visit: VALUE
    number: int = 1  # on visit: this is the number-th visit of its node in the run
    file: str | None = None
    line: int | None = None  # of the method behind a phase, from 1
    inherited: bool = False  # that method is PocketFlow's own default
    again: int | None = None  # on visit: the id of the abandoned visit that it repeats
    shares: int | None = None  # on run: the id of the one on whose `shared` it works too
    end: int | None = None
    held: int = 0  # nanoseconds of it that are not the program's; known at the end
    status: str = "open"  # then ok, failed, cancelled, or unfinished: the program ended within
    action: str | None = None  # on run and visit: what post returned
    result: Any = None  # of prep, exec, item, attempt, fallback: VALUE
    error: Failure | None = None
    given: str = ""  # the intervention that gave this end in place of the program, or replay
    edits: list[Edit] | None = field(default=None, repr=False)  # on run and visit: what was set by hand
    children: list[Span] = field(default_factory=list, repr=False)
    kept: list[Span] | None = field(default=None, repr=False)  # below those that it repeats, left as it was
    changes: list[Change] = field(default_factory=list, repr=False)  # found during this very span
    step: int = 0  # number of its begin in the history
    end_step: int | None = None  # number of its end there
    branch: int | None = None  # of the abandoned branch that it belongs to, if it does
    left: Span | None = field(default=None, repr=False)  # child visit that ended and has no follower yet
    run: Span = field(init=False, repr=False)  # the nearest run: itself, or around it
    visit: Span = field(init=False, repr=False)  # the nearest visit or run: itself, or around it
    depth: int = field(init=False)  # spans around it

    def __post_init__(self) -> None:
        parent = self.parent
        self.depth = 0 if parent is None else parent.depth + 1
        self.run = self if parent is None or self.kind == "run" else parent.run
        self.visit = self if parent is None or self.kind in ("run", "visit") else parent.visit

    @property
    def duration(self) -> int | None:
        """Nanoseconds of the program's that it took; None while it is open."""
        return None if self.end is None else max(0, self.end - self.begin - self.held)

    @property
    def standing(self) -> list[Span]:
        """What is below it, and what it took over where a rewind led into its midst."""
        return self.children if self.kept is None else [*self.kept, *self.children]

    @property
    def name(self) -> str:
        """`Work`, its third visit `Work#3`, its item 2 `Work[2]`."""
        if self.kind == "item":
            return f"{self.label}[{self.item}]"
        return f"{self.label}#{self.number}" if self.kind == "visit" and self.number > 1 else self.label

    @property
    def place(self) -> str:
        """`Work.exec`, `Work[2].exec`: the phase of the visit that it belongs to."""
        path = [around for around in self.path() if around.visit is self.visit]
        item = next((around for around in path if around.kind == "item"), self.visit)
        phase = next((around.kind for around in path if around.kind in ("prep", "exec", "post")), "")
        return f"{item.name}.{phase}" if phase else item.name

    def edit(self, edit: Edit) -> None:
        """Of a visit: something was set in it, or that was taken back."""
        if self.edits is None:
            self.edits = []
        self.edits.append(edit)

    def by_hand(self, moment: int | None = None) -> dict[str, Any]:
        """What holds in this visit as it was set by hand, at a step or now, by name."""
        holding: list[Edit] = []
        for edit in self.edits or ():
            if moment is not None and edit.step > moment:
                break
            if edit.op == "set":
                holding.append(edit)
            elif edit.op == "back":
                holding = [each for each in holding if each.step <= edit.value]
            elif (
                last := next((each for each in reversed(holding) if each.name == edit.name), None)
            ) is not None:
                holding.remove(last)
        return {edit.name: edit.value for edit in holding}

    def path(self) -> list[Span]:
        """This span and those around it, innermost first."""
        path = [self]
        while (parent := path[-1].parent) is not None:
            path.append(parent)
        return path

    def items(self) -> tuple[tuple[str, int], ...]:
        """The items around this visit, outermost first: label of the batch's node, and index."""
        around = (span for span in reversed(self.visit.path()) if span.kind == "item")
        return tuple((span.label, span.item or 0) for span in around)

    def walk(self) -> Iterator[Span]:
        """This span and everything below it, in begin order of each level."""
        pending = [self]
        while pending:
            span = pending.pop()
            yield span
            pending += reversed(span.children)

    def own(self) -> Iterator[Span]:
        """This visit's spans: itself and everything below it that is not of another visit."""
        pending = [self]
        while pending:
            span = pending.pop()
            yield span
            pending += (child for child in reversed(span.children) if child.kind not in ("run", "visit"))

    def origin(self) -> Span:
        """Where this span's error came from: the innermost span that ended with the same error."""
        span = self
        below: Span | None = self if self.error is not None else None
        while below is not None:
            span = below
            same = (child for child in reversed(span.children) if _is_same(child.error, self.error))
            below = next((child for child in same if not _passes_on(child)), None)
        return span


def _is_same(one: Failure | None, other: Failure | None) -> bool:
    """The same error, whose traceback grows on its way out?"""
    return one is not None and other is not None and (one.type, one.message) == (other.type, other.message)


def _passes_on(span: Span) -> bool:
    """PocketFlow's own fallback only raises again what the last attempt raised."""
    return span.kind == "fallback" and span.inherited
