"""DAP's framing, without a socket: `Content-Length: n`, an empty line, n bytes of JSON.

What arrives may be anything: a frame that cannot be read is reported once, and reading goes on at the next
header.
"""

from __future__ import annotations

import json
from typing import Any

MAX_FRAME = 16 * 1024 * 1024
"""Bytes of the largest body that is read."""

MAX_HEADER = 4096
"""Bytes of the longest header that is read."""

_MAX_DEPTH = 200  # of a message being cleaned
_HEADER = b"Content-Length:"
_END = b"\r\n\r\n"

Message = dict[str, Any]


class WireError(Exception):
    """A frame that cannot be read; `seq` is the request's, where it could be told."""

    def __init__(self, text: str, seq: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.seq = seq


class Frames:
    """Bytes in, as they come; messages out."""

    def __init__(self, max_frame: int = MAX_FRAME) -> None:
        self._max_frame = max_frame
        self._buffer = bytearray()
        self._length: int | None = None  # of the body whose header has been read
        self._lost = False  # the place in the stream is unknown: go on at the next header

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream."""
        self._buffer += chunk

    def body(self) -> bytes | None:
        """The next body; None when more bytes are needed. Raises WireError for a header that has no sense."""
        if self._lost and not self._resynchronise():
            return None
        if self._length is None:
            end = self._buffer.find(_END, 0, MAX_HEADER + len(_END))
            if end < 0 and len(self._buffer) < MAX_HEADER:
                return None
            self._length = self._read_header(bytes(self._buffer[: max(end, 0)]))
            del self._buffer[: end + len(_END)]
        if len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = None
        return body

    def message(self) -> Message | None:
        """The next message, checked; None when more bytes are needed. Raises WireError, then goes on."""
        body = self.body()
        if body is None:
            return None
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            # A wrong length has cut this frame short, or swallowed the beginning of the next one.
            self._buffer[:0] = body
            self._lost = True
            raise WireError(f"A message is not JSON: {error}.") from None
        return _checked(message)

    def _read_header(self, header: bytes) -> int:
        for line in header.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() != b"content-length":
                continue
            value = value.strip()
            if not value.isdigit():
                raise self._lose(f"Content-Length is {_shown(value)}, not a number of bytes.")
            if len(value) > 20 or int(value) > self._max_frame:
                raise self._lose(f"Content-Length is {_shown(value)}, more than {self._max_frame} bytes.")
            return int(value)
        raise self._lose(f"A header of less than {MAX_HEADER} bytes with Content-Length was expected.")

    def _lose(self, text: str) -> WireError:
        del self._buffer[:1]  # not the same header again
        self._lost = True
        return WireError(text)

    def _resynchronise(self) -> bool:
        """Drop what stands before the next header; False when none is in sight."""
        at = self._buffer.find(_HEADER)
        self._lost = at < 0
        del self._buffer[: at if at >= 0 else max(0, len(self._buffer) - len(_HEADER) + 1)]
        return at >= 0


def frame(message: Message) -> bytes:
    """`message` framed. Compact ASCII: a lone surrogate travels as its escape.

    What JSON has no word for is replaced by the name of its type: no code of the user's runs here.
    """
    try:
        text = json.dumps(message, separators=(",", ":"), allow_nan=False, default=_type_name)
    except (TypeError, ValueError, RecursionError):  # a key, a nan, a cycle
        text = json.dumps(_clean(message), separators=(",", ":"))
    return b"%s %d%s%s" % (_HEADER, len(text), _END, text.encode("ascii"))


def _checked(message: Any) -> Message:
    if not isinstance(message, dict):
        raise WireError("A message is not a JSON object.")
    seq = message.get("seq")
    if isinstance(seq, bool) or not isinstance(seq, int):
        raise WireError("A message has no seq.")
    kind = message.get("type")
    if kind not in ("request", "response", "event"):
        raise WireError("A message is neither request nor response nor event.", seq)
    if kind == "request" and not isinstance(message.get("command"), str):
        raise WireError("A request has no command.", seq)
    return message


def _shown(text: bytes) -> str:
    return repr(text[:40].decode("latin-1"))


def _type_name(value: object) -> str:
    return f"<{type(value).__name__}>"


def _clean(value: Any, depth: int = 0) -> Any:
    """`value` with only what JSON can hold, not deeper than `_MAX_DEPTH`."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else repr(value)
    if depth >= _MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {k if isinstance(k, str) else _key(k): _clean(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(v, depth + 1) for v in value]
    return _type_name(value)


def _key(key: object) -> str:
    return str(key) if key is None or isinstance(key, (bool, int, float)) else _type_name(key)
