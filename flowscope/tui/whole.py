"""The whole of a value of which the events told the beginning, from whoever has it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from flowscope.model import Step
from flowscope.model.pretty import pretty
from flowscope.model.values import children
from flowscope.recording import RecordingError
from flowscope.session.client import RequestError

from .debugger import Debugger
from .focus import Focus
from .screens.value import Fetch
from .widgets.rows import Place


def whole_of(debugger: Debugger, focus: Focus, place: Place | None) -> Fetch | None:
    """What gets the text of a value; None where nobody can be asked."""
    if place is None:
        return None
    if not debugger.is_live:
        recording = debugger.recording if debugger.session is None else None
        return None if recording is None or place.span is None else lambda: _recorded(recording, place)
    if place.span is not None:
        return lambda: _from_program(debugger, place.span, place.at, place.path)
    run = focus.innermost_run
    step = focus.model.history.now if focus.moment is None else focus.step
    found = None if run is None or step is None else _shared(debugger, step, run.id)
    return None if found is None else lambda: _from_program(debugger, *found, place.path)


async def holds(debugger: Debugger, step: Step, run: int, path: tuple[Any, ...], text: str) -> bool | None:
    """Is this text in what is at a path of `shared`, at a step? None where nobody knows."""
    found = _shared(debugger, step, run) if debugger.is_live else None
    if found is None:
        return None
    span, at = found
    try:
        answer = await debugger.request("flowscope/value", span=span, at=at, path=list(path), contains=text)
    except RequestError:
        return None
    return bool(answer.get("contains"))


def _shared(debugger: Debugger, step: Step, run: int) -> tuple[int, str] | None:
    """The span and the place at which the program still has `shared` as it was at a step."""
    history = debugger.model.history
    span = history.begun_with(step, run)
    if span is not None:
        return span.id, "shared"
    now = history.now
    return (run, "now") if now is not None and step.changes == now.changes else None


async def _from_program(debugger: Debugger, span: int | None, at: str, path: tuple[Any, ...]) -> str:
    text = ""
    while True:
        try:
            answer = await debugger.request(
                "flowscope/value", span=span, at=at, path=list(path), start=len(text)
            )
        except RequestError as error:
            raise ValueError(str(error)) from None
        piece = str(answer.get("text", ""))
        text += piece
        if not piece or len(text) >= int(answer.get("length", 0)):
            return text


async def _recorded(recording: Path, place: Place) -> str:
    from flowscope.recording.answers import exact  # needed once in a while

    assert place.span is not None
    try:
        value = await asyncio.to_thread(exact, recording, place.span, place.at)
    except RecordingError as error:
        raise ValueError(str(error)) from None
    for key in place.path:
        value = next((held for _, name, held in children(value) if name == key), None)
    return pretty(value)
