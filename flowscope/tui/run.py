"""Starting and leaving the screen: the terminal is what it was, whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flowscope.diff import Recorded, recordings
from flowscope.loop import run
from flowscope.recording import read
from flowscope.session.launch import LaunchError, LaunchSpec

from .debugger import Debugger, Event

if TYPE_CHECKING:
    from textual.app import App

    from .app import FlowScope

_LEAVING = 10.0  # seconds to end the program and leave, after a signal


_SPAWN = 0.02  # seconds that it takes to start a process, about


def run_tui(
    spec: LaunchSpec,
    breaks: Sequence[str],
    stop_on_entry: bool = True,
    record: Path | None = None,
    no_lints: Collection[str] = (),
) -> int:
    """Debug a program on screen; the exit code of the command. Raises LaunchError, RecordingError."""
    _check_terminal()
    return run(_debug(Debugger.of(spec, breaks, stop_on_entry, record, no_lints)))


def open_recording(path: Path) -> int:
    """Show a recording. Raises LaunchError, RecordingError."""
    from .breakpoints import Breakpoints

    _check_terminal()
    events = read(path)
    return run(_shown(_made(Debugger(None, Breakpoints(None), recording=path), events)))


def open_comparison(one: Path, other: Path) -> int:
    """Show where two recordings part ways; the exit code. Raises LaunchError, RecordingError."""
    _check_terminal("flowscope diff --text")
    return run(_compare(*recordings(one, other)))


async def _compare(one: Recorded, other: Recorded) -> int:
    from .comparing import Comparing
    from .plain import plain_driver

    return await _show(Comparing(one, other, plain_driver()))


def _check_terminal(instead: str = "flowscope run") -> None:
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise LaunchError(f"This terminal can show no screen (TERM is dumb or not set): use `{instead}`.")
    if not sys.stderr.isatty():
        raise LaunchError(f"The screen is drawn on stderr, which is no terminal here: use `{instead}`.")
    if os.environ.get("NO_COLOR"):
        os.environ["TEXTUAL_THEME"] = "ansi-dark"  # read when Textual is imported; its greys are unreadable


async def _debug(debugger: Debugger) -> int:
    starting = asyncio.create_task(debugger.start())
    await asyncio.wait([starting], timeout=_SPAWN)
    if not starting.done():
        from . import app  # noqa: F401 (the program boots meanwhile, in its own process)
    await starting
    return await _shown(_made(debugger))


def _made(debugger: Debugger, recorded: Iterable[Event] = ()) -> FlowScope:
    from .app import FlowScope
    from .keys import load_commands
    from .plain import plain_driver

    commands, problems = load_commands()
    return FlowScope(debugger, recorded, commands, problems, plain_driver())


async def _shown(app: FlowScope) -> int:
    try:
        return await _show(app)
    finally:
        await app.debugger.close()


async def _show(app: App[None]) -> int:
    loop = asyncio.get_running_loop()
    code: list[int] = []

    def leave(number: signal.Signals) -> None:
        code.append(128 + number)
        # What Textual still has to write may wait for ever for a terminal that is gone.
        last = threading.Timer(_LEAVING, os._exit, (code[-1],))
        last.daemon = True
        last.start()
        app.exit()

    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, leave, number)
    await app.run_async()
    return code[0] if code else (app.return_code or 0)
