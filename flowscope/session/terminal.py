"""The debugger's end of the program's terminal: what arrives there as text, what is typed as bytes."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable

_CHUNK = 65536
_LAST = 64  # chunks read at the close: a child of the program may go on writing for ever
_TAIL = 4000  # characters kept for a program that never got as far as talking to us


class Terminal:
    """Owns a pty's master side, reading it while the loop runs; `on_text` gets what was written there."""

    def __init__(self, fd: int, on_text: Callable[[str], None]) -> None:
        self._fd = fd
        self._on_text = on_text
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._loop = asyncio.get_running_loop()
        self.tail = ""
        """The end of all text so far."""
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._read)

    def write(self, text: str) -> None:
        """Type `text`. Raises OSError when nobody can read it any more, or when its buffer is full."""
        data = text.encode("utf-8", "surrogateescape")
        if os.write(self._fd, data) < len(data):
            raise BlockingIOError("the program does not read its input")

    def close(self) -> None:
        """Read what is left, then close the descriptor. Harmless when repeated."""
        if self._fd < 0:
            return
        for _ in range(_LAST):
            if not self._read():
                break
        if self._held:
            self._on_text(self._held)
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
        self._fd = -1  # writing to it raises

    def _read(self) -> bool:
        """Take one chunk; whether there may be more."""
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:  # EIO: the last process that had it open is gone
            data = b""
        text = self._held + self._decoder.decode(data, final=not data)
        self._held = "\r" if text.endswith("\r") and data else ""  # may be half of a line's end
        text = text.removesuffix(self._held).replace("\r\n", "\n")
        if text:
            self.tail = (self.tail + text)[-_TAIL:]
            self._on_text(text)
        if not data:
            self._loop.remove_reader(self._fd)
        return bool(data)
