"""What reader and writer of recordings have in common: lines of JSON, and one kind of error."""

from __future__ import annotations

import json
from typing import Any

import msgspec

VERSION = 1
"""Of the format that is written, and the newest that is read."""

SUFFIX = ".flowscope"


class RecordingError(Exception):
    """A recording cannot be written or read; one sentence says what, where and what to do."""


def encode(event: dict[str, Any]) -> bytes:
    """One event as a line."""
    try:
        return msgspec.json.encode(event) + b"\n"
    except UnicodeEncodeError:  # programs do print lone surrogates; as escapes they come back exactly
        return json.dumps(event, separators=(",", ":")).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The event of a line. Raises ValueError when there is none."""
    try:
        event = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        try:
            event = json.loads(line)
        except RecursionError:
            raise ValueError("nested too deeply") from None
    if not isinstance(event, dict):
        raise ValueError("not a JSON object")
    return event
