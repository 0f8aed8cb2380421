"""All that is known of one lane, or of a parallel region, as text."""

from __future__ import annotations

from collections.abc import Iterator

from flowscope.model import Member, Model, Region, Span
from flowscope.model.lane_rows import label
from flowscope.model.patch import Value
from flowscope.model.pretty import pretty
from flowscope.model.text import duration_text
from flowscope.model.values import preview

_MOST_LINES = 1_000  # of output
_SHORT = 80  # characters


def report(model: Model, member: Member, now: int) -> str:
    """Times, node, params, item, attempts, result, error and output."""
    return "\n\n".join(_paragraphs(model, member, now))


def region_report(region: Region, now: int) -> str:
    """What it came to, in numbers, and who kept the loop."""
    states = ", ".join(f"{count:,} {state}" for state, count in region.counts.most_common() if count)
    ready = f", {duration_text(region.ready)} of it ready, the loop busy" if region.ready else ""
    lines = [
        f"lanes:         {len(region.members):,}: {states}",
        f"wall time:     {duration_text(region.wall(now))}",
        f"sum of lanes:  {duration_text(region.lane_time(now))}{ready}",
        f"speed-up:      ×{region.speed_up(now):.1f} against running them one by one",
        f"at once:       {region.highest:,} at most, {region.mean(now):.1f} on average",
    ]
    if region.longest is not None:
        lines.append(f"longest:       {region.longest.name}, {duration_text(region.longest.duration or 0)}")
    if not region.blocked:
        return "\n".join([*lines, "", "No lane kept the loop for over 50 ms while another was ready."])
    lines += ["", f"The loop was blocked for {duration_text(region.blocked)} while lanes were ready, by"]
    lines += [f"  {who}: {duration_text(ns)}" for who, ns in region.blockers.most_common()]
    return "\n".join(lines)


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
        waited = f" ({duration_text(lane.waited)} of it waiting for FlowScope)" if lane.waited else ""
        blocked = f"; it kept the loop from others for {duration_text(lane.blocked)}" if lane.blocked else ""
        yield ", ".join(told) + waited + blocked
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
