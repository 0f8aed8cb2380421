"""One program being debugged: its process, the connection to its adapter, and one stream of events.

The stream outlives the process: after an `exit` event the program can be restarted, and goes on in the same
stream with a new `header`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Any

from .client import Client, Message, RequestError
from .launch import Debuggee, LaunchSpec, Mode, launch
from .reach import HANDSHAKE, reach
from .terminal import Terminal
from .translate import Event, ended, translate

_DRAIN = 2.0  # seconds for the last events of a process that has ended
_GRACE = 2.0  # seconds that a program has to end when asked, before it is killed


class Session:
    """A live program. Commands raise RequestError where the adapter refuses or the program is gone."""

    def __init__(
        self,
        spec: LaunchSpec,
        *,
        breakpoints: Sequence[str] = (),
        exceptions: Sequence[str] = ("uncaught",),
        stop_on_entry: bool = True,
        mode: Mode = "debug",
        run_to: str | None = None,
    ) -> None:
        self.spec = spec
        self.breakpoints = list(breakpoints)
        self.exceptions = list(exceptions)
        self.stop_on_entry = stop_on_entry
        self.mode: Mode = mode
        self._pins: dict[tuple[Any, Any], Message] = {}  # kept across restarts, by node and item
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._debuggee: Debuggee | None = None
        self._client: Client | None = None
        self._terminal: Terminal | None = None
        self._life: asyncio.Task[None] | None = None
        self._is_seen = False  # has the program got as far as being debugged?
        self._target = run_to  # a breakpoint for one stop

    async def start(self) -> None:
        """Start the program and let it run to its first stop. Raises LaunchError when it cannot be started.

        A program that ends before it can be debugged is no error: its end is an `exit` event.
        """
        self._is_seen = False
        debuggee = self._debuggee = await launch(self.spec, self.mode)
        self._terminal = None if debuggee.pty is None else Terminal(debuggee.pty, self._written)
        end = asyncio.create_task(debuggee.wait())
        pump = None
        streams = await reach(debuggee, end)
        client = self._client = Client(*streams) if streams else None
        if client is not None:
            pump = asyncio.create_task(self._pump(client))
        self._life = asyncio.create_task(self._follow(end, pump))
        if client is not None:
            try:
                await self._handshake(client, debuggee)
            except RequestError as error:
                if client.connected:  # else the process's end says it all
                    self._notice("error", str(error))

    async def events(self) -> AsyncIterator[Event]:
        """All events, in order, until `close`. For one consumer."""
        while (event := await self._queue.get()) is not None:
            yield event

    async def close(self) -> None:
        """End the program and the stream of events."""
        await self.terminate()
        self._queue.put_nowait(None)

    async def terminate(self) -> None:
        """Ask the program to end, then make it. Returns when it has ended, and its `exit` event is sent."""
        if self._debuggee is None or self._life is None or self._life.done():
            return
        if self._client is not None:
            try:
                await self._client.request("terminate", timeout=_GRACE)
                await asyncio.wait([self._life], timeout=_GRACE)
            except RequestError:
                pass  # it will not, or it is gone
        if not self._life.done():
            await self._debuggee.terminate()
        await self._life

    async def restart(self) -> None:
        """End the program and start it anew, with the same breakpoints. Raises LaunchError as `start`."""
        await self.terminate()
        await self.start()

    # Running on

    async def continue_(self, lane: int = 0) -> None:
        """Let the program run to the next breakpoint."""
        await self.request("continue", threadId=lane + 1)

    async def next(self, lane: int = 0) -> None:
        """Run to the next node of this flow."""
        await self.request("next", threadId=lane + 1)

    async def step_in(self, lane: int = 0) -> None:
        """Run to the next step, be it a phase or a nested flow's."""
        await self.request("stepIn", threadId=lane + 1)

    async def step_out(self, lane: int = 0) -> None:
        """Run to the end of the flow."""
        await self.request("stepOut", threadId=lane + 1)

    async def pause(self, lane: int = 0) -> None:
        """Stop at the next step."""
        await self.request("pause", threadId=lane + 1)

    async def run_to(self, place: str, lane: int = 0) -> None:
        """Run to a break spec once: to a node, mostly."""
        self._target = place
        await self._send_breakpoints()
        await self.continue_(lane)

    # Breakpoints

    async def set_breakpoints(self, specs: Sequence[str]) -> list[Message]:
        """Replace all breakpoints; for each spec, in order, DAP's `{verified, message}`."""
        self.breakpoints = list(specs)
        if not self.running:
            return [{"verified": False, "message": "Waits for the next start."} for _ in specs]
        return (await self._send_breakpoints())[: len(specs)]

    # Looking and changing, while stopped

    async def stack(self, lane: int = 0) -> list[Message]:
        """DAP's stack frames of a lane, innermost first."""
        frames: list[Message] = (await self.request("stackTrace", threadId=lane + 1)).get("stackFrames", [])
        return frames

    async def scopes(self, frame: int) -> list[Message]:
        """DAP's scopes of a frame: Shared, Params, Prep result, Exec result, Node."""
        scopes: list[Message] = (await self.request("scopes", frameId=frame)).get("scopes", [])
        return scopes

    async def variables(self, reference: int, start: int = 0, count: int = 0) -> list[Message]:
        """A page of DAP variables; `count` 0: all."""
        body = await self.request("variables", variablesReference=reference, start=start, count=count)
        variables: list[Message] = body.get("variables", [])
        return variables

    async def evaluate(self, expression: str, frame: int | None = None, context: str = "repl") -> Message:
        """Evaluate in a frame of `stack`; DAP's `{result, variablesReference…}`."""
        where = {} if frame is None else {"frameId": frame}
        return await self.request("evaluate", expression=expression, context=context, **where)

    async def set_variable(self, reference: int, name: str, value: str) -> Message:
        """Set a variable inside `reference` to the value of a Python expression."""
        return await self.request("setVariable", variablesReference=reference, name=name, value=value)

    async def source(self, reference: int) -> str:
        """Text of a source that is no file."""
        body = await self.request("source", sourceReference=reference, source={"sourceReference": reference})
        return str(body.get("content", ""))

    async def send_input(self, text: str) -> None:
        """Type into the program's terminal. Raises OSError when nobody reads it."""
        if self._terminal is None or not self.running:
            raise BrokenPipeError("the program is not running")
        self._terminal.write(text)

    @property
    def was_debugged(self) -> bool:
        """Whether the program got as far as running under our eyes."""
        return self._is_seen

    @property
    def running(self) -> bool:
        """Whether the program can be talked to."""
        return self._client is not None and self._client.connected

    async def request(self, command: str, **arguments: Any) -> Message:
        """Any DAP request; its answer's body."""
        if self._client is None:
            raise RequestError(f"{command}: the program is not running.")
        answer = await self._client.request(command, arguments)
        if command == "flowscope/intervene" and (pin := answer.get("pin")) is not None:
            self._pins[pin["node"], pin["item"]] = pin  # one that is gone is told as such, and forgotten
            self._pins = {place: kept for place, kept in self._pins.items() if not kept.get("gone")}
        return answer

    async def _handshake(self, client: Client, debuggee: Debuggee) -> None:
        hello = {"clientID": "flowscope", "adapterID": "flowscope", "pathFormat": "path"}
        await client.request("initialize", hello, HANDSHAKE)
        history = (self.spec.history or True) if self.mode == "debug" else False
        attach = {"token": debuggee.token, "stopOnEntry": self.stop_on_entry, "history": history}
        attach |= {"exact": True} if self.spec.exact else {}
        attach |= {"outline": True} if self.spec.outline else {}
        attach |= {"interleaving": dict(self.spec.interleaving)} if self.spec.interleaving else {}
        attach |= {"pins": list(self._pins.values())} if self._pins else {}
        with _file(self.spec.answers) as path:
            await client.request("attach", attach | ({"replay": path} if path else {}), HANDSHAKE)
        for spec, answer in zip(self.breakpoints, await self._send_breakpoints(), strict=False):
            if not answer.get("verified"):
                self._notice("warning", f"Breakpoint {spec!r}: {answer.get('message')}")
        await client.request("setExceptionBreakpoints", {"filters": self.exceptions}, HANDSHAKE)
        await client.request("configurationDone", timeout=HANDSHAKE)
        self._is_seen = True

    async def _send_breakpoints(self) -> list[Message]:
        specs = [*self.breakpoints, *([self._target] if self._target else [])]
        body = await self.request("setFunctionBreakpoints", breakpoints=[{"name": spec} for spec in specs])
        answers: list[Message] = body.get("breakpoints", [])
        return answers

    async def _pump(self, client: Client) -> None:
        forgetting = None
        async for message in client.events():
            for event in translate(message):
                if event["type"] == "stopped" and self._target is not None:
                    if event["breakpoints"] == [self._target]:
                        event["reason"] = "goto"
                    self._target = None
                    forgetting = asyncio.create_task(self._forget_target())
                self._queue.put_nowait(event)
        if forgetting is not None:
            await forgetting

    async def _forget_target(self) -> None:
        try:
            await self._send_breakpoints()
        except RequestError:
            pass  # the program is gone, and its breakpoints with it

    async def _follow(self, end: asyncio.Task[int], pump: asyncio.Task[None] | None) -> None:
        """Wait for the process's end and tell it, after everything that came before."""
        if pump is not None:
            await asyncio.wait([end, pump], return_when=asyncio.FIRST_COMPLETED)
            if not end.done():
                await asyncio.wait([end], timeout=_DRAIN)
            if not end.done():
                self._notice("warning", "The program has closed its connection and runs on, unseen.")
        returncode = await end
        if pump is not None:
            await asyncio.wait([pump], timeout=_DRAIN)  # a child may hold the connection open
        tail = ""
        if self._terminal is not None:
            self._terminal.close()
            tail = self._terminal.tail.strip()
        if self._client is not None:
            await self._client.close()
        error = None if self._is_seen else tail or "The program ended before it could be debugged."
        self._queue.put_nowait(ended(returncode, error))

    def _written(self, text: str) -> None:
        """Something beside the engine wrote to the terminal: a subprocess, or C code."""
        ts = time.monotonic_ns()
        output = {"type": "output", "lane": 0, "span": None, "stream": "stdout", "text": text, "ts": ts}
        self._queue.put_nowait(output)

    def _notice(self, level: str, text: str) -> None:
        self._queue.put_nowait({"type": "notice", "level": level, "text": text})


@contextmanager
def _file(content: bytes | None) -> Iterator[str | None]:
    """A file for the time that it takes the program to read it."""
    if content is None:
        yield None
        return
    with NamedTemporaryFile(prefix="flowscope-", suffix=".json") as file:
        file.write(content)
        file.flush()
        yield file.name
