"""The debuggee's side of the door: one client over loopback, served by threads of its own.

Whoever knocks is heard, until one shows the token; then the door is closed. The program starts when that
client has configured the session, and ends with it: a debugger that is gone leaves no orphan.
"""

from __future__ import annotations

import hmac
import os
import signal
import socket
import threading
import time
from typing import Any

from ..observe import install
from ..standstill import forked
from .adapter import Adapter
from .controller import Controller
from .emitter import Emitter
from .guard import Guard
from .outbox import Event
from .own_threads import OwnThread, begin_thread
from .stack import MAX_THREADS
from .standing import Stop
from .wire import Wire, WireError

CONNECT_SECONDS = 30.0  # for the debugger that launched us to connect
_LOOK_SECONDS = 0.1  # between looks whether it has
_BATCH_SECONDS = 0.02
_BATCH = 500  # events a message
_GRACE_SECONDS = 2.0  # from SIGTERM to SIGKILL


class Server:
    """The session with the one client."""

    _adapter: Adapter  # of the client, once it is let in

    def __init__(self, token: str, info: dict[str, Any]) -> None:
        self.emitter = Emitter()
        self.controller = Controller(self.emitter, self._on_stop)
        self._token = token
        self._info = info
        self._pid = os.getpid()
        self._entering = threading.Lock()
        self._knocking: set[Wire] = set()  # those that have not shown the token
        self._is_open = True  # the door
        self._admitted = threading.Event()
        self._configured = threading.Event()
        self._sending = threading.RLock()
        self._is_finished = False
        self._lanes: set[int] = set()

    def start(self, listener: socket.socket) -> None:
        """Serve; returns once the client has configured the session and the program may run.

        Raises TimeoutError where nobody comes who knows the token.
        """
        self._listener = listener
        begin_thread(self._accept)
        if not self._admitted.wait(CONNECT_SECONDS):
            raise TimeoutError("The debugger that started this program has not connected.")
        self._configured.wait()
        header = {"type": "header", "version": 1, **self._info}
        self.emitter.emit({**header, "exact": True} if self.emitter.is_exact else header)
        self.emitter.serve()
        OwnThread(self._batch, self.emitter.wake).start()
        os.register_at_fork(after_in_child=self._forget)
        install(Guard(self.controller, self.emitter.notice))

    def finish(self, code: int | None) -> None:
        """The program has ended: send what there is left to tell. Code None: a signal or a crash."""
        if os.getpid() != self._pid:
            return
        self._is_finished = True
        install(None)
        self.emitter.outline()
        if (replay := self.controller.interventions.replay) is not None:
            self.emitter.notice(replay.summary(), "info")
        if (conductor := self.controller.holding.conductor) is not None:
            conductor.finish()
        self.flush()
        if code is not None:
            self._adapter.event("exited", {"exitCode": code})
        self._adapter.event("terminated")

    def flush(self) -> None:
        """Send all events there are, from this thread."""
        with self._sending:
            self._send(self.emitter.take())
            self.emitter.sent()

    def _on_stop(self, stop: Stop) -> None:
        self.controller.accounts.tell()
        self.emitter.outline()
        with self._sending:
            self.flush()
            self._adapter.stopped(stop)

    def _accept(self) -> None:
        with self._listener:
            self._listener.settimeout(_LOOK_SECONDS)
            while self._is_open:
                try:
                    connection, _ = self._listener.accept()
                except OSError:  # nobody has come, or is gone already
                    continue
                connection.settimeout(None)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._serve(Wire(connection))

    def _serve(self, wire: Wire) -> None:
        """Answer one who has connected, until the connection ends, on a thread of its own."""

        def admit(token: str) -> bool:
            with self._entering:
                if not self._is_open or not hmac.compare_digest(token.encode(), self._token.encode()):
                    return False
                self._is_open = False
                self._adapter = adapter
                self._knocking.discard(wire)
                for other in self._knocking:
                    other.close()
            try:
                self._listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # not on every system: it closes at the next look
            self._admitted.set()
            return True

        with self._entering:
            if self._is_open:
                self._knocking.add(wire)
            else:
                wire.close()
        adapter = Adapter(self.emitter, self.controller, admit, wire.send, self._configured.set)
        OwnThread(lambda: self._answer(wire, adapter), wire.wake).start()

    def _answer(self, wire: Wire, adapter: Adapter) -> bool:
        """Answer one request; False when it was the last."""
        try:
            request = wire.receive()
        except WireError as error:
            answer = {"type": "response", "request_seq": error.seq or 0, "success": False, "command": ""}
            wire.send({**answer, "message": error.text})
            return True
        if request is not None:
            adapter.handle(request)
            # No second guess at the token.
            if adapter.is_trusted or request.get("command") not in ("launch", "attach"):
                return True
        elif not wire.is_gone:
            return True
        wire.close()
        if adapter.is_trusted:
            self._disconnected()
        return False

    def _disconnected(self) -> None:
        self.emitter.close()
        if self._is_finished:
            return
        if not self._adapter.ends_program:
            install(None)
            self.controller.release()
            return
        os.kill(self._pid, signal.SIGTERM)
        time.sleep(_GRACE_SECONDS)
        os.kill(self._pid, signal.SIGKILL)

    def _batch(self) -> bool:
        self.emitter.gather(_BATCH_SECONDS)
        self.flush()
        return True

    def _send(self, events: list[Event]) -> None:
        for first in range(0, len(events), _BATCH):
            self._adapter.event("flowscope/events", {"events": events[first : first + _BATCH]})
        for event in events:
            if event["type"] == "lane":
                self._tell_thread(event)
            elif event["type"] == "output" and self._adapter.wants_output:
                self._adapter.event("output", {"category": event["stream"], "output": event["text"]})
            elif event["type"] == "notice" and self._adapter.wants_output:
                self._adapter.event("output", {"category": "console", "output": event["text"] + "\n"})

    def _tell_thread(self, event: Event) -> None:
        lane = event["id"]
        if "status" in event:
            if lane in self._lanes:
                self._lanes.discard(lane)
                self._adapter.event("thread", {"reason": "exited", "threadId": lane + 1})
        elif lane not in self._lanes and len(self._lanes) < MAX_THREADS - 1:
            self._lanes.add(lane)
            self._adapter.event("thread", {"reason": "started", "threadId": lane + 1})

    def _forget(self) -> None:
        """In a forked child: the session is the parent's."""
        install(None)
        self.emitter.desert()
        forked()


def start(listener_fd: int, token: str, info: dict[str, Any]) -> Server:
    """Let the debugger in on this listening socket, and return when the program may run."""
    server = Server(token, info)
    server.start(socket.socket(fileno=listener_fd))
    return server
