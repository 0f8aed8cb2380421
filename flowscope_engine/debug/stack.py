"""Stack frames and scopes: phase ▸ node ▸ enclosing flows, from a span outwards."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ..describe import class_file
from ..sources import class_line
from ..spans import Span
from .emitter import Emitter
from .variables import Handles, Result


@dataclass
class Frame:
    """One frame: a visit or a run, with the phase it is in."""

    id: int
    name: str
    span: Span  # the innermost span of the visit
    file: str | None
    line: int
    is_flow: bool


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
        frames.append(Frame(first_id + len(frames), label + _where(inner), inner, file, line, visit.is_flow))
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
        _scope("Prep result", handles.add(Result(prep_res=visit.prep_res)), "returnValue"),
        _scope("Exec result", handles.add(Result(exec_res=visit.exec_res)), "returnValue"),
        _scope("Node", handles.add(visit.node, "node")),
    ]


def _scope(name: str, reference: int, hint: str | None = None) -> dict[str, Any]:
    scope: dict[str, Any] = {"name": name, "variablesReference": reference, "expensive": False}
    if hint:
        scope["presentationHint"] = hint
    return scope
