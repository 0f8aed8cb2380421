"""Interventions: answer, skip, raise, reroute, pin, retry and rerun, for a node or one item.

What can be done where the program stands becomes a directive for the call there; what lies further on waits
for its span to begin; what lies behind takes a rewind to it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..encode import encode_value, preview
from ..exact import NotExact, from_exact, to_exact
from ..snapshot import Frozen
from ..spans import Span
from ..steer import Directive, Edit
from ..thaw import thaw
from .replay import Replay
from .rewind import CannotRewind, name_of
from .travel import Edited, Travel

KINDS = ("answer", "skip", "raise", "reroute", "pin", "retry", "rerun")

_WIDTH = 80  # of a value in a sentence
_STEPS = ("run", "visit", "prep", "exec", "post", "item")
CALLS = ("exec", "item", "attempt", "fallback")  # whose results are exec's

Place = tuple[int, str, int | None]
"""The id of a visit, a kind of its spans, an item."""


class Interventions:
    """What the user has decided about calls yet to be made."""

    def __init__(self, travel: Travel) -> None:
        self.pins: dict[tuple[str, int | None], Any] = {}  # exec results by label and item
        self.replay: Replay | None = None
        self._travel = travel
        self._waiting: dict[Place, Directive] = {}
        self.reroutes: dict[int, str] = {}  # actions by the id of the visit

    # What the program reaches.

    def begin(self, span: Span) -> None:
        """A span begins: leave what was decided about it."""
        answer = None if self.replay is None else self.replay.begin(span)
        if span.directive is not None:
            return
        if self._waiting:
            span.directive = self._waiting.pop((span.visit.id, span.kind, span.item), None)
        if span.directive is None and self.pins and span.kind in ("exec", "item"):
            place = (span.label or span.visit.label, span.item)
            if place in self.pins:
                span.directive = Directive(self.pins[place], by="pin")
                self._travel.tell("pin", span, f"{name_of(span)} is pinned: {_shown(self.pins[place])}")
        if span.directive is None and span.visit.edited is not None:
            span.directive = _with_edits(span)
        if span.directive is None and answer is not None:
            span.directive = answer

    def end(self, span: Span) -> None:
        """A span has ended: leave a visit's other action, if one was decided."""
        if self.replay is not None:
            self.replay.end(span)
        if self.reroutes and span.kind in ("visit", "run"):
            action = self.reroutes.pop(span.id, None)
            if action is not None and not span.is_left:
                span.directive = Directive(action, by="reroute")

    # What the user decides, at a stop.

    def intervene(
        self,
        kind: str,
        span: Span,
        stop: Span,
        at: str,
        value: Any = None,
        action: str | None = None,
        item: int | None = None,
    ) -> tuple[str, bool]:
        """Do it; a sentence, and whether the program must go on at once. Raises CannotRewind."""
        ahead = None if item is None or span.visit.status or _item(span, item) else item
        if ahead is None:
            span = _meant(span, item)
        elif kind in ("retry", "rerun", "reroute"):
            raise CannotRewind(f"{name_of(span.visit)} has no item {item} yet.")
        if kind in ("retry", "rerun"):
            return self._again(kind, span, stop), True
        if kind == "reroute":
            return self._reroute(span, stop, at, action or "default")
        directive, text = decided(kind, value)
        return self._decide(kind, span, stop, at, directive, text, ahead)

    def _decide(
        self, kind: str, span: Span, stop: Span, at: str, directive: Directive, text: str, ahead: int | None
    ) -> tuple[str, bool]:
        """`ahead` is an item of the span's visit that is yet to come."""
        place: Place
        done: Span | None
        if ahead is not None:
            place, done = (span.visit.id, "item", ahead), None
            name = f"{name_of(span.visit)}[{ahead}]"
        elif stop is span and span.kind == "post" and at == "begin" and directive.error is None:
            self.edit(stop, at, "exec_res", directive.value, kind)
            return f"{name_of(span)} gets {_shown(directive.value)}", False
        elif span.kind not in CALLS and not span.visit.is_flow and directive.error is None:
            place = (span.visit.id, "exec", None)
            done = next((step for step in span.visit.steps or () if step.kind == "exec"), None)
            name = f"{name_of(span.visit)}.exec"
        else:
            if kind == "answer" and span.kind not in CALLS:
                raise CannotRewind(f"{name_of(span)} has no exec to answer; reroute gives another action.")
            place, done, name = (span.visit.id, span.kind, span.item), span, name_of(span)
        text = f"{name} {text}"
        if done is stop and (at == "begin" or directive.error is None):
            self._can_undo(span, text, place, stop)
            stop.directive = directive
        elif done is None and not span.visit.status:
            self._can_undo(span, text, place, stop)
            self._waiting[place] = directive
            if span is stop and at == "end":  # its prep has failed
                stop.directive = Directive(by=kind)
        else:
            target = done or span.visit

            def prepare(new: Span) -> None:
                there = (new.id, *place[1:])
                self._can_undo(new, text, there, new)
                if done is None:
                    self._waiting[there] = directive
                else:
                    new.directive = directive

            self._travel.go_back(self._travel.way(target, stop), kind, prepare=prepare, text=text)
            return text, True
        self._travel.tell(kind, span, text, value=encode_value(directive.value))
        return text, False

    def _can_undo(self, span: Span, text: str, place: Place, stop: Span) -> None:
        """What is decided next about these can be taken back: what it replaces holds again."""
        waiting, given = self._waiting.get(place), stop.directive

        def take_back() -> None:
            self._waiting.pop(place, None)
            if waiting is not None:
                self._waiting[place] = waiting
            stop.directive = given

        self._travel.can_undo(span, text, take_back)

    def _reroute(self, span: Span, stop: Span, at: str, action: str) -> tuple[str, bool]:
        visit = span.visit
        text = f"{name_of(visit)} is left by {action!r}"

        def leave_by(visit: Span) -> None:
            before = self.reroutes.get(visit.id)

            def take_back() -> None:
                self.reroutes.pop(visit.id, None)
                if before is not None:
                    self.reroutes[visit.id] = before

            self.reroutes[visit.id] = action
            self._travel.can_undo(visit, text, take_back)

        def replace(end: Span) -> None:
            before, end.directive = end.directive, Directive(action, by="reroute")
            self._travel.can_undo(end, text, lambda: setattr(end, "directive", before))

        if stop is visit and at == "end":
            replace(stop)
        elif not visit.status:
            leave_by(visit)
        else:
            post = next((step for step in visit.steps or () if step.kind == "post"), None)
            target = visit if post is None or visit.status != "ok" else post

            def prepare(new: Span) -> None:
                if new.kind == "post":
                    leave_by(new.visit)
                else:  # it has failed: nothing of it runs again
                    replace(new)

            self._travel.go_back(self._travel.way(target, stop), "reroute", prepare=prepare, text=text)
            return text, True
        self._travel.tell("reroute", visit, text, action=action)
        return text, False

    def edit(self, stop: Span, at: str, name: str, value: Any, kind: str = "edit") -> None:
        """Give the call that comes another prep_res or exec_res than the program would, or other params."""
        visit = stop.visit
        holder = visit.node if name == "params" else visit
        before = (getattr(holder, name), visit.edited, stop.directive)
        setattr(holder, name, value)
        if at == "end" and stop.kind == name.partition("_")[0]:
            stop.directive = Directive(value, by=kind)
        elif name != "params":
            visit.edited = dict(visit.edited or {})
            own = visit.edited[name].own if name in visit.edited else before[0]
            visit.edited[name] = Edit(self._travel.history.newest, own)
            stop.directive = _with_edits(stop) if at == "begin" else stop.directive
        text = f"{name} = {_shown(value)}"

        def take_back() -> None:
            setattr(holder, name, before[0])
            visit.edited, stop.directive = before[1:]

        self._travel.edited(stop, text, take_back, Edited(name, value), kind)

    def changed_inside(self, stop: Span, name: str, value: Any, before: Frozen, text: str) -> None:
        """An expression has changed params, prep_res or exec_res in place; `before` is as it was."""
        self._travel.edited(stop, text, lambda: thaw(before), Edited(name, value))

    def _again(self, kind: str, span: Span, stop: Span) -> str:
        target = next((around for around in _outwards(span) if around.kind in ("item", "visit", "run")), span)
        state = "the present state" if kind == "retry" else "shared as it was at its begin"
        text = f"{name_of(target)} runs again with {state}"
        way = self._travel.way(target, stop)

        def prepare(new: Span) -> None:
            new.is_live = True

        self._travel.go_back(way, kind, False, kind == "rerun", prepare, text)
        return text

    def pin(self, span: Span, *given: Any) -> tuple[str, dict[str, Any]]:
        """Keep an exec result: its own, or the one given; no longer, where it is kept already.

        A sentence, and what a restart needs to keep it too.
        """
        span = _meant(span, None)
        item = next((around for around in _outwards(span) if around.kind == "item"), None)
        place = (span.visit.label, None if item is None else item.item)
        if not given and place in self.pins:
            del self.pins[place]
            text = f"{name_of(item or span.visit)} is pinned no longer"
            self._travel.tell("pin", span, text)
            return text, {"node": place[0], "item": place[1], "gone": True}
        call = item or next((step for step in span.visit.steps or () if step.kind == "exec"), None)
        if given:
            value = given[0]
        elif call is not None and call.status == "ok":
            value = call.result
        else:
            raise CannotRewind(f"{name_of(item or span.visit)} has no exec result to pin yet; give one.")
        self.pins[place] = value
        name = place[0] if place[1] is None else f"{place[0]}[{place[1]}]"
        text = f"{name} keeps this exec result at every visit: {_shown(value)}"
        kept = {"node": place[0], "item": place[1]}
        try:
            kept["value"] = to_exact(value)
        except NotExact as error:
            text += f" (until a restart: {error} cannot be written down exactly)"
        self._travel.tell("pin", span, text, value=encode_value(value))
        return text, kept

    def keep_pins(self, pins: Iterable[dict[str, Any]]) -> None:
        """Those of the process before this one."""
        for kept in pins:
            if "value" in kept:
                self.pins[str(kept.get("node")), kept.get("item")] = from_exact(kept["value"])


