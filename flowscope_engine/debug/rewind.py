"""Where a rewind can lead, and what it will do: pure reading of spans.

A rewind leaves all calls up to that of the `catcher`, the innermost one around the step that is still on the
stack; the catcher makes its call again, which goes down `path` to the step (see steer.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..diff import diff
from ..encode import preview
from ..families import traits
from ..snapshot import Frozen
from ..spans import PHASES, Span
from ..steer import recorded
from ..thaw import kept
from .beside import Done, Restored, is_inside, restored, siblings
from .history import walk

_SHOWN = 50  # paths of a plan
_KINDS = ("run", "visit", "prep", "exec", "post", "item")


class CannotRewind(Exception):
    """A rewind that cannot be done; one sentence says why and what to do instead."""


@dataclass
class Way:
    """The way back to a step."""

    target: Span
    catcher: Span
    path: list[Span]  # from below the catcher down to the target; none where it is the target
    stop: Span  # from where
    is_alone: bool  # no lane goes on beside the catcher

    def restored(self, now: Frozen, changes: Sequence[Done]) -> Restored:
        """What `shared` is to be; `changes` is what the spans of the target's run did."""
        return restored(self.target, self.catcher, self.path, now, changes, self.is_alone)


def way_to(target: Span, stop: Span, lanes: Collection[Span]) -> Way:
    """The way from a stop to the begin of `target`; `lanes` are the innermost open spans.

    Raises CannotRewind.
    """
    if target.kind in ("attempt", "fallback") and target.parent is not None:
        target = target.parent  # attempts are made by the loop around them
    name = name_of(target)
    if target.is_left:
        raise CannotRewind(f"{name} belongs to a branch that was left; choose a step of the present one.")
    chain = _chain(stop)
    catcher = _catcher(target, chain)
    if catcher is None:
        raise CannotRewind(f"{name} is not of the run that is stopped; choose a step of this run.")
    path: list[Span] = []
    step = target
    while step is not catcher and step.parent is not None:
        path.insert(0, step)
        step = step.parent
    for step in path:
        _check(step, chain)
    if target.is_thin or target.before is None:
        raise CannotRewind(f"The snapshot of {name} was thinned out of the history; {_instead(target)}.")
    others = [lane for lane in lanes if lane.run is target.run and lane not in chain]
    return Way(target, catcher, path, stop, all(is_inside(lane, catcher) for lane in others))


def _instead(target: Span) -> str:
    """Which visit beside one that was thinned out can be gone back to."""
    beside = () if target.visit.parent is None else target.visit.parent.steps or ()
    kept = [step for step in beside if step.kind == "visit" and step.before is not None and not step.is_thin]
    later = next((step for step in kept if step.id > target.id), None)
    earlier = next((step for step in reversed(kept) if step.id < target.id), None)
    if later is None or earlier is None:
        return f"choose a later visit{'' if later is None else f', such as {name_of(later)}'}"
    return f"those kept next to it are {name_of(earlier)} and {name_of(later)}"


def flow_of(stop: Span) -> Span | None:
    """The flow that goes on after a stop: the one around its node, or the run that ends here."""
    flow = stop if stop.kind == "run" and stop.is_flow else stop.visit.parent
    while flow is not None and (flow.visit is not flow or not flow.is_flow):
        flow = flow.parent if flow.kind == "item" else None
    return flow


def jump_to(original: Any, stop: Span) -> Way:
    """The way to another node of the flow around the stop, `shared` as it is. Raises CannotRewind."""
    flow = stop if stop.kind == "run" else stop.visit.parent
    if flow is None or (flow.status and flow is not stop):
        raise CannotRewind("There is no flow here to go on in; jump from a stop in one of its nodes.")
    step = Span("visit", original, flow)
    step.original = original
    visits = [inner.id for inner in flow.steps or () if inner.kind == "visit"]
    step.id = max(visits, default=0)  # what is left: the visit that the flow is in
    return Way(step, flow, [step], stop, True)


