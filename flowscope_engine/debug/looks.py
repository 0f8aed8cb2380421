"""Looks at `shared`: what has changed since the last one, and who did it.

At the end of every phase; where lanes are concurrent also around each slice of a phase that may write, so
that what one lane does between two looks is known to be its doing. Runs on the same dict share its looks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice
from typing import Any

from ..describe import phase_methods
from ..diff import Change, diff
from ..encode import encode
from ..families import traits
from ..lanes import Lane
from ..snapshot import Frozen, Tree, freeze
from ..spans import PHASES, Span, clock
from ..uses import Carry, Place, Uses, carried, uses_of
from .awaited import line_in
from .outbox import Event

_FREE_NS = 100_000_000  # that the looks between phases may take…
_SHARE = 10  # …and beyond that one part in so many of the time
_PATIENCE = 1.0  # seconds that one thread waits for another one's look
_MOST_CARRIERS = 32  # looked at for one change
_MOST_HELD = 8  # elements of a tuple in which `shared` is looked for


class _Class:
    """What is known of the methods of a class."""

    def __init__(self, cls: type) -> None:
        self.methods = phase_methods(cls)
        self.uses = {kind: uses_of(self.methods[kind]) for kind in PHASES if kind in self.methods}
        prep, exec, post = (self.uses.get(kind, Uses()) for kind in PHASES)
        self.carried = carried(prep, Uses() if traits(cls).is_batch else exec, post)


class Watch:
    """A phase in which a lane may write, slice by slice."""

    __slots__ = ("code", "dict", "found", "lane", "looks", "outer", "span")

    def __init__(self, looks: Looks, dict: _Dict, span: Span, code: Any) -> None:
        self.looks = looks
        self.dict = dict
        self.span = span
        self.code = code
        self.lane: Lane = span.account
        self.outer: Watch | None = self.lane.watch
        self.found: list[Change] = []  # before its end

    def resumed(self) -> None:
        """A slice begins: what is different now was done by others."""
        slice = (self.lane.id, self.lane.since)
        if self.dict.slice != slice and len(self.looks.live) > 1 and self.dict.may_look():
            self.looks.look(self.dict, self.span, False)

    def suspended(self) -> None:
        """A slice ends."""
        if len(self.looks.live) > 1 and self.dict.may_look():
            self.found += self.looks.look(self.dict, self.span, True)


class _Carrier:
    """A lane on its way from reading a place to writing it."""

    __slots__ = ("carries", "has_begun", "span", "watch")

    def __init__(self, span: Span, watch: Watch | None) -> None:
        self.span = span  # the phase; or the visit, whose prep has read what its post will write
        self.carries: list[Carry] = []  # that nothing has outdated yet
        self.watch = watch  # of the phase that writes
        self.has_begun = watch is not None

    def outdated(self, author: Lane | None) -> Carry | None:
        """What it has read, and not yet written, while the author wrote."""
        if not self.has_begun:
            return self.carries.pop()
        watch = self.watch
        if watch is None or author is None or watch.lane.loop is not author.loop:
            return None
        line = line_in(watch.lane, watch.code) or 0
        for carry in self.carries:
            if carry.first <= line <= carry.last:
                self.carries.remove(carry)
                return carry
        return None


class _Dict:
    """One `shared`, with the runs that work on it."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.runs: list[Span] = []
        self.frozen: Frozen = None
        self.slice: tuple[int, int] | None = None  # lane and time of the slice that looked last
        self.begun = clock()
        self.spent = 0  # ns, on looks beside concurrent lanes
        self.open: dict[int, Watch] = {}  # phases that may write, by the id of their span
        self.carriers: dict[Place, dict[int, _Carrier]] = {}
        self.stray: list[Change] = []  # of nobody known; for breakpoints at the next end
        self.lock = threading.RLock()

    def may_look(self) -> bool:
        """Between phases, only while that is cheap: a large `shared` takes its time."""
        return self.spent < _FREE_NS or self.spent * _SHARE < clock() - self.begun + _FREE_NS


