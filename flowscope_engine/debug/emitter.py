"""Spans and what they change, as event dicts."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from ..describe import Describer, class_file, class_name, nodes_of, phase_methods
from ..diff import Change
from ..encode import encode, encode_value, preview
from ..exact import NotExact, to_exact
from ..families import is_own, members, root_of
from ..names import learn_names, name_of
from ..observe import observe_class
from ..snapshot import Frozen
from ..spans import Span, clock, current
from ..standstill import held
from .held_flows import held_graphs
from .looks import Looks
from .outbox import Event, Outbox

_NAMED_DEPTH = 40  # frames looked through for the names of nodes when a run begins
_EXACT = ("prep", "exec", "item")  # whose results a replay needs
_LOOKS = frozenset({"prep", "exec", "post", "run"})  # at whose end `shared` is looked at
_MAY_WRITE = frozenset({"prep", "exec", "post", "item"})
_TRIES = frozenset({"attempt", "fallback"})
_PHASE_OF = {"item": "exec", "attempt": "exec"}


class Emitter(Outbox):
    """Turns the boundaries of spans into events, on the thread where they happen."""

    def __init__(self) -> None:
        super().__init__()
        self.describer = Describer()
        self.looks = Looks(self.emit)
        self._graphs: dict[int, Event] = {}  # as last sent, by the id of the run's span
        self._others: dict[int, list[tuple[Any, Any]]] = {}  # run, not declared; as above
        self._visits: dict[tuple[int, str], int] = {}
        self._names: dict[str, set[str]] = {}
        self._methods: dict[type, dict[str, list[Any]]] = {}
        self.is_exact = False  # are values that the display cuts told exactly too?
        self.is_outline = False  # are flows that variables hold told too, run or not?
        self.printed = 0  # lines of output so far
        self.on_graph: Callable[[], None] | None = None  # there may be nodes that were not known

    def notice(self, text: str, level: str = "warning") -> None:
        """A sentence for the user of the debugger."""
        self.emit({"type": "notice", "level": level, "text": text})

    def begin(self, span: Span) -> None:
        """A span begins; a run sends its graph first."""
        kind = span.kind
        if kind == "run":
            self._begin_run(span)
        elif kind == "visit":
            self._begin_visit(span)
        else:
            span.node_id, span.label = span.visit.node_id, span.visit.label
        span.printed = self.printed
        begun = self._begun(span)
        if kind == "run" and (other := self.looks.join(span)) is not None:
            begun["shares"] = other
        self.emit(begun)
        if "file" in begun and self._has_sender:
            self.hurry()  # code of the user's comes next: it may crash
        if kind == "run":
            value = encode(self.looks.snapshot(span))
            self.emit({"type": "change", "span": span.id, "path": [], "op": "set", "value": value})
        elif kind in _MAY_WRITE:
            self.looks.begin(span)

    def end(self, span: Span) -> list[Change]:
        """A span has ended; the changes of `shared` that were found at this end, sent before it."""
        kind = span.kind
        changes = [] if kind in _TRIES else self.looks.end(span, kind in _LOOKS)
        event: Event = {"type": "end", "id": span.id, "status": span.status, "ts": span.end_ns}
        if ns := held(span):
            span.held_ns = ns
        event["held"] = ns
        if kind == "visit" or kind == "run":
            event["action"] = _action(span.action)
            if kind == "visit" and not self.describer.is_current(span.original):
                self._send_graph(span.run)  # its successors changed while it ran
        else:
            result = span.result
            event["result"] = None if result is None else encode_value(result)
            if self.is_exact and kind in _EXACT:
                _add_exact(event, "result", result)
        if span.given:
            event["given"] = span.given
        if span.is_replayed:
            event["replayed"] = True
        if span.is_left:
            event["rewound"] = True
        elif span.error is not None:
            event["error"] = describe_error(span.error)
        self.emit(event)
        return changes

    def outline(self) -> None:
        """Where that is wanted: the graphs of flows that no run has told of yet."""
        if self.is_outline:
            try:
                for graph in held_graphs(self.describer):
                    self.emit(graph)
            except Exception as error:  # else the stop before the first node would not come about
                self.notice(f"Not all variables could be searched for flows: {error!r}.", "error")

    def forget(self, run: Span) -> None:
        """A run is over."""
        self.looks.forget(run)
        self._graphs.pop(run.id, None)
        self._others.pop(run.id, None)
        self._visits = {key: count for key, count in self._visits.items() if key[0] != run.id}
        self._names.clear()  # of nodes that may go with their run

    def reloaded(self, run: Span) -> None:
        """Methods stand on other lines than before."""
        self._methods.clear()
        self.looks.reloaded()
        self._send_graph(run)

    def forget_visits(self, steps: Iterable[Span]) -> None:
        """Visits that a rewind has left behind: those that repeat them have their numbers."""
        for step in steps:
            if step.kind == "visit" and step.nth:
                key = (step.run.id, step.node_id)
                self._visits[key] = min(self._visits.get(key, 0), step.nth - 1)

    def snapshot(self, run: Span) -> Frozen:
        """The latest snapshot of a run's `shared`."""
        return self.looks.snapshot(run)

    def intervened(self, kind: str, span: Span | None, text: str, **more: Any) -> None:
        """The user has changed the course of the program."""
        place = (None, None) if span is None else (span.id, span.lane)
        event = {"type": "intervention", "kind": kind, "span": place[0], "lane": place[1], "ts": clock()}
        self.emit({**event, "text": text, **more})

    def _begin_run(self, span: Span) -> None:
        learn_names(sys._getframe(2), _NAMED_DEPTH)
        self._send_graph(span)
        self._name(span)

    def _begin_visit(self, span: Span) -> None:
        if span.original is span.node:
            span.original = self.describer.original_of(span.node)
        if not self.describer.is_current(span.original):
            self._send_graph(span.run)
        if self.describer.id_of(span.original) is None and span.parent is not None:
            flow = span.parent.visit.original
            self._others.setdefault(span.run.id, []).append((span.original, flow))
            self._send_graph(span.run)
        self._name(span)

    def _name(self, span: Span) -> None:
        span.node_id = self.describer.id_of(span.original) or ""
        span.label = self.describer.label_of(span.node_id)

    def _send_graph(self, run: Span) -> None:
        graph = self.describer.describe(run.original, self._others.get(run.id, ()))
        if graph != self._graphs.get(run.id):
            self._graphs[run.id] = graph
            for cls in self.describer.classes_in(graph):
                observe_class(cls)  # methods given to a class after it was made
            self.emit({"type": "graph", "run": run.id, **graph})
            if self.on_graph is not None:
                self.on_graph()

    def _begun(self, span: Span) -> Event:
        event: Event = {
            "type": "begin",
            "id": span.id,
            "parent": None if span.parent is None else span.parent.id,
            "lane": span.lane,
            "kind": span.kind,
            "node": span.node_id,
            "label": span.label,
            "ts": span.begin_ns,
        }
        if span.again is not None:
            event["again"] = span.again
        kind = span.kind
        if kind in ("run", "visit"):
            event["params"] = encode_value(getattr(span.node, "params", None))
            if kind == "visit":
                key = (span.run.id, span.node_id)
                span.nth = span.nth or self._visits.get(key, 0) + 1  # one that repeats another has its number
                event["visit"], self._visits[key] = span.nth, max(span.nth, self._visits.get(key, 0))
            return event
        if kind == "item":
            event["item"] = span.item
            event["value"] = encode_value(span.item_value)
            if self.is_exact:
                _add_exact(event, "value", span.item_value)
        elif kind == "attempt":
            event["attempt"] = span.attempt
        methods = self._methods.get(type(span.node)) or self.methods(type(span.node))
        place = methods.get(_PHASE_OF.get(kind, kind))
        if place is None:
            event["inherited"] = True
        else:
            event["file"], event["line"] = place
        return event

    def method_of(self, span: Span) -> list[Any] | None:
        """File and line of the user's method behind this span; None where it is PocketFlow's own."""
        return self.methods(type(span.node)).get(_PHASE_OF.get(span.kind, span.kind))

    def methods(self, cls: type) -> dict[str, list[Any]]:
        """File and line of each phase's method of a class, PocketFlow's own left out."""
        methods = self._methods.get(cls)
        if methods is None:
            methods = self._methods[cls] = {
                phase: [method.__code__.co_filename, method.__code__.co_firstlineno]
                for phase, method in phase_methods(cls).items()
            }
        return methods

    def names(self, span: Span) -> set[str]:
        """What a breakpoint may call a span's node."""
        names = self._names.get(span.node_id)
        if names is None and span.node_id:
            names = self._names[span.node_id] = self._names_of(span.visit.original)
        return names or set()

    def _names_of(self, node: Any) -> set[str]:
        """Label, class, variable and id; with their module or a place in a file its base classes as well."""
        names = {self.describer.id_of(node) or "", self.label_of(node), name_of(node) or ""} - {""}
        for cls in type(node).__mro__[:-1]:
            if is_own(cls) and cls is not type(node):
                break
            names |= _family_names(cls)
        return names | {type(node).__name__}

    def known_names(self) -> set[str]:
        """What a breakpoint may call any node described so far, or a class of which nodes may come later."""
        nodes = self.describer.nodes()
        names = set().union(*map(self._names_of, nodes))
        classes = {type(node) for node in nodes}
        for root in {root for cls in classes if (root := root_of(cls)) is not None}:
            for cls in members(root):
                if not is_own(cls):
                    names |= _family_names(cls)
                    # Nodes of a class whose subclasses alone have some are not expected.
                    names |= set() if any(issubclass(each, cls) for each in classes) else {cls.__name__}
        return names

    def node_in(self, flow: Any, name: str) -> Any:
        """The node of a flow that has this id, label, class or variable; None where there is none."""
        for node in nodes_of(flow):
            known = self.describer.id_of(node)
            if known is not None and name in (known, self.label_of(node), type(node).__name__, name_of(node)):
                return node
        return None

    def label_of(self, node: Any) -> str:
        """The label of a described node."""
        return self.describer.label_of(self.describer.id_of(node) or "")

    def changes(self, span: Span) -> list[Change]:
        """Send and return what is different in `shared` since the last look, as done by this span."""
        return self.looks.changes(span)

    def asked(self, prompt: str) -> None:
        """The program waits for a line from the user."""
        self._input("asked", prompt)

    def answered(self) -> None:
        """The program has got its line."""
        self._input("answered", "")

    def _input(self, state: str, prompt: str) -> None:
        span = current.get()
        where = {"span": span and span.id, "lane": span.lane if span else 0}
        self.emit({"type": "input", "state": state, "prompt": prompt, **where})

    def output(self, stream: str, text: str) -> None:
        """What the program wrote, with the span that wrote it."""
        self.printed += text.count("\n")
        span = current.get()
        where = {"lane": span.lane if span else 0, "span": span and span.id, "stream": stream}
        self.emit_text({"type": "output", **where, "text": text, "ts": clock()})
        if text.endswith("\n"):
            self.hurry()  # as a terminal shows each line at once


def _add_exact(event: Event, key: str, value: Any) -> None:
    """`exact`, where what is displayed is not the whole value; opaque where there is no way to write it."""
    try:
        exact = to_exact(value)
    except NotExact as error:
        event["exact"] = {"$": "opaque", "type": str(error)}
    else:
        if exact != event[key]:
            event["exact"] = exact


def _family_names(cls: type) -> set[str]:
    """What means the nodes of a class and of its subclasses, in which its methods run too."""
    return {class_name(cls), place_name(class_file(cls), cls.__qualname__)}


def place_name(path: str | None, qualname: str) -> str:
    """The name of a class by where it stands: what breakpoints on source lines call it."""
    return f"{path}:{qualname}"


def describe_error(error: BaseException) -> Event:
    """An error as it stands in events: type, message and traceback text."""
    cls = type(error)
    name = cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    try:
        message = str(error)
        text = "".join(traceback.format_exception(error))
    except Exception as failure:
        message = f"<str failed: {type(failure).__name__}>"
        text = f"{name}: {message}\n"
    return {"type": name, "message": message, "traceback": text}


def _action(action: Any) -> str | None:
    return action if action is None or isinstance(action, str) else preview(action)
