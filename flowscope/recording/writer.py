"""Recordings are written line by line, so that a killed debugger leaves all but the line it was writing."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .format import VERSION, RecordingError, encode


class Writer:
    """An append-only recording. Each `write` reaches the operating system before it returns."""

    def __init__(self, path: str | os.PathLike[str], header: dict[str, Any]) -> None:
        """Begin a recording, in place of what the file held. Raises RecordingError."""
        self._path = Path(path)
        try:
            self._file = self._path.open("wb", buffering=0)
        except OSError as error:
            raise self._error(error) from error
        try:
            self.write({**header, "type": "header", "version": VERSION})
        except RecordingError:
            self.close()
            raise

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

    def _error(self, error: OSError) -> RecordingError:
        reason = (error.strerror or str(error)).lower()
        return RecordingError(f"Cannot record to {self._path}: {reason}; choose another file with --record.")
