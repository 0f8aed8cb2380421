"""A program run without a screen: its events go to a log or to stdout, and no stop waits for anyone."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from .headless import Log
from .model import Model
from .session.client import RequestError
from .session.launch import LaunchSpec
from .session.session import Session

Event = dict[str, Any]


def run_headless(spec: LaunchSpec, breaks: Sequence[str], as_json: bool) -> int:
    """Run the program to its end; the exit code of the command is the program's. Raises LaunchError."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program, which shares our terminal
    return asyncio.run(_run(spec, breaks, _Lines() if as_json else _Readable()))


class _Lines:
    """One JSON object a line on stdout."""

    def __init__(self) -> None:
        self._encoder = msgspec.json.Encoder()

    def write(self, event: Event) -> None:
        sys.stdout.buffer.write(self._encoder.encode(event) + b"\n")

    def flush(self) -> None:
        sys.stdout.buffer.flush()

    close = flush


class _Readable:
    """A log on stderr: the program's own stdout stays what it is."""

    def __init__(self) -> None:
        self._model = Model()
        self._log = Log(self._model, sys.stderr)

    def write(self, event: Event) -> None:
        self._model.apply(event)
        self._log.write(event)

    def flush(self) -> None:
        sys.stderr.flush()

    def close(self) -> None:
        self._log.close()


async def _run(spec: LaunchSpec, breaks: Sequence[str], out: _Lines | _Readable) -> int:
    session = Session(spec, breakpoints=breaks, exceptions=(), stop_on_entry=False, mode="run")
    await session.start()
    code = 1
    async for event in session.events():
        out.write(event)
        if event["type"] == "stopped":
            await _go_on(session, event["lane"])
        elif event["type"] == "exit":
            code = exit_status(event)
            break
        out.flush()
    out.close()
    return code


async def _go_on(session: Session, lane: int) -> None:
    try:
        await session.continue_(lane)
    except RequestError:
        pass  # it has ended meanwhile


def exit_status(event: Event) -> int:
    """What a shell shows for this end of a program."""
    code: int = event["code"]
    return code if code >= 0 else 128 - code
