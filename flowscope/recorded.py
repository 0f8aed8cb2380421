"""A recording, told as text: the log that `run` would have shown, with the output, and the graphs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from .graph.merge import as_one
from .headless import Log
from .mishaps import Mishaps
from .model import Model
from .model.events import Graph, parse
from .outline import FORMATS
from .recording import RecordingError, read

Event = dict[str, Any]


def tell(path: Path, stream: TextIO, warn: Callable[[str], None]) -> None:
    """Write the log of a recording. Raises RecordingError, at a damaged line after all that is before it."""
    events = read(path)
    mishaps = Mishaps(warn)
    model = Model()
    log = Log(model, stream, with_output=True)
    try:
        for event in events:
            if event.get("type") == "header" and model.runs:  # the program was restarted
                log.close()
                model = Model()
                log = Log(model, stream, with_output=True)
            with mishaps:
                if model.apply(event):
                    log.write(event)
    finally:
        with mishaps:
            log.close()


def drawn(path: Path, form: str, warn: Callable[[str], None]) -> str:
    """The graphs of the runs recorded, as they were at the end, in one of FORMATS. Raises RecordingError."""
    kind = None
    graphs: list[Event] = []
    is_again = False
    for event in read(path):
        kind = event.get("type")
        if kind == "header":
            is_again = True
        elif isinstance(parse(event), Graph):
            if is_again:
                graphs.clear()  # of a program that was restarted, the last start counts
            is_again = False
            graphs.append(event)
    found = as_one(graphs)
    if found is None:
        raise RecordingError(f"{path} holds no graph: its program ran no flow, or had not come to it.")
    if kind != "exit":
        warn(f"{path} ends before its program did: what it would have added to the graph is not known.")
    return FORMATS[form](found)
