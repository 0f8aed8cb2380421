"""`flowscope dap`: the Debug Adapter Protocol on stdin and stdout, for editors.

It starts the program that `launch` names, then passes messages on between the client and the adapter inside
the program. Requests keep the client's numbers; what goes to the client is numbered here.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from flowscope_engine.debug.adapter import CAPABILITIES
from flowscope_engine.debug.frames import Frames, Message, WireError, frame

from ..loop import run
from .launch import Debuggee, LaunchError, LaunchSpec, launch
from .reach import reach
from .terminal import Terminal
from .translate import ended

_CHUNK = 65536
_DRAIN = 2.0  # seconds for the last messages of a program that has ended
_LARGE = 1 << 30  # bytes: the program's own messages are not refused for their size
_BREAKPOINTS = frozenset(f"set{kind}Breakpoints" for kind in ("", "Function", "Data", "Exception"))


def serve() -> int:
    """Speak DAP on stdin and stdout until the client is gone; the exit code of the command."""
    out = os.dup(1)
    os.dup2(2, 1)  # whatever else prints here does not disturb the protocol
    try:
        run(_serve(out))
    except BrokenPipeError:
        return 1
    return 0


async def _serve(out: int) -> None:
    chunks: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:  # a thread, for stdin may be a file
        while chunk := os.read(0, _CHUNK):
            loop.call_soon_threadsafe(chunks.put_nowait, chunk)
        loop.call_soon_threadsafe(chunks.put_nowait, b"")

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, chunks.put_nowait, b"")
    threading.Thread(target=read, daemon=True).start()
    proxy = Proxy(out)
    frames = Frames()
    try:
        while not proxy.over and (chunk := await chunks.get()):
            frames.feed(chunk)
            while not proxy.over:
                try:
                    message = frames.message()
                except WireError as error:
                    proxy.refuse({"seq": error.seq or 0, "command": ""}, error.text)
                    continue
                if message is None:
                    break
                await proxy.handle(message)
    finally:
        await proxy.end()


class Proxy:
    """Between one client, which reads the descriptor `out`, and one program."""

    def __init__(self, out: int) -> None:
        self.over = False  # the client has said goodbye
        self._out = out
        self._seq = 0
        self._hello: Message = {}  # the client's initialize request
        self._debuggee: Debuggee | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._life: asyncio.Task[None] | None = None
        self._undebugged = False  # launched with noDebug
        self._told: set[str] = set()  # of exited and terminated
        self._asked: dict[int, Message] = {}  # requests that the program has yet to answer

    async def handle(self, request: Message) -> None:
        """Answer a message of the client's, or pass it on."""
        command = request.get("command")
        if command == "initialize":
            self._hello = request
            self._answer(request, CAPABILITIES)
        elif command == "launch":
            await self._launch(request)
        elif command == "attach":
            self.refuse(request, "flowscope dap starts programs: use launch, with program or module.")
        elif command == "disconnect":
            await self.end()
            self._answer(request, {})
            self.over = True
        elif self._undebugged and command in _BREAKPOINTS:
            given = (request.get("arguments") or {}).get("breakpoints") or []
            unused = {"verified": False, "message": "The program runs without debugging."}
            self._answer(request, {"breakpoints": [unused] * len(given)})
        elif self._writer is not None and self._life is not None and not self._life.done():
            self._ask(request)
        elif self._debuggee is None:
            self.refuse(request, "No program has been launched.")
        else:
            self.refuse(request, "The program has ended.")

    def refuse(self, request: Message, text: str) -> None:
        """Answer a request with an error, `text` being a sentence for the user."""
        error = {"id": 1, "format": text, "showUser": True}
        self._answer(request, {"error": error}, success=False, message=text)

    async def end(self) -> None:
        """End the program, and wait until its last messages are passed on."""
        if self._debuggee is not None and self._life is not None:
            if not self._life.done():
                await self._debuggee.terminate()
            await self._life

    async def _launch(self, request: Message) -> None:
        if not self._hello:
            return self.refuse(request, "launch came before initialize.")
        if self._debuggee is not None:
            return self.refuse(request, "A program has been launched already.")
        arguments = request.get("arguments") or {}
        try:
            spec = _spec(arguments)
            debuggee = await launch(spec, "debug")
        except (ValueError, LaunchError) as error:
            return self.refuse(request, str(error))
        self._debuggee = debuggee
        self._undebugged = bool(arguments.get("noDebug"))
        assert debuggee.pty is not None  # as it is in mode debug
        terminal = Terminal(debuggee.pty, self._written)
        end = asyncio.create_task(debuggee.wait())
        streams = await reach(debuggee, end)
        if streams is None:
            await debuggee.terminate()
            code = await end
            terminal.close()
            return self.refuse(request, f"The program ended with {code} before it could be debugged.")
        reader, self._writer = streams
        self._life = asyncio.create_task(self._follow(end, reader, terminal))
        self._writer.write(frame(self._hello))
        stop = bool(arguments.get("stopOnEntry")) and not self._undebugged
        told = {**arguments, "stopOnEntry": stop, "token": debuggee.token}
        self._ask({**request, "arguments": told})
        return None

    def _ask(self, request: Message) -> None:
        assert self._writer is not None
        self._asked[request["seq"]] = request
        self._writer.write(frame(request))

    async def _follow(self, end: asyncio.Task[int], reader: asyncio.StreamReader, terminal: Terminal) -> None:
        """Pass the program's messages on until it ends, and tell its end where it could not."""
        pump = asyncio.create_task(self._pump(reader))
        code = await end
        await asyncio.wait([pump], timeout=_DRAIN)  # a child may hold the connection open
        pump.cancel()
        terminal.close()
        for request in list(self._asked.values()):
            self.refuse(request, "The program has ended.")
        exit_code = code if code >= 0 else 128 - code
        if "exited" not in self._told:
            if name := ended(code, None)["signal"]:
                self._event("output", {"category": "important", "output": f"Killed by {name}.\n"})
            self._event("exited", {"exitCode": exit_code})
        if "terminated" not in self._told:
            self._event("terminated", {})

    async def _pump(self, reader: asyncio.StreamReader) -> None:
        frames = Frames(_LARGE)
        try:
            while chunk := await reader.read(_CHUNK):
                frames.feed(chunk)
                while True:
                    try:
                        message = frames.message()
                    except WireError as error:
                        print(f"flowscope dap: {error}", file=sys.stderr)
                        continue
                    if message is None:
                        break
                    self._pass_on(message)
        except ConnectionError:
            pass  # a killed program: the same as its end

    def _pass_on(self, message: Message) -> None:
        if message.get("type") == "response" and message.get("request_seq") == self._hello["seq"]:
            return  # answered here, before there was a program
        if message.get("type") == "response":
            self._asked.pop(message.get("request_seq", 0), None)
        if message.get("event") in ("exited", "terminated"):
            self._told.add(message["event"])
        self._send(message)

    def _written(self, text: str) -> None:
        """Something beside the engine wrote to the program's terminal."""
        self._event("output", {"category": "stdout", "output": text})

    def _answer(
        self, request: Message, body: Any, *, success: bool = True, message: str | None = None
    ) -> None:
        answer = {"request_seq": request["seq"], "command": request.get("command", ""), "success": success}
        self._send({"type": "response", **answer, "body": body, **({"message": message} if message else {})})

    def _event(self, name: str, body: Message) -> None:
        self._send({"type": "event", "event": name, "body": body})

    def _send(self, message: Message) -> None:
        """Write to the client, waiting for it: a program must not outrun who watches it."""
        self._seq += 1
        data = memoryview(frame({**message, "seq": self._seq}))
        while data:
            data = data[os.write(self._out, data) :]


def _spec(arguments: Message) -> LaunchSpec:
    """What to start. Raises ValueError, one sentence, for arguments that make no sense."""
    program, module = arguments.get("program"), arguments.get("module")
    if (program is None) == (module is None):
        raise ValueError("launch needs either program or module.")
    for name in ("program", "module", "cwd", "python"):
        if not isinstance(arguments.get(name, ""), (str, type(None))):
            raise ValueError(f"launch: {name} is not a string.")
    args = arguments.get("args") or []
    if not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
        raise ValueError("launch: args is not a list of strings.")
    env = arguments.get("env") or {}
    if not isinstance(env, dict) or not all(isinstance(value, (str, type(None))) for value in env.values()):
        raise ValueError("launch: env is not an object of strings.")
    cwd, python = arguments.get("cwd") or None, arguments.get("python") or None
    if cwd is not None and not Path(cwd).is_dir():
        raise ValueError(f"launch: there is no folder {cwd}.")
    return LaunchSpec(script=program, module=module, args=args, cwd=cwd, env=env, python=python)