class Looks:
    """The latest snapshot of each run's `shared`, and how it came to be."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self.live: dict[int, Lane] = {}  # the lanes that live, as the accounts keep them
        self.threads: dict[int, int] = {}  # how many of them by thread
        self.on_change: Callable[[Span, Span, Frozen, Frozen], None] | None = None
        self._emit = emit
        self._of: dict[int, _Dict] = {}  # by the id of the run's span
        self._by_source: dict[int, _Dict] = {}
        self._classes: dict[type, _Class] = {}

    def snapshot(self, run: Span) -> Frozen:
        """The latest snapshot of a run's `shared`."""
        known = self._of.get(run.id)
        return None if known is None else known.frozen

    def reloaded(self) -> None:
        """Methods are not what they were."""
        self._classes.clear()

    def join(self, run: Span) -> int | None:
        """A run begins; the id of another one that works on the same dict."""
        known = self._by_source.get(id(run.shared))
        if known is None:
            known = _Dict(run.shared)
            known.frozen = freeze(run.shared)
            if type(known.frozen) is Tree:
                self._by_source[id(run.shared)] = known
        else:
            self.look(known, run, False)
        self._of[run.id] = known
        known.runs.append(run)
        return known.runs[0].id if len(known.runs) > 1 else None

    def forget(self, run: Span) -> None:
        """A run is over."""
        known = self._of.pop(run.id, None)
        if known is not None:
            known.runs = [other for other in known.runs if other is not run]
            if not known.runs and self._by_source.get(id(known.source)) is known:
                del self._by_source[id(known.source)]

    def begin(self, span: Span) -> None:
        """A phase or item begins: may it write while others run?"""
        kind, lane = span.kind, span.account
        if lane is None or (lane.loop is None and kind != "post"):
            return
        known = self._of.get(span.run.id)
        if known is None or (kind == "item" and not _is_handed(known, span)):
            return
        cls = self._class(span)
        method = cls.methods.get("exec" if kind == "item" else kind)
        if kind == "post" and cls.carried:
            self._arrive(known, span, cls)
        if method is None or lane.loop is None or (kind == "exec" and not _reaches(known, span, method)):
            return
        watch = lane.watch = known.open[span.id] = Watch(self, known, span, method.__code__)
        for carry in cls.uses[kind].carries if kind in cls.uses else ():
            carriers = known.carriers.setdefault(carry.place, {})
            carriers.setdefault(span.id, _Carrier(span, watch)).carries.append(carry)
        for carry in cls.carried if kind == "post" else ():
            if (carrier := known.carriers.get(carry.place, {}).get(span.visit.id)) is not None:
                carrier.watch = watch
        watch.resumed()

    def end(self, span: Span, looks: bool) -> list[Change]:
        """A span ends; what it has changed, and what was changed by nobody known."""
        known, lane = self._of.get(span.run.id), span.account
        if known is None:
            return []
        watch = known.open.pop(span.id, None)
        changes = self.look(known, span, True) if looks or watch is not None else []
        if looks and known.stray:
            changes, known.stray = known.stray + changes, []
        if watch is not None:
            changes = watch.found + changes
            if lane.watch is watch:
                lane.watch = watch.outer
        if known.carriers or span.kind == "prep":
            self._carry(known, span)
        return changes

    def changes(self, span: Span) -> list[Change]:
        """Send and return what is different in `shared` since the last look, as done by this span."""
        known = self._of.get(span.run.id)
        if known is None:
            return []
        known.slice = None  # the user's doing, at this span
        return self.look(known, span, True)

    def look(self, known: _Dict, span: Span, is_own: bool) -> list[Change]:
        """Tell what is different: as done by this span, or by somebody else before it went on."""
        if len(self.threads) < 2:
            return self._look(known, span, is_own)
        has_lock = known.lock.acquire(timeout=_PATIENCE)
        try:
            return self._look(known, span, is_own)
        finally:
            if has_lock:
                known.lock.release()

    def _look(self, known: _Dict, span: Span, is_own: bool) -> list[Change]:
        before, begin = known.frozen, clock()
        after = freeze(known.source, before)
        lane, is_sure = span.account, False
        if lane is not None and lane.loop is not None and len(self.live) > 1:
            slice = (lane.id, lane.since)
            is_alone = len(self.threads) < 2 and not lane.loop.outside
            is_sure = is_own and is_alone and known.slice == slice
            known.slice = slice
            known.spent += clock() - begin
        if after is before:
            return []
        known.frozen = after
        author = span if is_own else _suspect(known, span)
        changes = list(diff(before, after))
        outdated = _outdated(known, author, before, after, is_sure) if known.carriers else []
        self._tell(known, author, changes, is_sure, outdated)
        if self.on_change is not None:
            for run in known.runs:
                self.on_change(run, author, before, after)
        if not is_own:
            watch = known.open.get(author.id)
            found = known.stray if watch is None else watch.found
            found += changes
        return changes

    def _tell(
        self, known: _Dict, author: Span, changes: list[Change], is_sure: bool, outdated: list[Event]
    ) -> None:
        """Each run hears of the changes."""
        for change in changes:
            event: Event = {"type": "change", "path": list(change.path), "op": change.op}
            if change.op != "remove":
                event["value"] = encode(change.new)
            if change.op != "add":
                event["old"] = encode(change.old)
            for run in known.runs:
                place = _in_run(author, run)
                more: Event = {} if place is author else {"by": author.id}
                if place is author and is_sure:
                    more["sure"] = True
                if place is author and outdated:
                    more["outdates"], outdated = outdated, []
                self._emit({**event, "span": place.id, **more})

    # Who carries what they have read.

    def _carry(self, known: _Dict, span: Span) -> None:
        """A prep has read what its post will write; or that is over."""
        if span.kind in ("prep", "post", "visit", "run"):
            over = span.id if span.kind == "prep" else span.visit.id
            for place, carriers in list(known.carriers.items()):
                carriers.pop(span.id, None)
                carriers.pop(over, None)
                if not carriers:
                    known.carriers.pop(place, None)
        if span.kind == "prep" and span.status == "ok":
            for carry in self._class(span).carried:
                carrier = _Carrier(span.visit, None)
                carrier.carries.append(carry)
                known.carriers.setdefault(carry.place, {})[span.visit.id] = carrier

    def _arrive(self, known: _Dict, post: Span, cls: _Class) -> None:
        for carry in cls.carried:
            carrier = known.carriers.get(carry.place, {}).get(post.visit.id)
            if carrier is not None:
                carrier.has_begun = True

    def _class(self, span: Span) -> _Class:
        cls = type(span.node)
        known = self._classes.get(cls)
        if known is None:
            known = self._classes[cls] = _Class(cls)
        return known