def previous(stop: Span, at: str, is_of_user: Callable[[Span], bool]) -> Span | None:
    """The step before this stop, in its lane: a visit, a phase of the user's or an item."""
    steps = [
        step
        for step in walk(_root(stop))
        if step.lane == stop.lane
        and step.kind in _KINDS
        and not step.is_left
        and (step.kind not in PHASES or is_of_user(step))
    ]
    before = [step for step in steps if step.id < stop.id or (at == "end" and is_inside(step, stop))]
    return max(before, key=lambda step: step.id, default=None)


def _root(span: Span) -> Span:
    while span.parent is not None:
        span = span.parent
    return span


def _chain(stop: Span) -> list[Span]:
    chain = [stop]
    while (parent := chain[-1].parent) is not None:
        chain.append(parent)
    return chain


def _catcher(target: Span, chain: list[Span]) -> Span | None:
    """The innermost call on the stack around the target; an ended one only where none else will do."""
    step: Span | None = target
    found = None
    if target.kind == "visit" and target.parent is not None:
        step = target.parent  # a visit is made by its flow, from a copy of its own
    while step is not None:
        if step in chain:
            found = found or step
            alone = step.parent is None or step.parent.lane != step.lane
            if not step.status or alone or step is target:
                return step
        step = step.parent
    return found


def _check(step: Span, chain: list[Span]) -> None:
    """Can what lies before this step, below its parent, be answered from the history?"""
    parent = step.parent
    assert parent is not None
    name = name_of(step)
    for kind in ("prep", "exec") if step.kind == "post" else () if step.kind == "prep" else ("prep",):
        phase = recorded(step, kind, None)
        if parent.is_thin if phase is None else phase.is_thin:
            raise CannotRewind(f"What came before {name} was thinned out; choose the begin of its visit.")
    if step.kind != "item":
        return
    if hasattr(type(parent.visit.prep_res), "__next__"):
        raise CannotRewind(f"The items around {name} came from an iterator, which gives them only once.")
    is_parallel = traits(type(step.node)).is_parallel
    if is_parallel and parent in chain and not parent.status:
        if step.status:
            what = "has ended while lanes beside it go on: stop before its end"
        else:
            what = "has a lane of its own: stop in that lane"
        raise CannotRewind(f"{name} {what}; or rewind to the begin of them all, {name_of(parent.visit)}.")
    if parent.kind != "exec":
        return  # nobody asks for the results of copies
    earlier = [other for other in parent.steps or () if (other.item or 0) < (step.item or 0)]
    answered = siblings([step])[0] if is_parallel else earlier
    if any(other.is_thin for other in answered):
        raise CannotRewind(f"Results of items beside {name} were thinned out; choose the visit's begin.")


def plan(way: Way, now: Frozen, changes: Sequence[Done], printed: int) -> dict[str, Any]:
    """What a rewind will do: what runs again, what is restored, what cannot be, and what it cost before."""
    anew = siblings(way.path)[1]
    again = [
        step
        for step in _left(way)
        if step.kind in ("visit", "run")
        and (step.id >= way.target.id or any(is_inside(step, other) for other in anew))
    ]
    if way.target.visit not in again:
        again.insert(0, way.target.visit)
    rows = [_row(step, way) for step in again]
    shared, left, _ = way.restored(now, changes)
    changed = _told(change.path for change in diff(now, shared))
    sentences = stay_sentences(left)
    opaque = [f"{path_text(path)} ({kind}) is kept as it is." for path, kind in kept(shared)]
    sentences += opaque[:_SHOWN]
    if len(opaque) > _SHOWN:
        sentences.append(f"{len(opaque) - _SHOWN} more values are kept as they are.")
    if printed:
        lines = "1 line of output stays" if printed == 1 else f"{printed} lines of output stay"
        sentences.append(f"{lines} printed.")
    sentences.append("Files, network calls and other effects outside shared are not undone.")
    cost = sum(row["ns"] for row, step in zip(rows, again, strict=True) if not step.is_flow)
    return {
        "runsAgain": rows,
        "restored": [*changed[:_SHOWN], *(["…"] if len(changed) > _SHOWN else [])],
        "kept": sentences,
        "cost_ns": cost,
    }


