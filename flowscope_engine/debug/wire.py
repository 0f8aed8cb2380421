"""DAP's framing on the debuggee's side: `Content-Length: n`, an empty line, n bytes of JSON.

What a client sends may be anything: a frame that cannot be read is reported, and reading goes on at the
next header.
"""

from __future__ import annotations

import json
import socket
import threading
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


class Wire:
    """Messages over a connected, blocking socket. One thread receives; any thread sends."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()
        self._lost = False  # the place in the stream is unknown: go on at the next header
        self._lock = threading.Lock()
        self._seq = 0

    def receive(self) -> Message | None:
        """The next request or response, waiting for it; None when the other side is gone.

        Raises WireError for a frame that cannot be read; the next call goes on behind it.
        """
        if self._lost and not self._resynchronise():
            return None
        end = self._find(_END, MAX_HEADER)
        if end is None:
            return None
        length = self._length(bytes(self._buffer[:end]) if end >= 0 else None)
        del self._buffer[: end + len(_END)]
        while len(self._buffer) < length:
            if not self._fill():
                return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return self._message(body)

    def send(self, message: Message) -> bool:
        """Send `message` with the next `seq`; False when the other side is gone.

        What JSON has no word for is replaced by the name of its type: no code of the user's runs here.
        """
        text = _encode(message)
        with self._lock:
            self._seq += 1
            body = b'{"seq":%d,%s' % (self._seq, text[1:])
            try:
                self._sock.sendall(b"%s %d%s%s" % (_HEADER, len(body), _END, body))
            except OSError:
                return False
        return True

    def close(self) -> None:
        """Close the socket; a thread waiting in `receive` gets None."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was faster
        self._sock.close()

    def _fill(self) -> bool:
        try:
            chunk = self._sock.recv(65536)
        except OSError:
            return False
        self._buffer += chunk
        return bool(chunk)

    def _find(self, mark: bytes, limit: int) -> int | None:
        """Where `mark` begins; -1 when it is not within `limit` bytes; None at the stream's end."""
        while (at := self._buffer.find(mark, 0, limit + len(mark))) < 0 and len(self._buffer) < limit:
            if not self._fill():
                return None
        return at

    def _resynchronise(self) -> bool:
        """Drop what stands before the next header; False at the stream's end."""
        while (at := self._buffer.find(_HEADER)) < 0:
            del self._buffer[: max(0, len(self._buffer) - len(_HEADER) + 1)]
            if not self._fill():
                return False
        del self._buffer[:at]
        self._lost = False
        return True

    def _length(self, header: bytes | None) -> int:
        """The length that `header` names; else WireError, with the header's first line dropped."""
        if header is None:
            raise self._lose(f"A header is longer than {MAX_HEADER} bytes.")
        for line in header.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() != b"content-length":
                continue
            value = value.strip()
            if not value.isdigit():
                raise self._lose(f"Content-Length is {_shown(value)}, not a number of bytes.")
            if len(value) > 20 or int(value) > MAX_FRAME:
                raise self._lose(f"Content-Length is {_shown(value)}, more than {MAX_FRAME} bytes.")
            return int(value)
        raise self._lose(f"A header without Content-Length: {_shown(header)}.")

    def _lose(self, text: str, body: bytes = b"") -> WireError:
        """An error after which reading goes on at the next header, be it inside `body` or behind it."""
        if body:
            self._buffer[:0] = body
        else:
            del self._buffer[:1]  # not the same header again
        self._lost = True
        return WireError(text)

    def _message(self, body: bytes) -> Message:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            # A wrong length has cut this frame short, or swallowed the beginning of the next one.
            raise self._lose(f"A message is not JSON: {error}.", body or b" ") from None
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


def _encode(message: Message) -> bytes:
    """Compact JSON in ASCII: a lone surrogate travels as its escape."""
    try:
        text = json.dumps(message, separators=(",", ":"), allow_nan=False, default=_type_name)
    except (TypeError, ValueError, RecursionError):  # a key, a nan, a cycle
        text = json.dumps(_clean(message), separators=(",", ":"))
    return text.encode("ascii")


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
