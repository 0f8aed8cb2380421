"""The debuggee's side of the door: one client over loopback, served by threads of its own.

The program starts when the client has configured the session, and ends with it: a debugger that is gone
leaves no orphan.
"""

from __future__ import annotations

import _thread
import os
import signal
import socket
import threading
import time
from typing import Any

from ..observe import install
from .adapter import MAX_THREADS, Adapter
from .controller import Controller
from .emitter import Emitter
from .outbox import Event
from .standing import Stop
from .wire import Wire, WireError

CONNECT_SECONDS = 30.0  # for the debugger that launched us to connect
_BATCH_SECONDS = 0.02
_BATCH = 500  # events a message
_GRACE_SECONDS = 2.0  # from SIGTERM to SIGKILL


class Server:
    """The session with the one client."""

    def __init__(self, listener: socket.socket, token: str, info: dict[str, Any]) -> None:
        self.emitter = Emitter()
        self.controller = Controller(self.emitter, self._on_stop)
        self._info = info
        self._pid = os.getpid()
        self._configured = threading.Event()
        self._sending = threading.RLock()
        self._is_finished = False
        self._lanes: set[int] = set()
        listener.settimeout(CONNECT_SECONDS)
        connection, _ = listener.accept()
        listener.close()
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wire = Wire(connection)
        self._adapter = Adapter(self.emitter, self.controller, token, self._wire.send, self._configured.set)

    def start(self) -> None:
        """Serve; returns once the client has configured the session and the program may run."""
        # Not of `threading`: a program that counts or joins all threads there are must not find these.
        _thread.start_new_thread(self._receive, ())
        self._configured.wait()
        header = {"type": "header", "version": 1, **self._info}
        self.emitter.emit({**header, "exact": True} if self.emitter.is_exact else header)
        self.emitter.serve()
        _thread.start_new_thread(self._batches, ())
        os.register_at_fork(after_in_child=self._forget)
        install(self.controller)

    def finish(self, code: int | None) -> None:
        """The program has ended: send what there is left to tell. Code None: a signal or a crash."""
        if os.getpid() != self._pid:
            return
        self._is_finished = True
        install(None)
        if (replay := self.controller.interventions.replay) is not None:
            self.emitter.notice(replay.summary(), "info")
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
        with self._sending:
            self.flush()
            self._adapter.stopped(stop)

    def _receive(self) -> None:
        while True:
            try:
                request = self._wire.receive()
            except WireError as error:
                answer = {"type": "response", "request_seq": error.seq or 0, "success": False, "command": ""}
                self._wire.send({**answer, "message": error.text})
                continue
            if request is None:
                break
            self._adapter.handle(request)
            if not self._adapter.is_trusted and request.get("command") in ("launch", "attach"):
                break  # no second guess at the token
        self._disconnected()

    def _disconnected(self) -> None:
        self._wire.close()
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

    def _batches(self) -> None:
        while True:
            self.emitter.gather(_BATCH_SECONDS)
            self.flush()

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
        elif len(self._lanes) < MAX_THREADS - 1:
            self._lanes.add(lane)
            self._adapter.event("thread", {"reason": "started", "threadId": lane + 1})

    def _forget(self) -> None:
        """In a forked child: the session is the parent's."""
        install(None)
        self.emitter.desert()


def start(listener_fd: int, token: str, info: dict[str, Any]) -> Server:
    """Accept the debugger on this listening socket, and return when the program may run."""
    server = Server(socket.socket(fileno=listener_fd), token, info)
    server.start()
    return server
