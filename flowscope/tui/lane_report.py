"""All that is known of one lane, as text: times, node, params, item, attempts, result, error and output."""

from __future__ import annotations

from collections.abc import Iterator

from flowscope.model import Member, Model, Span
from flowscope.model.lane_rows import label
from flowscope.model.patch import Value
from flowscope.model.pretty import pretty
from flowscope.model.text import duration_text
from flowscope.model.values import preview

_MOST_LINES = 1_000  # of output
_SHORT = 80  # characters


def report(model: Model, member: Member, now: int) -> str:
    """Paragraphs, the shortest first."""
    return "\n\n".join(_paragraphs(model, member, now))


def _paragraphs(model: Model, member: Member, now: int) -> Iterator[str]:
    span, lane = member.span, member.lane
    yield (
        f"{label(member)}: {member.state}, {duration_text(model.elapsed(span, now))} so far"
        if (span.end is None)
        else f"{label(member)}: {member.state} after {duration_text(span.duration or 0)}"
    )
    if not member.over and lane.why:
        yield lane.why
    told = [f"{state} {duration_text(ns)}" for state, ns in _times(member, now).items()]
    if told:
        blocked = f"; it kept the loop from others for {duration_text(lane.blocked)}" if lane.blocked else ""
        yield ", ".join(told) + blocked
    node = model.nodes.get(span.node, {})
    yield f"node: {span.label}, {node.get('class', '')}\n{node.get('file', '')}:{node.get('line', '')}"
    yield f"params: {_full(span.visit.params)}"
    if span.kind == "item":
        yield f"item: {_full(span.value)}"
    steps = [below for below in span.walk() if below is not span and below.kind in _STEPS]
    if steps:
        yield "\n".join(_step(model, below, now) for below in steps[:_MOST_LINES])
    if span.status == "ok":
        yield f"result: {_full(span.result)}"
    elif span.error is not None:
        yield f"error: {span.error}\n{span.error.traceback}".rstrip()
    end = now if span.end is None else span.end
    written = [each.text for each in model.outputs if each.lane == lane.id and span.begin <= each.ts <= end]
    yield "output:\n" + "".join(written[-_MOST_LINES:]) if written else "It has written nothing."


def _times(member: Member, now: int) -> dict[str, int]:
    """Nanoseconds in each state; what went by since the engine told them belongs to the present one."""
    span, lane = member.span, member.lane
    times = {"running": lane.running, "awaiting": lane.awaiting, "ready": lane.ready, "held": lane.held}
    told = {state: ns for state, ns in times.items() if ns is not None}
    if lane.state in told and lane.span is span:
        told[lane.state] += max(0, now - span.begin - sum(told.values()))
    return told


def _full(value: Value) -> str:
    """In one line, or in as many as it takes."""
    text = preview(value, _SHORT + 1)
    return text if len(text) <= _SHORT else pretty(value)


_STEPS = ("visit", "attempt", "fallback")


def _step(model: Model, span: Span, now: int) -> str:
    name = f"attempt {span.attempt}" if span.kind == "attempt" else span.kind
    if span.kind == "visit":
        name = span.name
    state = "running" if span.status == "open" else span.status
    error = f": {span.error}" if span.error is not None else ""
    return f"{name}: {state}, {duration_text(model.elapsed(span, now))}{error}"
