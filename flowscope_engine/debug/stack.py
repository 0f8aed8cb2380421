"""Stack frames and scopes: phase ▸ node ▸ enclosing flows, from a span outwards."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ..describe import class_file
from ..sources import class_line
from ..spans import Span
from .emitter import Emitter
from .variables import NOT_YET, Handles, Result

MAX_THREADS = 1024


@dataclass
class Frame:
    """One frame: a visit or a run, with the phase it is in."""

    id: int
    name: str
    span: Span  # the innermost span of the visit
    file: str | None
    line: int
    is_flow: bool
    is_outer: bool  # a visit within it is what runs


def threads_of(spans: list[Span], emitter: Emitter) -> list[dict[str, Any]]:
    """DAP's threads: main, and the lanes that stand at these spans; beyond the limit, equal ones as one."""
    groups: dict[str, list[Span]] = {}
    for span in spans:
        groups.setdefault(emitter.describer.label_of(span.node_id), []).append(span)
    count = len(spans)
    if count >= MAX_THREADS:
        count = max(MAX_THREADS - 1 - len(groups), 1)
    names = {0: "main"} | {span.lane: _thread_name(span, emitter) for span in spans[:count]}
    for label, equal in groups.items():
        if rest := [span for span in equal if span.lane not in names]:
            names[rest[0].lane] = f"{label}: {len(rest):,} more"
    return [{"id": lane + 1, "name": name} for lane, name in list(names.items())[:MAX_THREADS]]


def _thread_name(span: Span, emitter: Emitter) -> str:
    item = span.around("item")
    label = emitter.describer.label_of(span.node_id)
    return f"{label}[{item.item}]" if item else f"lane {span.lane}: {label}"


def frames_of(span: Span, emitter: Emitter, first_id: int) -> list[Frame]:
    """The frames of a lane that stands at `span`, innermost first; ids count from `first_id`."""
    frames: list[Frame] = []
    inner: Span | None = span
    while inner is not None:
        visit = inner.visit
        label = emitter.describer.label_of(visit.node_id)
        cls = type(visit.node)
        place = None if inner is visit else emitter.method_of(inner)
        file, line = place or (class_file(cls), class_line(cls) or 0)
        number = first_id + len(frames)
        frames.append(Frame(number, label + _where(inner), inner, file, line, visit.is_flow, bool(frames)))
        inner = visit.parent
    return frames


def _where(span: Span) -> str:
    """What follows the node's label: `.prep`, `[2].exec attempt 3`."""
    item, attempt = span.around("item"), span.around("attempt")
    text = f"[{item.item}]" if item is not None else ""
    if span.kind in ("run", "visit"):
        return text
    phase = (
        "fallback"
        if span.kind == "fallback"
        else next((kind for kind in ("prep", "exec", "post") if span.around(kind) is not None), "")
    )
    text += f".{phase}" if phase else ""
    if attempt is not None and (attempt.attempt or 1) > 1:
        text += f" attempt {attempt.attempt}"
    return text


def frame_body(frame: Frame) -> dict[str, Any]:
    """A frame as DAP's StackFrame."""
    body: dict[str, Any] = {
        "id": frame.id,
        "name": frame.name,
        "line": frame.line,
        "column": 1,
        "canRestart": True,
    }
    if frame.file:
        body["source"] = {"name": os.path.basename(frame.file), "path": frame.file}
    if frame.is_flow:
        body["presentationHint"] = "label"
    return body


def scopes_of(frame: Frame, handles: Handles) -> list[dict[str, Any]]:
    """DAP's scopes of a frame: Shared, Params, Prep result, Exec result, Node."""
    visit = frame.span.visit
    params = getattr(visit.node, "params", None)
    return [
        _scope("Shared", handles.add(visit.shared, "shared")),
        _scope("Params", handles.add(params, "params")),
        _scope("Prep result", handles.add(Result(prep_res=_result(frame, "prep"))), "returnValue"),
        _scope("Exec result", handles.add(Result(exec_res=_result(frame, "exec"))), "returnValue"),
        _scope("Node", handles.add(visit.node, "node")),
    ]


def _result(frame: Frame, phase: str) -> Any:
    """What the phase has returned, where it has."""
    visit = frame.span.visit
    value = getattr(visit, f"{phase}_res")
    own = frame.span.around(phase)
    is_known = own.status if own is not None else visit.status or frame.span.kind == "post"
    if phase == "prep":
        is_known = is_known or frame.is_outer or frame.span.kind in ("exec", "item", "attempt", "fallback")
    return value if value is not None or is_known else NOT_YET


def _scope(name: str, reference: int, hint: str | None = None) -> dict[str, Any]:
    scope: dict[str, Any] = {"name": name, "variablesReference": reference, "expensive": False}
    if hint:
        scope["presentationHint"] = hint
    return scope
