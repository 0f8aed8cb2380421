"""Time travel: what the history makes possible at a stop, and how execution gets there.

The adapter asks, while a thread stands still; what comes of it happens on that thread, as it goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from ..encode import encode_value
from ..rules import again, fail, reopen
from ..spans import Span, clock
from ..steer import Unwind, keep_edits, starting_with
from ..thaw import thaw
from .beside import is_inside
from .emitter import Emitter
from .history import History, Thinned
from .outbox import Event
from .rewind import CannotRewind, Way, leave, left_for_good, name_of, plan, previous, stay_sentences, way_to


class Edited(NamedTuple):
    """Params or a result that the user has set."""

    name: str
    value: Any


class Travel:
    """Keeps the history of a session and leads execution back into it."""

    def __init__(self, emitter: Emitter, lanes: dict[int, Span]) -> None:
        self.history = History(self._thinned)
        self.is_kept = True  # the history
        self._has_told = False  # that it is full
        self._emitter = emitter
        self._lanes = lanes  # the innermost open span of each
        self._backs: list[_Back] = []  # asked for, and not yet arrived
        emitter.looks.on_change = self.history.changed
        self._edits: list[tuple[Span, str, Callable[[], object], Edited | None]] = []  # since it stopped

    def forgo(self) -> None:
        """Keep no history: nobody will go back."""
        self.is_kept = False
        self._emitter.looks.on_change = None

    # What the program reaches, on its own threads.

    def begin(self, span: Span) -> bool:
        """A span has begun: should it stop here, because a rewind led to it?"""
        if self._backs and (back := self._around(span)) is not None:
            raise back  # somebody caught it on its way
        if not self.is_kept:
            return False
        self.history.begin(span, self._emitter.snapshot(span.run))
        arriving: _Back | None = span.arrives
        if arriving is None:
            return False
        span.arrives = None
        if arriving.prepare is not None:
            arriving.prepare(span)
        return arriving.stops

    def leaves(self, span: Span) -> bool:
        """A span has ended: is that because of a rewind?"""
        if not self._backs or (back := self._around(span)) is None:
            return False
        mine = next((each for each in self._backs if each.has_departed and span is each.catcher), None)
        if mine is not None and not isinstance(span.error, Unwind):
            self._backs.remove(mine)
            if mine is back:  # else an outer one has cancelled its lane
                self._emitter.notice(_CAUGHT, "error")
                return False
        return True

    def _around(self, span: Span) -> _Back | None:
        """The rewind under way, of the outermost, that leaves this span."""
        backs = [back for back in self._backs if back.has_departed and is_inside(span, back.catcher)]
        return min(backs, key=lambda back: back.catcher.depth, default=None)

    def catches(self, span: Span) -> bool:
        """Will a rewind that is on its way make this span's call again?"""
        return bool(self._backs) and any(back.catcher is span for back in self._backs)

    def leave(self, span: Span) -> None:
        """Execution leaves a span that has ended, for good."""
        if self.is_kept:
            self.history.leave(span)

    def over(self, run: Span) -> None:
        """A run has ended, and so have all lanes within."""
        if self.is_kept:
            self.history.over(run)
        self._emitter.forget(run)

    def depart(self, span: Span) -> None:
        """The program goes on from a stop at this span. Raises Unwind where it is to go back."""
        self._edits.clear()
        for back in self._backs:
            if back.way.stop is span and not back.has_departed:
                back.has_departed = True
                raise back

    # What the adapter asks for, at a stop.

    def find(self, number: int) -> Span:
        """The span of this id. Raises CannotRewind."""
        span = self.history.spans.get(number)
        if span is None:
            raise CannotRewind(f"There is no step {number} in the history; it may have been thinned out.")
        return span

    def previous(self, stop: Span, at: str) -> Span:
        """The step before a stop, in its lane. Raises CannotRewind."""
        span = previous(stop, at, lambda span: self._emitter.method_of(span) is not None)
        if span is None:
            raise CannotRewind("There is no earlier step in this lane.")
        return span

    def way(self, target: Span, stop: Span) -> Way:
        """The way from a stop to the begin of a step. Raises CannotRewind."""
        return way_to(target, stop, list(self._lanes.values()))

    def plan(self, target: Span, stop: Span) -> dict[str, Any]:
        """What a rewind would do, without doing it. Raises CannotRewind."""
        way = self.way(target, stop)
        run = way.target.run
        printed = self._emitter.printed - way.target.printed
        return plan(way, self._emitter.snapshot(run), self.history.changes.get(run.id, []), printed)

    def go_back(
        self,
        way: Way,
        kind: str = "rewind",
        stops: bool = True,
        restores: bool = True,
        prepare: Callable[[Span], None] | None = None,
        text: str = "",
    ) -> None:
        """Take this way as the program goes on; `prepare` is called with the step's new span as it begins."""
        text = text or f"back to the begin of {name_of(way.target)}"
        back = _Back(way, self._lanes, lambda span: self._arrive(back, span), kind, text)
        back.stops, back.restores, back.prepare = stops, restores, prepare
        self._backs = [each for each in self._backs if each.has_departed or each.way.stop is not way.stop]
        self._backs.append(back)

    def _arrive(self, back: _Back, span: Span) -> Span:
        way = back.way
        event: Event = {"to": way.target.id, "left": left_for_good(way)}
        if way.path and span.status:
            event["reopens"] = span.id
        if not way.path and not span.status:
            fail(span, back)
            span.is_left = True
            self._emitter.end(span)
        self._backs = [each for each in self._backs if not is_inside(each.catcher, span)]
        self._emitter.intervened(back.kind, span, back.text, **event)
        if back.restores:
            self._restore(way, span)
            if (visit := way.target.visit) is not way.target and visit.edited is not None:
                keep_edits(visit, visit, way.target.id)
        self._emitter.forget_visits(leave(way))
        if way.path:
            reopen(span)
            span.descent = list(way.path)
            if span.kind == "item" and way.path[0].kind == "visit":  # one copy of a batch flow
                span.directive = starting_with(span, way.path[0])
            way.path[-1].arrives = back
            self._lanes[span.lane] = span
            return span
        new = again(span)
        new.arrives = back
        self.leave(span)
        return new

    def _restore(self, way: Way, span: Span) -> None:
        changes = self.history.changes.setdefault(span.run.id, [])
        now = self._emitter.snapshot(span.run)
        shared, left, taken = way.restored(now, changes)
        try:
            thaw(shared, now)
        except Exception as error:  # of a `__hash__` or `__eq__` of the user's
            text = f"{type(error).__name__}: {error}"
            self._emitter.notice(f"shared could not be restored to the end ({text}).", "error")
        gone = set(map(id, taken))
        changes[:] = [done for done in changes if id(done) not in gone]
        count = len(changes)
        self._emitter.changes(span)
        del changes[count:]  # this is no doing of the program's
        for sentence in stay_sentences(left):
            self._emitter.notice(sentence)

    def tell(self, kind: str, span: Span, text: str, **more: Any) -> None:
        """An intervention that takes no going back."""
        self._emitter.intervened(kind, span, text, **more)

    def notice(self, text: str) -> None:
        """A sentence for the user."""
        self._emitter.notice(text)

    # Edits, and taking them back.

    def edited(
        self,
        span: Span,
        text: str,
        take_back: Callable[[], object],
        of: Edited | None = None,
        kind: str = "edit",
    ) -> None:
        """The user has changed `shared`, or params or a result, at a stop."""
        self.tell(
            kind, span, text, **({} if of is None else {"name": of.name, "value": encode_value(of.value)})
        )
        self.can_undo(span, text, take_back, of)

    def can_undo(
        self, span: Span, text: str, take_back: Callable[[], object], of: Edited | None = None
    ) -> None:
        """Until the program goes on, this can be taken back."""
        self._edits.append((span, text, take_back, of))

    def undo(self) -> str:
        """Take the last edit back. Raises CannotRewind."""
        if not self._edits:
            raise CannotRewind("There is no edit at this stop to undo; rewind to a step before an older one.")
        span, text, take_back, of = self._edits.pop()
        take_back()
        text = f"Taken back: {text}"
        self.tell("undo", span, text, **({} if of is None else {"name": of.name}))
        return text

    def _thinned(self, thinned: Thinned) -> None:
        self._emitter.emit({"type": "thinned", **thinned._asdict(), "ts": clock()})
        if not self._has_told:
            self._has_told = True
            self._emitter.notice(
                "The history is full: of its older steps only some visits can be gone back to from here on."
            )


_CAUGHT = "The program caught the rewind itself (except BaseException or gather): it went on instead."


class _Back(Unwind):
    """One rewind under way."""

    has_departed = False
    stops = True  # where it leads
    restores = True  # `shared`
    prepare: Callable[[Span], None] | None = None  # called with the step's new span

    def __init__(
        self, way: Way, lanes: dict[int, Span], arrive: Callable[[Span], Span], kind: str, text: str
    ) -> None:
        super().__init__(way.catcher, arrive)
        self.way = way
        self.kind = kind
        self.text = text
        self._lanes = lanes

    async def settle(self) -> None:
        """The lanes inside come to their end: they belong to what is left."""
        here = asyncio.current_task()
        tasks = {
            span.owner
            for span in self._lanes.values()
            if is_inside(span, self.catcher) and isinstance(span.owner, asyncio.Task)
        }
        tasks = {task for task in tasks if task is not here and not task.done()}
        for span in self._lanes.values():
            if span.owner in tasks and span.account is not None:
                span.account.open()  # a lane that is held would not come to its end
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
