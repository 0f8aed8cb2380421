"""The DAP client against a server made for the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from flowscope.session.client import Client, RequestError
from flowscope_engine.debug.frames import Frames, frame

from ..patience import SECONDS

Handler = Callable[[dict[str, Any], asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Client]:
    """A client of a server that gives every request to `handler`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames()
        while chunk := await reader.read(65536):
            frames.feed(chunk)
            while (message := frames.message()) is not None:
                await handler(message, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = Client(*await asyncio.open_connection(*server.sockets[0].getsockname()[:2]))
    try:
        yield client
    finally:
        await client.close()
        server.close()


def answer(request: dict[str, Any], body: Any = None, **more: Any) -> bytes:
    return frame({"type": "response", "request_seq": request["seq"], "success": True, "body": body, **more})


async def test_answers_find_their_requests_in_any_order() -> None:
    waiting: list[dict[str, Any]] = []

    async def handler(request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        waiting.append(request)
        if len(waiting) == 2:
            for each in reversed(waiting):
                writer.write(answer(each, {"echo": each["arguments"]["x"]}))

    async with serving(handler) as client:
        first, second = await asyncio.gather(
            client.request("echo", {"x": "\ud800"}), client.request("echo", {"x": 2})
        )
    assert (first, second) == ({"echo": "\ud800"}, {"echo": 2})


async def test_refusals_and_silence() -> None:
    async def handler(request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if request["command"] == "short":
            writer.write(answer(request, success=False, message="notStopped"))
        elif request["command"] == "long":
            writer.write(
                answer(
                    request,
                    {"error": {"id": 1, "format": "No such {what}.", "variables": {"what": "lane"}}},
                    success=False,
                )
            )

    async with serving(handler) as client:
        with pytest.raises(RequestError, match="short: notStopped"):
            await client.request("short")
        with pytest.raises(RequestError, match="No such lane"):
            await client.request("long")
        with pytest.raises(RequestError, match=r"silent: no answer within 0\.05 seconds"):
            await client.request("silent", timeout=0.05)
        assert client.connected


async def test_a_disconnect_ends_requests_and_events() -> None:
    async def handler(request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        writer.write(frame({"type": "event", "event": "last"}))
        writer.close()

    async with serving(handler) as client:
        with pytest.raises(RequestError, match="gone"):
            await client.request("threads", timeout=SECONDS)
        assert [e["event"] async for e in client.events()] == ["last"]
        with pytest.raises(RequestError, match="gone"):
            await client.request("threads")


async def test_garbage_is_passed_over() -> None:
    async def handler(request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\r\n\r\nContent-Length: 1\r\n\r\n{Content-Length: 2\r\n\r\n[]" + answer(request))

    async with serving(handler) as client:
        assert await client.request("threads", timeout=SECONDS) == {}


async def test_a_burst_is_complete_in_order_and_leaves_the_loop_alive() -> None:
    count = 30_000
    burst = b"".join(
        frame(
            {
                "type": "event",
                "event": "flowscope/events",
                "body": {"events": [{"type": "begin", "id": n}] * 5},
            }
        )
        for n in range(count)
    )

    async def handler(request: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        writer.write(burst + answer(request))

    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    async with serving(handler) as client:
        heart = asyncio.create_task(beat())
        await client.request("go")
        got = []
        async for event in client.events():
            got.append(event["body"]["events"][0]["id"])
            if len(got) == count:
                break
        heart.cancel()
    assert got == list(range(count))
    assert beats > 20  # chunk by chunk, the others had their turn
