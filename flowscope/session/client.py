"""An asyncio DAP client: requests are awaited, events are iterated, in the order they were sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from flowscope_engine.debug.frames import Frames, WireError, frame

_CHUNK = 65536  # bytes parsed before the loop's other tasks get their turn
_MAX_FRAME = 1 << 30  # bytes: a program may put a large value into one message

Message = dict[str, Any]


class RequestError(Exception):
    """The adapter refused a request, did not answer in time, or is gone; the text says which."""


class Client:
    """One connection to an adapter."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._seq = 0
        self._pending: dict[int, asyncio.Future[Message]] = {}
        self._events: asyncio.Queue[Message | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._read(), name="flowscope DAP client")

    @property
    def connected(self) -> bool:
        """Whether the adapter can still answer."""
        return not self._task.done()

    async def request(
        self, command: str, arguments: Message | None = None, timeout: float | None = None
    ) -> Message:
        """Send a request and return its answer's body, waiting `timeout` seconds at most.

        Raises RequestError when the adapter refuses, is silent or is gone.
        """
        if not self.connected:
            raise RequestError(f"{command}: the program is gone.")
        self._seq += 1
        seq = self._seq
        future = self._pending[seq] = asyncio.get_running_loop().create_future()
        request = {"seq": seq, "type": "request", "command": command, "arguments": arguments or {}}
        try:
            self._writer.write(frame(request))
            answer = await asyncio.wait_for(future, timeout)
        except TimeoutError:
            raise RequestError(f"{command}: no answer within {timeout:g} seconds.") from None
        finally:
            self._pending.pop(seq, None)
        body = answer.get("body")
        if not answer.get("success"):
            raise RequestError(_reason(answer, command))
        return body if isinstance(body, dict) else {}

    async def events(self) -> AsyncIterator[Message]:
        """The adapter's events, none lost, until the connection ends. For one consumer."""
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        """Close the connection; waiting requests fail, `events` ends."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _read(self) -> None:
        frames = Frames(_MAX_FRAME)
        try:
            while chunk := await self._reader.read(_CHUNK):
                frames.feed(chunk)
                self._parse(frames)
                await asyncio.sleep(0)  # a burst must not starve the screen
        except OSError:
            pass  # reset by a killed program: the same as its end
        finally:
            self._writer.close()
            for future in self._pending.values():
                if not future.done():
                    future.set_result({"success": False, "message": "the program is gone."})
            self._events.put_nowait(None)

    def _parse(self, frames: Frames) -> None:
        while True:
            try:
                body = frames.body()
                if body is None:
                    return
                message = _decode(body)
            except (WireError, ValueError):
                continue  # not one of ours: the program itself wrote into the socket
            if message.get("type") == "event":
                self._events.put_nowait(message)
            elif message.get("type") == "response":
                future = self._pending.get(message.get("request_seq", 0))
                if future is not None and not future.done():
                    future.set_result(message)


def _decode(body: bytes) -> Message:
    """The message in `body`. Raises ValueError when it is none."""
    try:
        message = msgspec.json.decode(body)
    except msgspec.DecodeError:  # it refuses lone surrogates, which a program's strings may hold
        message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("A message is not a JSON object.")
    return message


def _reason(answer: Message, command: str) -> str:
    """The sentence for the user in a refusal."""
    body = answer.get("body")
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return f"{command}: {answer.get('message') or 'refused.'}"
    text = str(error.get("format"))
    for name, value in (error.get("variables") or {}).items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
