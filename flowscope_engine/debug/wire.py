"""DAP messages over a blocking socket, on the debuggee's side."""

from __future__ import annotations

import socket
import threading

from .frames import Frames, Message, WireError, frame

__all__ = ["Message", "Wire", "WireError"]


class Wire:
    """A connected socket as messages. One thread receives; any thread sends."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._frames = Frames()
        self._lock = threading.Lock()
        self._seq = 0

    def receive(self) -> Message | None:
        """The next message, waiting for it; None when the other side is gone.

        Raises WireError for a frame that cannot be read; the next call goes on behind it.
        """
        while (message := self._frames.message()) is None:
            try:
                chunk = self._sock.recv(65536)
            except OSError:
                return None
            if not chunk:
                return None
            self._frames.feed(chunk)
        return message

    def send(self, message: Message) -> bool:
        """Send `message` with the next `seq`; False when the other side is gone.

        Not for signal handlers: one that interrupts `send` would wait for itself.
        """
        with self._lock:
            self._seq += 1
            try:
                self._sock.sendall(frame({"seq": self._seq, **message}))
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
