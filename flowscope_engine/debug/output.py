"""stdout and stderr that tell what is written to them, and are otherwise what they were.

With `capture` the text goes to the sink alone; else the same bytes also go where they always went.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

Sink = Callable[[str, str], None]
"""Called with the name of the stream and the text."""

_kept: list[TextIO] = []  # the streams replaced: closing them would close the file descriptors


def watch_output(sink: Sink, capture: bool) -> None:
    """Replace sys.stdout and sys.stderr."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):  # else closed, or replaced by a site hook: left as it is
            stream.flush()
            watched = _Text(name, stream, sink, capture)
            _kept.append(stream)
            setattr(sys, name, watched)
            setattr(sys, f"__{name}__", watched)


def release_output() -> None:
    """The session is over: what the program's last breath writes goes where it always went."""
    for name in ("stdout", "stderr"):
        for stream in (getattr(sys, name), getattr(sys, f"__{name}__")):
            if isinstance(stream, _Text):
                stream.release()


def watch_input(asked: Callable[[str], None], answered: Callable[[], None]) -> None:
    """Tell when the program waits in `input()`, and when it has been answered."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "builtins.input":
            asked(str(args[0]) if args and args[0] is not None else "")
        elif event == "builtins.input/result":
            answered()

    sys.addaudithook(hook)


class _Telling:
    """What is below the text: tells what is written to it directly."""

    def __init__(self, *below: Any, tell: Callable[[str], None], encoding: str, capture: bool) -> None:
        super().__init__(*below)  # the class this is mixed into
        self.is_below_text = False
        self._tell = tell
        self._encoding = encoding
        self._capture = capture
        self._pid = os.getpid()

    def release(self) -> None:
        self._capture, self._tell = False, lambda text: None

    def write(self, data: Any) -> int:
        if not self.is_below_text and os.getpid() == self._pid:
            self._tell(bytes(data).decode(self._encoding, "replace"))
            if self._capture:
                return len(data)
        try:
            return super().write(data)  # type: ignore[misc, no-any-return]
        except OSError as error:
            error.__traceback__ = None  # without our frames, which a bare raise does not put back
            raise


class _Buffered(_Telling, io.BufferedWriter):
    """As python's stdout."""


class _Unbuffered(_Telling, io.FileIO):
    """As the stdout of `python -u`."""


class _Text(io.TextIOWrapper):
    """A text stream that tells what is written to it."""

    def __init__(self, name: str, stream: io.TextIOWrapper, sink: Sink, capture: bool) -> None:
        self._name = name
        self._sink = sink
        self._capture = capture
        self._pid = os.getpid()
        telling: dict[str, Any] = {"tell": self._tell, "encoding": stream.encoding, "capture": capture}
        self._bytes: _Buffered | _Unbuffered
        if isinstance(stream.buffer, io.BufferedWriter):
            raw = stream.buffer.raw
            size = getattr(raw, "_blksize", 0) or io.DEFAULT_BUFFER_SIZE  # as `open` chooses it
            self._bytes = _Buffered(raw, size, **telling)
        else:
            self._bytes = _Unbuffered(stream.fileno(), "w", False, **telling)
            self._bytes.name = stream.name
        super().__init__(
            self._bytes,
            encoding=stream.encoding,
            errors=stream.errors,
            newline="\n",
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
        self.__dict__["mode"] = "w"

    def release(self) -> None:
        """Capture and tell nothing from now on."""
        self._capture, self._sink = False, lambda name, text: None
        self._bytes.release()

    def _tell(self, text: str) -> None:
        if text:
            self._sink(self._name, text)

    def write(self, text: str) -> int:
        if os.getpid() != self._pid:
            return super().write(text)  # a forked child has no session
        if self._capture:
            if not isinstance(text, str):
                return super().write(text)  # which raises
            text.encode(self.encoding, self.errors or "strict")  # which may raise, as it would have
            self._tell(text)
            return len(text)
        self._bytes.is_below_text = True
        try:
            count = super().write(text)
        except OSError as error:
            error.__traceback__ = None
            raise
        finally:
            self._bytes.is_below_text = False
        self._tell(text)
        return count

    def flush(self) -> None:
        self._bytes.is_below_text = True
        try:
            super().flush()
        except OSError as error:
            error.__traceback__ = None
            raise
        finally:
            self._bytes.is_below_text = False
