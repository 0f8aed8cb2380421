"""A recording, told as text: the log that `run` would have shown, with the output, and the graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

from .headless import Log
from .model import Model
from .outline import FORMATS
from .recording import RecordingError, read

Event = dict[str, Any]


def tell(path: Path, stream: TextIO) -> None:
    """Write the log of a recording. Raises RecordingError, at a damaged line after all that is before it."""
    events = read(path)
    model = Model()
    log = Log(model, stream, with_output=True)
    try:
        for event in events:
            if event.get("type") == "header" and model.runs:  # the program was restarted
                log.close()
                model = Model()
                log = Log(model, stream, with_output=True)
            model.apply(event)
            log.write(event)
    finally:
        log.close()


def drawn(path: Path, form: str) -> str:
    """The graph of the first run recorded, as it was at the end, in one of FORMATS. Raises RecordingError."""
    found = None
    for event in read(path):
        if event.get("type") == "graph" and (found is None or event.get("run") == found.get("run")):
            found = event
    if found is None:
        raise RecordingError(f"{path} holds no graph: the recorded program ran no flow.")
    return FORMATS[form](found)
