"""The adapter's requests for time travel: plan, rewind, intervene, jump, undo, reload, value."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from ..adopt import known_classes
from ..diff import diff, path_key
from ..encode import Limits, encode, line_of, type_name
from ..reload import program_files, reload
from ..snapshot import Frozen, Opaque, Tree, freeze
from ..spans import Span
from ..thaw import thaw
from .controller import Controller
from .emitter import Emitter
from .interventions import KINDS
from .rewind import CannotRewind, flow_of, jump_to
from .standing import Stop
from .travel import Travel
from .variables import EDITABLE

Body = dict[str, Any]
Going = tuple[Body, Callable[[], None]]

Editable = tuple[Frozen, dict[str, tuple[Any, Frozen]]]
"""`shared`, and the others by name: each with its value and its snapshot."""

_PAGE = 100_000  # characters of a text
_LONGEST = 1 << 24
_SENTENCE = 200  # characters of an edit, where it is told


IN_PROGRAM = tuple(f"flowscope/{name}" for name in ("plan", "intervene", "undo", "reload"))
"""Requests that are answered on the thread that is stopped."""


class TravelRequests:
    """Part of the adapter."""

    _controller: Controller
    _emitter: Emitter

    def _stop(self) -> Stop:
        raise NotImplementedError

    def _value(self, source: str, span: Span) -> Any:
        raise NotImplementedError

    def _resume(self, mode: str, arguments: Body) -> Going:
        raise NotImplementedError

    def event(self, name: str, body: Body | None = None) -> None:
        """Send an event."""
        raise NotImplementedError

    @property
    def _travel(self) -> Travel:
        return self._controller.travel

    def _span(self, arguments: Body) -> Span:
        """The span that a request names; else where its lane stands."""
        stop = self._stop()
        if arguments.get("span") is not None:
            return self._travel.find(int(arguments["span"]))
        lane = arguments.get("lane")
        return stop.span if lane in (None, stop.span.lane) else self._controller.lanes[int(lane)]

    def _on_flowscope_plan(self, arguments: Body) -> Body:
        stop, span = self._stop(), self._span(arguments)
        return self._travel.plan(span, stop.span)

    def _on_flowscope_rewind(self, arguments: Body) -> Going:
        return self._rewind(self._span(arguments))

    def _on_stepBack(self, arguments: Body) -> Going:
        stop = self._stop()
        return self._rewind(self._travel.previous(stop.span, stop.at))

    def _rewind(self, span: Span) -> Going:
        stop = self._stop()
        self._travel.go_back(self._travel.way(span, stop.span))
        return self._go()

    def _go(self) -> Going:
        _, go_on = self._resume("continue", {})

        def leave() -> None:
            go_on()
            self._invalidate()

        return {}, leave

    def _on_flowscope_intervene(self, arguments: Body) -> Body | Going:
        stop, span, kind = self._stop(), self._span(arguments), str(arguments.get("kind"))
        if kind not in KINDS:
            raise CannotRewind(f"There is no intervention {kind!r}; choose one of {', '.join(KINDS)}.")
        source, item, action = arguments.get("value"), arguments.get("item"), arguments.get("action")
        if source is None and kind in ("answer", "raise"):
            source = ""
        given = () if source is None else (self._value(str(source), stop.span),)
        interventions = self._controller.interventions
        if kind == "pin":
            text, pin = interventions.pin(span, *given)
            return {"text": text, "pin": pin}
        value = next(iter(given), None)
        text, goes = interventions.intervene(kind, span, stop.span, stop.at, value, action, item)
        body = {"text": text}
        return (body, self._go()[1]) if goes else body

    def _on_flowscope_jump(self, arguments: Body) -> Going:
        stop, name = self._stop(), str(arguments.get("node"))
        flow = flow_of(stop.span)
        original = None if flow is None else self._emitter.node_in(flow.original, name)
        if original is None:
            known = self._emitter.describer
            labels = {known.id_of(node): self._emitter.label_of(node) for node in known.nodes()}
            what = labels.get(name, name)  # the screen asks by id
            raise CannotRewind(f"{what} is no node of the flow that stopped; name one of its nodes.")
        text = f"on to {self._emitter.label_of(original)} instead"
        self._travel.go_back(jump_to(original, stop.span), "jump", restores=False, text=text)
        return self._go()

    def _on_flowscope_undo(self, arguments: Body) -> Going:
        self._stop()
        return {"text": self._travel.undo()}, self._invalidate

    def _on_flowscope_reload(self, arguments: Body) -> Going:
        """Take over repaired source: of `path`, else of all of the program's files."""
        stop = self._stop()
        paths = [os.path.abspath(str(arguments["path"]))] if arguments.get("path") else program_files()
        result = reload(paths, known_classes())
        if result.changed:
            self._emitter.reloaded(stop.span.run)
            if (replay := self._controller.interventions.replay) is not None:
                replay.changed.update(result.changed)
            self._travel.tell("reload", stop.span, f"new code for {', '.join(result.changed)}")
        message = " ".join(result.left)
        return {"changed": result.changed, "message": message}, self._invalidate

    def _invalidate(self) -> None:
        """What the client knows of values is void."""
        self.event("invalidated", {"areas": ["variables", "stacks"]})

    def _editable(self, span: Span) -> Editable:
        """What an expression may change in place at a stop, as it is now."""
        known = self._controller.namespace(span)
        values = {name: (known[name], freeze(known[name])) for name in EDITABLE}
        return self._emitter.snapshot(span.run), values

    def _edited(self, span: Span, before: Editable, text: str) -> bool:
        """After something of the user's has run at a stop: note what it has changed."""
        shared, values = before
        line, is_edited = _one_line(text), False
        self._emitter.changes(span)
        if self._emitter.snapshot(span.run) is not shared:

            def take_back() -> None:
                thaw(shared, self._emitter.snapshot(span.run))
                self._emitter.changes(span)

            self._travel.edited(span, line, take_back)
            is_edited = True
        for name, (value, frozen) in values.items():
            if diff(frozen, freeze(value, frozen)):
                self._controller.interventions.changed_inside(span, name, value, frozen, line)
                is_edited = True
        return is_edited

    def _on_flowscope_value(self, arguments: Body) -> Body:
        """A value of the history in full: as text, from `start`, and as VALUE.

        `at` is shared (at the begin), now (shared, too), params, item, prep_res, exec_res or result.
        With `contains`, only whether the text holds this one; capitals do not matter.
        """
        span = self._travel.find(int(arguments["span"]))
        at = str(arguments.get("at", "result"))
        value = self._emitter.snapshot(span.run) if at == "now" else _value_of(span, at)
        frozen = _inside(value, arguments.get("path") or ())
        start, count = int(arguments.get("start", 0)), int(arguments.get("count", 0)) or _PAGE
        text = frozen if isinstance(frozen, str) else line_of(frozen, _LONGEST)
        if (wanted := arguments.get("contains")) is not None:
            return {"contains": str(wanted).lower() in text.lower()}
        cls = type(frozen.source) if isinstance(frozen, (Tree, Opaque)) else type(frozen)
        body = {"text": text[start : start + count], "length": len(text), "type": type_name(cls)}
        return {**body, "value": encode(frozen, Limits(text=_PAGE))}


def _one_line(text: str) -> str:
    """What was typed, as far as a sentence has room for it."""
    line = " ".join(text[: 2 * _SENTENCE].split())
    return line if len(line) <= _SENTENCE else line[: _SENTENCE - 1] + "…"


def _value_of(span: Span, at: str) -> Frozen:
    if at in ("shared", "begin"):
        if span.before is None:
            raise CannotRewind("The snapshot of this step was thinned out of the history.")
        return span.before
    if at == "params":
        return freeze(getattr(span.node, "params", None))
    if span.is_thin:
        raise CannotRewind("The results of this step were thinned out of the history.")
    if at == "item":
        return freeze(span.item_value)
    return freeze(getattr(span.visit, at) if at in ("prep_res", "exec_res") else span.result)


def _inside(frozen: Frozen, path: Iterable[Any]) -> Frozen:
    for key in path:
        keys = range(len(frozen.parts)) if type(frozen) is Tree and frozen.keys is None else None
        names = [path_key(name) for name in frozen.keys or ()] if type(frozen) is Tree and not keys else keys
        if not names or key not in names:
            raise CannotRewind(f"There is no {key!r} in this value.")
        frozen = frozen.parts[list(names).index(key)]
    return frozen
