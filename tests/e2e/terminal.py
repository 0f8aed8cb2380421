"""A terminal for the real command: keys go in, and the screen is read as a user would read it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from ..patience import SECONDS

FLOWSCOPE = str(Path(sys.executable).with_name("flowscope"))

_KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "backspace": "\x7f",
    "ctrl+c": "\x03",
    "ctrl+z": "\x1a",
    "space": " ",
    "f5": "\x1b[15~",
    "f10": "\x1b[21~",
}


class Terminal:
    """`command` in a pseudo-terminal of `columns` × `lines`."""

    def __init__(
        self, *command: str, columns: int = 80, lines: int = 24, cwd: Path | None = None, **env: str
    ) -> None:
        self._master, slave = pty.openpty()
        self.resize(columns, lines, tell=False)
        self._before = termios.tcgetattr(slave)
        self._slave = slave
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **env},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)

    @property
    def text(self) -> str:
        """The screen as it is now."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def press(self, *keys: str) -> None:
        """Type keys by name, or text as it is."""
        for key in keys:
            os.write(self._master, _KEYS.get(key, key).encode())

    def until(self, wanted: str | Callable[[str], bool]) -> str:
        """Wait until the screen shows this text, or is what the function wants."""
        holds = (lambda text: wanted in text) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + SECONDS
        while not holds(self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"the screen never showed {wanted!r}:\n{self.text}"
            self._read(min(left, 0.5))
        return self.text

    def until_written(self, wanted: str) -> None:
        """Wait until this text is written from here on, without the work of a terminal emulator."""
        start, deadline = len(self.raw), time.monotonic() + SECONDS
        while wanted.encode() not in self.raw[start:]:
            left = deadline - time.monotonic()
            assert left > 0, f"{wanted!r} was never written"
            if select.select([self._master], [], [], left)[0]:
                self.raw += os.read(self._master, 65536)

    def ended(self) -> int:
        """Wait for the command's end; its exit code."""
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end:\n{self.text}"
            self._read(0.1)
        while self._read(0.1):
            pass
        return self.process.returncode

    def resize(self, columns: int, lines: int, tell: bool = True) -> None:
        """Give the window another size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        if tell:
            self._screen.resize(lines, columns)
            os.killpg(self.process.pid, signal.SIGWINCH)

    def is_sane(self) -> bool:
        """Is the terminal as it was: no alternate screen, no mouse, its modes restored, the cursor shown?"""
        left = all(
            self.raw.rfind(off) >= self.raw.rfind(on)
            for on, off in (
                (b"\x1b[?1049h", b"\x1b[?1049l"),
                (b"\x1b[?1000h", b"\x1b[?1000l"),
                (b"\x1b[?25l", b"\x1b[?25h"),
            )
        )
        return left and termios.tcgetattr(self._slave)[:4] == self._before[:4]

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)
