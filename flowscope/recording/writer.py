"""Recordings are written line by line, so that a killed debugger leaves all but the line it was writing.

None is overwritten: paid answers may be in it. The file always holds the latest, and earlier ones are kept
beside it: `run.flowscope`, `run.1.flowscope`, `run.2.flowscope`…
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .format import VERSION, RecordingError, encode
from .reader import is_recording


class Writer:
    """An append-only recording. Each `write` reaches the operating system before it returns."""

    def __init__(self, path: str | os.PathLike[str], header: dict[str, Any]) -> None:
        """Begin a recording. Raises RecordingError, and then the file is as it was."""
        self._path = Path(path)
        self._earlier: Path | None = None
        try:
            self._earlier = _make_way(self._path)
            self._file = self._path.open("wb", buffering=0)
        except OSError as error:
            self._restore()
            raise self._error(error) from error
        try:
            self.write({**header, "type": "header", "version": VERSION})
        except RecordingError:
            self.close()
            self._restore()
            raise

    @property
    def note(self) -> str:
        """What has become of the recording that the file held; empty where it held none."""
        return f"{self._path} held a recording: it is {self._earlier} now." if self._earlier else ""

    def write(self, *events: dict[str, Any]) -> None:
        """Append events, in one go. Raises RecordingError when the disk takes no more."""
        lines = memoryview(b"".join(map(encode, events)))
        try:
            while lines:  # an unbuffered file may take only a part
                lines = lines[self._file.write(lines) :]
        except OSError as error:
            raise self._error(error) from error

    def close(self) -> None:
        """Nothing follows. Closing twice does nothing."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _restore(self) -> None:
        if self._earlier is not None:
            self._earlier.replace(self._path)

    def _error(self, error: OSError) -> RecordingError:
        reason = (error.strerror or str(error)).lower()
        return RecordingError(f"Cannot record to {self._path}: {reason}; choose another file with --record.")


def _make_way(path: Path) -> Path | None:
    """Where the recording is now that the file held, if it did. Raises RecordingError, OSError."""
    if not path.is_file() or path.stat().st_size == 0:
        return None
    if not is_recording(path):
        raise RecordingError(
            f"{path} is not a recording and stays what it is; name another file with --record."
        )
    names = (path.with_suffix(f".{number}{path.suffix}") for number in count(1))
    earlier = next(name for name in names if not os.path.lexists(name))
    return path.rename(earlier)
