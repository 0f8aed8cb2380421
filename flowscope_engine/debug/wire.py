"""DAP messages over a blocking socket, on the debuggee's side."""

from __future__ import annotations

import select
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
        self.is_gone = False  # the other side, as far as `receive` has seen
        self._bell, self._button = socket.socketpair()
        self._button.setblocking(False)
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self._poll.register(self._bell, select.POLLIN)

    def receive(self) -> Message | None:
        """The next message, waiting for it; None when the other side is gone, or this one was woken.

        Raises WireError for a frame that cannot be read; the next call goes on behind it.
        """
        while (message := self._frames.message()) is None:
            try:
                if self._bell.fileno() in dict(self._poll.poll()):
                    self._bell.recv(4096)
                    return None
                chunk = self._sock.recv(65536)
            except OSError:
                chunk = b""
            if not chunk:
                self.is_gone = True
                return None
            self._frames.feed(chunk)
        return message

    def wake(self) -> None:
        """Let `receive` return soon."""
        try:
            self._button.send(b".")
        except OSError:
            pass  # closed meanwhile, or rung so often that it need not be again

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
        for sock in (self._sock, self._bell, self._button):
            sock.close()
