"""A client on the pipes of `flowscope dap`, as an editor is one."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from typing import Any

from flowscope_engine.debug.frames import Frames, frame

from ..patience import SECONDS

_SERVE = "import sys; from flowscope.session.dap_stdio import serve; sys.exit(serve())"


class Editor:
    """A client on the adapter's pipes."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.seen: list[dict[str, Any]] = []
        self._frames = Frames()
        self._seq = 0

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, command: str, **arguments: Any) -> int:
        self._seq += 1
        self.write(frame({"seq": self._seq, "type": "request", "command": command, "arguments": arguments}))
        return self._seq

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        deadline = time.monotonic() + SECONDS
        while (message := self._frames.message()) is None:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"nothing came within {SECONDS} seconds after {self.seen[-3:]}"
            chunk = os.read(self.process.stdout.fileno(), 65536)
            assert chunk, f"the adapter has ended after {self.seen[-3:]}"
            self._frames.feed(chunk)
        self.seen.append(message)
        return message

    def request(self, command: str, **arguments: Any) -> dict[str, Any]:
        return self.answer_to(self.send(command, **arguments))

    def answer_to(self, seq: int) -> dict[str, Any]:
        while True:
            message = self.receive()
            if message["type"] == "response" and message["request_seq"] == seq:
                return message

    def event(self, name: str) -> dict[str, Any]:
        """The body of the next event of this name, be it seen already."""
        for message in self.seen:
            if message.get("event") == name:
                self.seen.remove(message)
                return message.get("body") or {}
        while True:
            message = self.receive()
            if message.get("event") == name:
                self.seen.remove(message)
                return message.get("body") or {}

    def output(self, category: str = "stdout") -> str:
        bodies = [m["body"] for m in self.seen if m.get("event") == "output"]
        return "".join(body["output"] for body in bodies if body.get("category") == category)

    def launch(self, specs: tuple[str, ...] = (), **arguments: Any) -> dict[str, Any]:
        """Launch and configure; the answer to launch."""
        self.request("initialize", adapterID="flowscope")
        launched = self.send("launch", **arguments)
        self.event("initialized")
        self.request("setFunctionBreakpoints", breakpoints=[{"name": spec} for spec in specs])
        done = self.send("configurationDone")
        answers = [m for m in self.seen if m.get("request_seq") == launched and m["type"] == "response"]
        answer = answers[0] if answers else self.answer_to(launched)
        if not any(m.get("request_seq") == done for m in self.seen):
            self.answer_to(done)
        return answer
