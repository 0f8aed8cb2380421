"""A program run without a screen: its events go to a log or to stdout, and no stop waits for anyone."""

from __future__ import annotations

import signal
import sys
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Protocol

from .headless import Log
from .loop import run
from .mishaps import Mishaps
from .model import Model
from .recording import RecordingError, Writer, encode
from .session.client import RequestError
from .session.launch import LaunchError, LaunchSpec, check_target, find_python
from .session.session import Session

Event = dict[str, Any]


class _Out(Protocol):
    """Where events go."""

    def write(self, event: Event) -> None: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...


def run_headless(
    spec: LaunchSpec,
    breaks: Sequence[str],
    as_json: bool,
    record: Path | None = None,
    no_lints: Collection[str] = (),
) -> int:
    """Run the program to its end; the exit code of the command is the program's.

    Raises LaunchError, RecordingError and, where our own output finds no reader or no room, OSError.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        # Ctrl+C is for the program, which shares our terminal; to ignore it would be inherited.
        signal.signal(signal.SIGINT, lambda number, frame: None)
    check_target(spec)
    find_python(spec)
    with nullcontext() if record is None else Writer(record, spec.header()) as writer:
        return run(_run(spec, breaks, (_Lines if as_json else _Readable)(no_lints), writer))


class _Lines:
    """One JSON object a line on stdout, lints as soon as they are found."""

    def __init__(self, no_lints: Collection[str]) -> None:
        self._model = Model(no_lints)
        self._lints = 0  # written
        self._mishaps = Mishaps(_tell)

    def write(self, event: Event) -> None:
        with self._mishaps:
            self._model.apply(event)
        if event["type"] == "exit":
            self._write_lints()  # the exit stays the last line
        sys.stdout.buffer.write(encode(event))
        self._write_lints()

    def _write_lints(self) -> None:
        found = self._model.lints.found
        for lint in found[self._lints :]:
            line = {"type": "lint", "rule": lint.rule, "message": lint.message, "spans": lint.spans}
            sys.stdout.buffer.write(encode(line))
        self._lints = len(found)

    def flush(self) -> None:
        sys.stdout.buffer.flush()

    close = flush


class _Readable:
    """A log on stderr: the program's own stdout stays what it is."""

    def __init__(self, no_lints: Collection[str]) -> None:
        self._model = Model(no_lints)
        self._log = Log(self._model, sys.stderr)
        self._mishaps = Mishaps(_tell)

    def write(self, event: Event) -> None:
        with self._mishaps:
            self._model.apply(event)
            self._log.write(event)

    def flush(self) -> None:
        sys.stderr.flush()

    def close(self) -> None:
        with self._mishaps:
            self._log.close()


def _tell(text: str) -> None:
    print(f"flowscope: {text}", file=sys.stderr)


async def _run(spec: LaunchSpec, breaks: Sequence[str], out: _Out, writer: Writer | None) -> int:
    session = Session(spec, breakpoints=breaks, exceptions=(), stop_on_entry=False, mode="run")
    await session.start()
    try:
        async for event in session.events():
            if event["type"] == "exit" and not session.was_debugged:
                raise LaunchError(_not_started(spec, event))
            out.write(event)
            if writer is not None:
                try:
                    writer.write(event)
                except RecordingError as error:  # the program goes on
                    writer = None
                    out.write({"type": "notice", "level": "error", "text": str(error)})
            if event["type"] == "header" and writer is not None and writer.note:
                out.write({"type": "notice", "level": "info", "text": writer.note})
            if event["type"] == "stopped":
                await _go_on(session, event["lane"])
            elif event["type"] == "exit":
                out.close()
                return exit_status(event)
            out.flush()
    finally:
        await session.close()
    raise AssertionError("a session's events end with an exit")


async def _go_on(session: Session, lane: int) -> None:
    try:
        await session.continue_(lane)
    except RequestError:
        pass  # it has ended meanwhile


def _not_started(spec: LaunchSpec, event: Event) -> str:
    what = spec.script or spec.module
    return f"{what} was not run: its Python ended at once, with exit code {exit_status(event)}."


def exit_status(event: Event) -> int:
    """What a shell shows for this end of a program."""
    code: int = event["code"]
    return code if code >= 0 else 128 - code
