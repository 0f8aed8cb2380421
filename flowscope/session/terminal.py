"""The debugger's end of the program's terminal: what arrives there as text, what is typed as bytes."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable

_CHUNK = 65536
_LAST = 64  # chunks read at the close: a child of the program may go on writing for ever
_MOMENT = 0.02  # seconds that the rest of a line is waited for: the kernel may pass it on in parts
_TAIL = 4000  # characters kept for a program that never got as far as talking to us


class Terminal:
    """Owns a pty's master side, reading it while the loop runs; `on_text` gets what was written there."""

    def __init__(self, fd: int, on_text: Callable[[str], None]) -> None:
        self._fd = fd
        self._on_text = on_text
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""  # a line that has not ended yet
        self._release: asyncio.TimerHandle | None = None
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
        self._tell(self._held)
        self._held = ""
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
        end = text.rfind("\n") + 1 if data else len(text)
        self._held = text[end:]
        self._tell(text[:end])
        if self._held and self._release is None:
            self._release = self._loop.call_later(_MOMENT, self._tell_rest)
        if not data:
            self._loop.remove_reader(self._fd)
        return bool(data)

    def _tell_rest(self) -> None:
        """A prompt, or a progress bar: a line that ends later, or never."""
        self._release = None
        text, self._held = self._held, ""
        if text.endswith("\r"):  # may be half of a line's end
            text, self._held = text[:-1], "\r"
        self._tell(text)

    def _tell(self, text: str) -> None:
        text = text.replace("\r\n", "\n")
        if text:
            self.tail = (self.tail + text)[-_TAIL:]
            self._on_text(text)