def _told(paths: Iterable[tuple[Any, ...]]) -> list[str]:
    """Places in `shared`; those in one container together."""
    held: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for path in paths:
        held.setdefault(path[:-1] or path, []).append(path)
    return [
        path_text(inside[0]) if len(inside) == 1 else f"{path_text(around)}: {len(inside)} places in it"
        for around, inside in held.items()
    ]


def _tops(way: Way) -> list[Span]:
    """The outermost steps that the rewind leaves behind."""
    if not way.path:
        return [way.target]
    answered, anew = siblings(way.path)
    return [
        step
        for step in way.catcher.steps or ()
        if step in anew or (step.id >= way.path[0].id and step not in answered)
    ]


def _left(way: Way) -> list[Span]:
    """The steps that the rewind leaves behind; what is answered as it was goes on to stand."""
    answered = {step.id for item in siblings(way.path)[0] for step in walk(item)}
    return [step for top in _tops(way) for step in walk(top) if step.id not in answered]


def left_for_good(way: Way) -> list[int]:
    """The outermost steps that go on nowhere; what leads down to the target is entered again."""
    through, anew = way.path[:-1], siblings(way.path)[1]
    gone = {
        step.id: step
        for step in _left(way)
        if step not in through and (step.id >= way.target.id or any(is_inside(step, other) for other in anew))
    }
    return [id for id, step in gone.items() if step.parent is None or step.parent.id not in gone]


def stay_sentences(paths: Iterable[tuple[Any, ...]]) -> list[str]:
    """What was not taken back."""
    return [f"{path_text(path)} was changed by another lane too: it stays as it is." for path in paths]


def leave(way: Way) -> list[Span]:
    """Mark what the rewind leaves behind, and take it out of the tree."""
    steps, tops = _left(way), {step.id for step in _tops(way)}
    for step in steps:
        step.is_left = True
    parent = way.catcher if way.path else way.target.parent
    if parent is not None and parent.steps is not None:
        parent.steps = [step for step in parent.steps if step.id not in tops]
    return steps


def _row(step: Span, way: Way) -> dict[str, Any]:
    target, answered = way.target, siblings(way.path)[0]
    parts = [part for part in walk(step) if part.visit is step and part.kind == "item"]
    items = [
        part.item
        for part in parts
        if part not in answered and (part.id >= target.id or target.visit is not step)
    ]
    phases = [part for part in step.steps or () if part.kind in ("prep", "exec", "post", "item")]
    if target.visit is step and target is not step:
        ns = sum(took(part) for part in phases if part.id >= target.id or part.id == _phase(target))
    else:
        ns = took(step)
    return {"label": name_of(step), "span": step.id, "ns": ns, **({"items": len(items)} if items else {})}


def _phase(span: Span) -> int:
    return span.parent.id if span.kind == "item" and span.parent is not None else span.id


def took(span: Span) -> int:
    """Nanoseconds of the program's from begin to end; 0 while it is open."""
    return max(0, span.end_ns - span.begin_ns - span.held_ns) if span.end_ns else 0


def name_of(span: Span) -> str:
    """`Work`, `Work#3`, `Work.exec`, `Work[2]`."""
    name = str(span.visit.label or type(span.node).__name__)
    if span.visit.nth > 1:
        name += f"#{span.visit.nth}"
    if span.kind == "item":
        return f"{name}[{span.item}]"
    return name if span.kind in ("run", "visit") else f"{name}.{span.kind}"


def path_text(path: tuple[Any, ...]) -> str:
    """A path as the program writes it: `shared['log'][0]`."""
    return "shared" + "".join(f"[{preview(key, 60)}]" for key in path)
