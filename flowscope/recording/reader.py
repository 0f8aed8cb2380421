"""Recordings are read as far as they are whole; what is wrong with one is said in a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from .format import SUFFIX, VERSION, RecordingError, decode

Event = dict[str, Any]

_LONGEST_HEADER = 1 << 20  # bytes: what has a longer first line is something else
_CUT = "The recording ends in the middle of an event; everything before it is here."


def is_recording(path: str | os.PathLike[str]) -> bool:
    """Is this a recording, going by its name or by how it begins? Never raises."""
    path = Path(path)
    if path.suffix == SUFFIX:
        return True
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return decode(file.readline(_LONGEST_HEADER)).get("type") == "header"
    except (OSError, ValueError):
        return False


def read(path: str | os.PathLike[str]) -> Iterator[Event]:
    """The events of a recording, its header first; a cut last line becomes a warning notice.

    Raises RecordingError at once when this is no recording, and at a damaged line when it is reached.
    """
    path = Path(path)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise RecordingError(f"{path} does not exist; record one with --record {path}.") from None
    except IsADirectoryError:
        raise RecordingError(f"{path} is a folder; name the recording in it.") from None
    except PermissionError:
        raise RecordingError(f"{path} may not be read by you; change its permissions.") from None
    except OSError as error:
        raise _broken(path, error) from error
    try:
        header = _header(path, file)
    except BaseException:
        file.close()
        raise
    return _events(path, file, header)


def _header(path: Path, file: BinaryIO) -> Event:
    try:
        line = file.readline(_LONGEST_HEADER)
    except OSError as error:
        raise _broken(path, error) from error
    if not line:
        raise RecordingError(f"{path} is empty; record it again with --record {path}.")
    try:
        header = decode(line)
    except ValueError:
        header = {}
    version = header.get("version")
    if header.get("type") != "header" or not isinstance(version, int):
        raise RecordingError(f"{path} is not a recording; name a file that --record wrote.")
    if version > VERSION:
        raise RecordingError(
            f"{path} was written by a newer FlowScope (format {version}, known here is {VERSION}); upgrade."
        )
    return header


def _events(path: Path, file: BinaryIO, header: Event) -> Iterator[Event]:
    with closing(file):
        yield header
        number = 1
        while line := _line(path, file):
            number += 1
            try:
                event = decode(line)
            except ValueError:
                if line.endswith(b"\n"):
                    raise RecordingError(
                        f"{path} is damaged at line {number}; head -n {number - 1} keeps what is before."
                    ) from None
                event = {"type": "notice", "level": "warning", "text": _CUT}
            yield event


def _line(path: Path, file: BinaryIO) -> bytes:
    try:
        return file.readline()
    except OSError as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: OSError) -> RecordingError:
    return RecordingError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}.")
