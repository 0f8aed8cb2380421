"""Starting the user's program: which interpreter, which target, and a process with a door to it."""

from __future__ import annotations

import ast
import asyncio
import fcntl
import functools
import json
import os
import pty
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import termios
import tokenize
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import flowscope_engine

_ENTRY = Path(flowscope_engine.__file__).parent / "debug" / "launch.py"
_GRACE = 2.0  # seconds from SIGTERM to SIGKILL
_OLDEST = (3, 11)  # Python that the engine runs on
_ANSWER = 30.0  # seconds for an interpreter to say its version

Mode = Literal["debug", "run"]
"""`debug`: a terminal of its own, its output told by the engine; `run`: our streams, our terminal."""


class LaunchError(Exception):
    """The program cannot be started; one sentence says why and what to do."""


@dataclass(frozen=True)
class LaunchSpec:
    """What to run: a script or a module."""

    script: str | None = None
    module: str | None = None
    args: Sequence[str] = ()
    cwd: str | Path | None = None
    env: Mapping[str, str | None] = field(default_factory=dict)  # added to ours; None takes one away
    python: str | Path | None = None  # as given by the user; else it is looked for
    stdout_to_stderr: bool = False
    exact: bool = False  # results are told in full, for a replay
    interleaving: Mapping[str, Any] | None = None  # steps: lanes in their order; seed; frees
    history: int | None = (
        None  # bytes that looking back may take in the program's memory; None: as many as ever
    )
    outline: bool = False  # flows that variables hold are told, run or not
    answers: bytes | None = None  # exec results of an earlier recording, for this replay

    def header(self) -> dict[str, Any]:
        """A recording's first line, for a program that never gets as far as telling its own."""
        return {
            "script": self.script or self.module,
            "module": self.script is None,
            "argv": list(self.args),
            "cwd": str(Path(self.cwd or ".").resolve()),
        }


class Debuggee:
    """A running program."""

    def __init__(
        self, process: asyncio.subprocess.Process, port: int, token: str, terminal: int | None
    ) -> None:
        self.process = process
        self.pid = process.pid
        self.port = port  # on 127.0.0.1, where it takes one client
        self.token = token
        self.pty = terminal  # the file descriptor of its terminal, in mode `debug`

    async def wait(self) -> int:
        """The return code; negative for the signal that killed it."""
        return await self.process.wait()

    async def terminate(self) -> None:
        """Ask the program, then make it and its children end."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(asyncio.shield(self.process.wait()), _GRACE)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        try:
            if self.pty is None:
                self.process.send_signal(number)
            else:
                os.killpg(self.pid, number)  # it leads a session of its own
        except ProcessLookupError:
            pass


async def launch(spec: LaunchSpec, mode: Mode) -> Debuggee:
    """Start the program; it waits for a client before it runs. Raises LaunchError."""
    check_target(spec)
    python = find_python(spec)
    token = secrets.token_hex(16)
    master, slave = pty.openpty() if mode == "debug" else (None, None)
    with socket.create_server(("127.0.0.1", 0), backlog=8) as door:
        options = {"fd": door.fileno(), "token": token, "capture": mode == "debug"}
        options |= {"script": spec.script, "module": spec.module}
        env = {**os.environ, **spec.env, "FLOWSCOPE_DEBUGGEE": json.dumps(options)}
        try:
            process = await asyncio.create_subprocess_exec(
                python,
                str(_ENTRY),
                *spec.args,
                cwd=spec.cwd,
                env={name: value for name, value in env.items() if value is not None},
                stdin=slave,
                stdout=2 if spec.stdout_to_stderr else slave,
                stderr=slave,
                pass_fds=[door.fileno()],
                start_new_session=mode == "debug",
                preexec_fn=_take_terminal if mode == "debug" else None,
            )
        except OSError as error:
            if master is not None:
                os.close(master)
            raise LaunchError(f"Cannot start {python}: {error.strerror or error}.") from None
        finally:
            if slave is not None:
                os.close(slave)
        return Debuggee(process, door.getsockname()[1], token, master)


def _take_terminal() -> None:
    """In the child: stdin is the terminal of the session it leads, so that Ctrl+C and hang-ups reach it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def find_python(spec: LaunchSpec) -> str:
    """The interpreter: the one asked for, an active or neighbouring virtual environment's, or ours.

    Raises LaunchError where the one asked for is not there, or is none.
    """
    if spec.python is not None:
        found = shutil.which(spec.python)
        if found is None:
            raise LaunchError(
                f"There is no Python at {spec.python}: give --python the path of an interpreter."
            )
        _check_python(found)
        return found
    active = os.environ.get("VIRTUAL_ENV")
    folders = [Path(active)] if active else []
    start = Path(spec.cwd or Path.cwd(), spec.script or "x").resolve().parent
    for folder in (start, *start.parents):
        folders += [folder / name for name in (".venv", "venv")]
        if (folder / "pyproject.toml").exists() or (folder / ".git").exists() or folder == Path.home():
            break  # the project ends here
    pythons = [folder / "bin" / "python" for folder in folders]
    return str(next((python for python in pythons if os.access(python, os.X_OK)), sys.executable))


@functools.cache
def _check_python(path: str) -> None:
    """Raises LaunchError where this is no Python, or one too old."""
    question = "import sys; print('Python', '%d.%d' % sys.version_info[:2])"
    try:
        asked = subprocess.run(
            [path, "-c", question],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ANSWER,
            check=False,
        )
        answer = asked.stdout.decode(errors="replace").split()
    except (OSError, subprocess.TimeoutExpired):
        answer = []
    if len(answer) != 2 or answer[0] != "Python":
        raise LaunchError(f"{path} is not a Python that works: give --python the path of an interpreter.")
    if tuple(map(int, answer[1].split("."))) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise LaunchError(
            f"{path} is Python {answer[1]}, and FlowScope needs {oldest} or newer: give --python another one."
        )


def _parses(python: str, path: Path) -> bool:
    command = [python, "-c", "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read())", str(path)]
    return (
        python != sys.executable and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def check_target(spec: LaunchSpec) -> None:
    """Raises LaunchError, one sentence, where Python could not even begin to run the script."""
    if spec.script is None:
        return  # whether there is such a module is for the program's Python to say
    path = Path(spec.cwd or ".", spec.script)
    if not spec.script or not path.exists():
        raise LaunchError(f"There is no file {spec.script or repr('')}: name the script of your program.")
    if path.is_dir():
        if not (path / "__main__.py").exists():
            raise LaunchError(f"{spec.script} is a folder without __main__.py: name a script in it.")
        return
    if not os.access(path, os.R_OK):
        raise LaunchError(f"{spec.script} cannot be read: check its permissions.")
    if not path.is_file():
        raise LaunchError(f"{spec.script} is not a file: name the script of your program.")
    if zipfile.is_zipfile(path):
        return
    try:
        with tokenize.open(path) as source, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are for the program's Python to give
            ast.parse(source.read(), spec.script)
    except (RecursionError, MemoryError):
        return  # it may be enough for Python alone
    except SyntaxError as error:
        if _parses(find_python(spec), path):
            return  # the program's Python is newer than ours
        if error.lineno is None:  # of the encoding
            raise LaunchError(f"{spec.script} is not a Python script: it is no text in UTF-8.") from None
        raise LaunchError(f"{spec.script}, line {error.lineno}, is not valid Python: {error.msg}.") from None
    except ValueError as error:  # bytes that are no text, or zeros
        raise LaunchError(f"{spec.script} is not a Python script: {error}.") from None
