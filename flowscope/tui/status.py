"""The status line: what is debugged, what it is doing, and for how long."""

from __future__ import annotations

import time
from pathlib import Path

from flowscope.model import Model, Span
from flowscope.model.text import duration_text, one_line

from .debugger import Debugger
from .focus import Focus

Parts = list[tuple[str, str]]

_REASONS = {"goto": "reached", "data breakpoint": "shared changed"}


def status(debugger: Debugger, focus: Focus) -> Parts:
    """Texts with the component class of their style."""
    model, phase = debugger.model, debugger.phase
    span = focus.span
    order = None if model.ended else model.by_hand.following
    parts: Parts = [(f" {_name(debugger)} ", "status--name")]
    if order is not None:
        parts.append((f" → order {order.at:,}/{order.of:,} ", "status--busy"))
    if focus.moment is not None:
        parts.append((f" ◀ the past, {_moment(focus, focus.moment)} ", "status--past"))
    if phase == "starting":
        parts.append((" … starting ", "status--busy"))
    elif phase in ("running", "pausing") and not order and (region := model.regions.held_up()) is not None:
        lanes = "a held lane" if region.open == 1 else f"{region.open:,} held lanes"
        hint = "" if model.by_hand.holds_new else ": h lets go"
        parts.append((f" ▓ {one_line(region.name, 40)} waits for {lanes}{hint} ", "status--busy"))
    elif phase == "running" and not order and span is not None and model.lanes[span.lane].told == "held":
        parts.append((f" ▓ held in {_place(span)}: . to its next await ", "status--busy"))
    elif phase == "running":
        parts.append((f" ▶ running {_place(span)} ", "status--good"))
    elif phase == "pausing":
        does = "waits for a line of input: k to type it" if model.input is not None else "is still running"
        parts.append((f" ◌ pausing: {_place(span) or 'the program'} {does} ", "status--busy"))
    elif phase == "input":
        parts.append((" ⌨ the program waits for a line of input: k to type it ", "status--busy"))
    elif phase == "stopped":
        parts += _stopped(focus)
    else:
        parts.append(_ended(model))
    if model.lints.found:
        count = len(model.lints)
        parts.append((f" ⚠ {count} warning{'s' if count > 1 else ''}: L ", "status--busy"))
    if model.by_hand.holds_new and not model.ended:
        parts.append((" ▓ new lanes held: , lets all go ", "status--busy"))
    if not debugger.all_stop:
        parts.append((" non-stop ", "status--busy"))
    if span is not None:
        run = focus.run
        parts.append((f"  {_trail(span)}", ""))
        if run is not None:
            parts.append((f"  {duration_text(model.elapsed(run, time.monotonic_ns()))}", "status--quiet"))
    return parts


def _name(debugger: Debugger) -> str:
    header = debugger.model.header
    spec = debugger.session.spec if debugger.session is not None else None
    script = (spec.script or spec.module if spec else None) or (header and header.script) or "recording"
    return Path(script).name


def _place(span: Span | None) -> str:
    return "" if span is None else one_line(span.place, 40)


def _moment(focus: Focus, moment: int) -> str:
    """`7 of 90: after Work.exec · > now`."""
    history, goal, step = focus.model.history, focus.goal, focus.step
    last = moment if history.last is None else history.last.number
    where = "" if step is None else f": {_at(step.at, step.span)}"
    gone = " (thinned: not kept to go back to)" if goal is not None and history.is_thinned(goal) else ""
    return f"{moment:,} of {last:,}{where} · > now{gone}"


def _at(at: str, span: Span) -> str:
    """`before attempt 2 of Work.exec`."""
    if span.kind == "attempt":
        number = f"attempt {span.attempt} of "
    else:
        number = "fallback of " if span.kind == "fallback" else ""
    return f"{'before' if at == 'begin' else 'after'} {number}{_place(span)}"


def _stopped(focus: Focus) -> Parts:
    stop = focus.stop or next(iter(focus.model.stopped.values()))
    span = focus.model.spans.get(stop.span or 0)
    reason = _REASONS.get(stop.reason, stop.reason)
    where = "" if span is None else _at(stop.at, span)
    if span is not None and span.error is not None and stop.reason == "exception":
        uncaught = " (uncaught)" if (stop.text or "").endswith("(uncaught)") else ""
        origin = span.origin()
        return [
            (f" ■ {one_line(span.error.type, 30)} in {_place(origin)}{uncaught} ", "status--bad"),
            (f" {one_line(span.error.message, 80)}", ""),
        ]
    parts = [(f" ■ {reason}: {where} ", "status--stopped")]
    if stop.reason in ("breakpoint", "data breakpoint"):
        text = stop.text or next(iter(stop.breakpoints), "")
        parts.append((f" {one_line(text, 80)}", ""))
    return parts


def _ended(model: Model) -> tuple[str, str]:
    end = model.exit
    if end is None:
        return (" ⏹ end of the recording " if model.ended else " … reading ", "status--quiet")
    if end.signal is not None:
        return f" ✗ killed by {end.signal} ", "status--bad"
    if end.code:
        return f" ✗ ended: exit code {end.code} ", "status--bad"
    return " ✓ ended: exit code 0 ", "status--good"


def _trail(span: Span) -> str:
    """The flows around: `Main ▸ Inner`."""
    visits = []
    visit: Span | None = span.visit
    while visit is not None:
        visits.append(visit.name)
        visit = visit.parent.visit if visit.parent is not None else None
    return one_line(" ▸ ".join(reversed(visits)), 60)
