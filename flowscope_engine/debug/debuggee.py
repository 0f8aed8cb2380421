"""One debugged program, from inside: the door, the adoption, the streams, and then the program itself."""

from __future__ import annotations

import atexit
import functools
import json
import os
import platform
import sys
from collections.abc import Callable
from typing import NoReturn

from .. import adopt, nodes
from .output import release_output, watch_input, watch_output
from .runscript import hide_frames, run_module, run_script, without_ours
from .server import start


class Debuggee:
    """Connects to the debugger when made; then `run`, and `ended` where that raises.

    `options` is the JSON text that the debugger left in the environment: fd, token, capture, script, module.
    """

    def __init__(self, options: str, args: list[str]) -> None:
        given = json.loads(options)
        self._script: str | None = given["script"]
        self._module: str | None = given["module"]
        self._args = args
        self._code: int | None = 0
        info = {
            "script": self._script or self._module,
            "module": self._script is None,
            "argv": args,
            "cwd": os.getcwd(),
            "python": platform.python_version(),
        }
        self._server = start(given["fd"], given["token"], info)
        emitter = self._server.emitter
        sys.orig_argv[1:] = ["-m", self._module, *args] if self._module else [self._script or "", *args]
        atexit.register(self._finish)  # the first to be registered is the last to be called
        adopt.adopt_class(nodes.BaseNode, emitter.notice)
        adopt.adopt_modules(emitter.notice)
        hide_frames()
        watch_output(emitter.output, given["capture"])
        watch_input(emitter.asked, emitter.answered)
        _before_exit(self._server.finish)

    def run(self) -> None:
        """Run the program. Raises what it raises."""
        transform = adopt.adopt_script(self._server.emitter.notice)
        if self._module is not None:
            run_module(self._module, self._args, transform)
        else:
            run_script(self._script or "", self._args, transform)

    def ended(self, error: BaseException) -> None:
        """The program has raised this; its traceback is left with the program's own frames."""
        error.__traceback__ = without_ours(error.__traceback__)
        self._code = _exit_code(error)

    def _finish(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (AttributeError, OSError, ValueError):
                pass  # closed by the program: Python tells, if there is anything to tell
        self._server.finish(self._code)
        release_output()


def _before_exit(finish: Callable[[int], None]) -> None:
    """`os._exit` calls no exit handler: the session's end is told before it."""
    leave = os._exit

    @functools.wraps(leave)
    def _exit(status: int) -> NoReturn:
        if isinstance(status, int):
            finish(status)
        leave(status)

    os._exit = _exit


def _exit_code(error: BaseException) -> int | None:
    """What Python will exit with; None for an interrupt, which is a signal."""
    if isinstance(error, KeyboardInterrupt):
        return None
    if not isinstance(error, SystemExit):
        return 1
    if error.code is None:
        return 0
    return error.code if isinstance(error.code, int) else 1
