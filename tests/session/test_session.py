"""A session against an adapter and a process made for the test."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from flowscope.session import session as module
from flowscope.session.client import RequestError
from flowscope.session.launch import LaunchSpec
from flowscope.session.session import Session
from flowscope_engine.debug.frames import Frames, frame

from ..patience import SECONDS

SLEEP = "import time; time.sleep(60)"


class Adapter:
    """Answers every request with success, and remembers them."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.writer: asyncio.StreamWriter | None = None
        self.terminated: Callable[[], None] = lambda: None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        frames = Frames()
        while chunk := await reader.read(65536):
            frames.feed(chunk)
            while (request := frames.message()) is not None:
                self.requests.append(request)
                body = self.answers.get(request["command"], {})
                answer = {"type": "response", "request_seq": request["seq"], "success": body is not None}
                writer.write(frame({"seq": 0, **answer, "message": "not now", "body": body or {}}))
                if request["command"] == "terminate":
                    self.terminated()
                    writer.close()

    def event(self, name: str, body: dict[str, Any]) -> None:
        assert self.writer is not None
        self.writer.write(frame({"seq": 0, "type": "event", "event": name, "body": body}))

    def arguments(self, command: str) -> list[dict[str, Any]]:
        return [r["arguments"] for r in self.requests if r["command"] == command]


class Program:
    """A process with a pty, as `launch` gives it."""

    def __init__(self, process: asyncio.subprocess.Process, master: int, port: int) -> None:
        self.process, self.pty, self.port = process, master, port
        self.pid, self.token = process.pid, "secret"

    async def wait(self) -> int:
        return await self.process.wait()

    async def terminate(self) -> None:
        self.process.kill()


class Stage:
    """What `launch` is replaced with."""

    def __init__(self, adapter: Adapter, port: int) -> None:
        self.adapter, self.port = adapter, port
        self.code = SLEEP
        self.programs: list[Program] = []
        adapter.terminated = self.kill

    def kill(self) -> None:
        for program in self.programs:
            if program.process.returncode is None:
                program.process.kill()

    async def launch(self, spec: Any, mode: str) -> Program:
        assert mode == "debug"
        master, slave = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", self.code, stdout=slave, stderr=slave
        )
        os.close(slave)
        self.programs.append(Program(process, master, self.port))
        return self.programs[-1]


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    adapter = Adapter()
    server = await asyncio.start_server(adapter.serve, "127.0.0.1", 0)
    stage = Stage(adapter, server.sockets[0].getsockname()[1])
    monkeypatch.setattr(module, "launch", stage.launch)
    yield stage
    server.close()
    stage.kill()
    for program in stage.programs:
        await program.process.wait()


def make(stage: Stage, breakpoints: Sequence[str] = ()) -> Session:
    spec = LaunchSpec(script="program.py")
    return Session(spec, breakpoints=breakpoints)


async def collected(session: Session, until: str) -> list[dict[str, Any]]:
    """The events up to the first of a type."""

    async def collect() -> list[dict[str, Any]]:
        events = []
        async for event in session.events():
            events.append(event)
            if event["type"] == until:
                break
        return events

    return await asyncio.wait_for(collect(), SECONDS)


async def test_the_handshake_in_its_order(stage: Stage) -> None:
    session = make(stage, ["Work.exec"])
    await session.start()
    assert [r["command"] for r in stage.adapter.requests] == [
        "initialize",
        "attach",
        "setFunctionBreakpoints",
        "setExceptionBreakpoints",
        "configurationDone",
    ]
    attach = {"token": "secret", "stopOnEntry": True, "history": True}
    assert stage.adapter.arguments("attach")[0] == attach
    assert stage.adapter.arguments("setFunctionBreakpoints")[0] == {"breakpoints": [{"name": "Work.exec"}]}
    await session.close()


async def test_an_unusable_breakpoint_is_told(stage: Stage) -> None:
    stage.adapter.answers["setFunctionBreakpoints"] = {"breakpoints": [{"verified": False, "message": "No."}]}
    session = make(stage, ["Work if ("])
    await session.start()
    (notice,) = await collected(session, "notice")
    assert notice["text"] == "Breakpoint 'Work if (': No."
    await session.close()