def _suspect(known: _Dict, span: Span) -> Span:
    """Who has written behind the back of this span: the only other phase that may, else nobody."""
    others = [watch.span for watch in list(known.open.values()) if watch.span.lane != span.lane]
    if len(others) == 1:
        return others[0]
    return known.runs[0] if span.run not in known.runs else span.run


def _in_run(span: Span, run: Span) -> Span:
    """Where in this run the span is; the run itself where it is not within."""
    inner: Span | None = span
    while inner is not None and inner.run is not run:
        inner = inner.run.parent
    return run if inner is None else inner


def _outdated(known: _Dict, author: Span, before: Frozen, after: Frozen, is_sure: bool) -> list[Event]:
    """Those that have read what is different now, and will write what they make of it; told once each."""
    found: list[Event] = []
    for place, carriers in list(known.carriers.items()):
        if not carriers or not _is_replaced(before, after, place):
            continue
        for key, carrier in list(islice(carriers.items(), _MOST_CARRIERS)):
            if carrier.span.lane == author.lane:
                continue
            carry = carrier.outdated(author.account if is_sure else None)
            if carry is not None:
                lines = {"read": carry.read, "write": carry.write, "certain": carry.is_certain}
                found.append({"span": carrier.span.id, "path": list(place), **lines})
            if not carrier.carries:
                del carriers[key]
    return found


def _is_replaced(before: Frozen, after: Frozen, place: Place) -> bool:
    """Does another value stand there, rather than the same one with other parts?"""
    for key in place:
        before, after = _part(before, key), _part(after, key)
    both = type(before) is type(after) is Tree and before.source is after.source
    return before is not after and not both


def _part(frozen: Frozen, key: str | int) -> Frozen:
    if type(frozen) is not Tree:
        return None
    if frozen.keys is None:
        return frozen.parts[key] if type(key) is int and key < len(frozen.parts) else None
    pairs = zip(frozen.keys, frozen.parts, strict=True)
    return next((part for known, part in pairs if type(known) is type(key) and known == key), None)


def _reaches(known: _Dict, span: Span, method: Any) -> bool:
    """Has this exec `shared` at hand: as its prep's result, in its node, its module or around it?"""
    source, given = known.source, span.visit.prep_res
    if not traits(type(span.node)).is_batch and (_holds(given, source) or _is_part(given, source)):
        return True
    held = [*vars(span.node).values()] if hasattr(span.node, "__dict__") else []
    held += [method.__globals__.get(name) for name in method.__code__.co_names]
    for cell in method.__closure__ or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:
            pass  # not yet bound
    return any(value is source for value in held)


def _is_handed(known: _Dict, item: Span) -> bool:
    """Has this item `shared` at hand: by itself, or as all of its node's items do?"""
    if item.parent is None or not item.begins_lane:
        return False
    return item.parent.id in known.open or _holds(item.item_value, known.source)


def _holds(value: Any, source: Any) -> bool:
    if type(value) is tuple or type(value) is list:
        return any(part is source for part in islice(value, _MOST_HELD))
    return value is source


def _is_part(value: Any, source: Any) -> bool:
    """Is this a list, a dict or an object that stands in `shared` itself?"""
    if type(source) is not dict or type(value) in (str, int, float, bool, bytes, tuple, type(None)):
        return False
    return any(part is value for part in list(source.values()))