def decided(kind: str, value: Any) -> tuple[Directive, str]:
    """What becomes of a call by a raise, skip or answer, and as a sentence has it. Raises CannotRewind."""
    if kind == "raise":
        error = value() if isinstance(value, type) and issubclass(value, BaseException) else value
        if not isinstance(error, BaseException):
            raise CannotRewind("Only an exception can be raised: ValueError('why'), for example.")
        return Directive(error=error, by=kind), f"raises {_shown(error)}"
    if kind == "skip":
        return Directive(by=kind), "is skipped"
    return Directive(value, by=kind), f"is answered: {_shown(value)}"


def _shown(value: Any) -> str:
    return preview(value, _WIDTH)


def _item(span: Span, item: int) -> Span | None:
    """The latest item of this number in the visit of a span."""
    steps = [inner for step in span.visit.steps or () for inner in (step, *(step.steps or ()))]
    return next((step for step in reversed(steps) if step.kind == "item" and step.item == item), None)


def _meant(span: Span, item: int | None) -> Span:
    """The span that an intervention is about: at an error that came through, where it came from."""
    if item is not None:
        found = _item(span, item)
        if found is None:
            raise CannotRewind(f"{name_of(span.visit)} has no item {item}.")
        return found
    while span.status == "failed" and (inner := _inner_failure(span, _STEPS)) is not None:
        span = inner
    return span


def _inner_failure(span: Span, kinds: tuple[str, ...]) -> Span | None:
    failed = [step for step in span.steps or () if step.status == "failed" and step.kind in kinds]
    return failed[-1] if failed else None


def _outwards(span: Span) -> list[Span]:
    around = [span]
    while (parent := around[-1].parent) is not None and parent.visit is span.visit:
        around.append(parent)
    return around


def _with_edits(span: Span) -> Directive | None:
    """The arguments of a phase, with the results that were edited."""
    visit = span.visit
    edits: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    if span.kind == "post":

        def edits(args: tuple[Any, ...]) -> tuple[Any, ...]:
            return (*args[:-2], visit.prep_res, visit.exec_res)

    elif span.kind in ("exec", "attempt") and span.around("item") is None and "prep_res" in visit.edited:

        def edits(args: tuple[Any, ...]) -> tuple[Any, ...]:
            return (*args[:-1], visit.prep_res)

    else:
        return None
    return Directive(args=edits)