async def test_events_in_order(stage: Stage) -> None:
    session = make(stage)
    await session.start()
    stage.adapter.event("flowscope/events", {"events": [{"type": "header"}, {"type": "begin", "id": 1}]})
    stage.adapter.event(
        "stopped", {"reason": "entry", "threadId": 1, "flowscope": {"span": 1, "at": "begin"}}
    )
    events = await collected(session, "stopped")
    assert [e["type"] for e in events] == ["header", "begin", "stopped"]
    assert events[-1]["span"] == 1
    await session.close()


async def test_commands(stage: Stage) -> None:
    session = make(stage)
    await session.start()
    stage.adapter.answers["stackTrace"] = {"stackFrames": [{"id": 5}]}
    stage.adapter.answers["variables"] = {"variables": [{"name": "a"}]}
    assert await session.stack(2) == [{"id": 5}]
    assert await session.variables(7, 0, 10) == [{"name": "a"}]
    await session.evaluate("shared", 5)
    await session.step_in(3)
    assert stage.adapter.arguments("stackTrace") == [{"threadId": 3}]
    assert stage.adapter.arguments("evaluate") == [{"expression": "shared", "context": "repl", "frameId": 5}]
    assert stage.adapter.arguments("stepIn") == [{"threadId": 4}]
    stage.adapter.answers["next"] = None
    with pytest.raises(RequestError, match="next: not now"):
        await session.next()
    await session.close()
    with pytest.raises(RequestError, match="gone"):
        await session.next()


async def test_run_to_stops_once(stage: Stage) -> None:
    session = make(stage, ["A"])
    await session.start()
    await session.run_to("B")
    assert stage.adapter.arguments("setFunctionBreakpoints")[-1]["breakpoints"] == [
        {"name": "A"},
        {"name": "B"},
    ]
    where = {"span": 1, "at": "begin", "breakpoints": ["B"]}
    stage.adapter.event("stopped", {"reason": "function breakpoint", "threadId": 1, "flowscope": where})
    (stopped,) = await collected(session, "stopped")
    assert stopped["reason"] == "goto"
    while stage.adapter.arguments("setFunctionBreakpoints")[-1]["breakpoints"] != [{"name": "A"}]:
        await asyncio.sleep(0.01)
    await session.close()


async def test_the_terminal(stage: Stage) -> None:
    stage.code = "print('from C')"
    session = make(stage)
    await session.start()
    events = await collected(session, "exit")
    outputs = [event for event in events if event["type"] == "output"]
    assert "".join(event["text"] for event in outputs) == "from C\n"
    assert outputs[0]["span"] is None
    assert events[-1]["code"] == 0
    with pytest.raises(OSError, match="not running"):
        await session.send_input("x\n")
    await session.close()


async def test_a_kill_is_told(stage: Stage) -> None:
    session = make(stage)
    await session.start()
    os.kill(stage.programs[0].pid, signal.SIGKILL)
    assert stage.adapter.writer is not None
    stage.adapter.writer.close()
    events = await collected(session, "exit")
    assert (events[-1]["code"], events[-1]["signal"]) == (-9, "SIGKILL")
    await session.close()


async def test_a_crash_before_the_connection_shows_what_it_wrote(stage: Stage) -> None:
    stage.port = 1  # nobody listens
    stage.code = "import nothing_of_this_name"
    session = make(stage)
    await session.start()
    events = await collected(session, "exit")
    assert events[-1]["code"] == 1
    assert "nothing_of_this_name" in events[-1]["error"]
    with pytest.raises(RequestError, match="not running"):
        await session.next()
    await session.close()


async def test_restart(stage: Stage) -> None:
    session = make(stage, ["A"])
    await session.start()
    await session.set_breakpoints(["B"])
    await session.restart()
    assert len(stage.programs) == 2
    assert stage.adapter.arguments("setFunctionBreakpoints")[-1]["breakpoints"] == [{"name": "B"}]
    assert [e["type"] for e in await collected(session, "exit")] == ["exit"]
    assert session.running
    await session.close()
    assert all(program.process.returncode is not None for program in stage.programs)
    rest = [event["type"] async for event in session.events()]
    assert rest == ["exit"]
