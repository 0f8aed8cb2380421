"""Programs that use anyio, on asyncio: each must come to the same when its lanes are accounted for."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread

from .lane_programs import Body


async def moves_on(log: list[Any], item: int) -> Any:
    with anyio.move_on_after(0.2) as outer:
        with anyio.move_on_after(5) as inner:
            async with anyio.create_task_group() as group:
                group.start_soon(anyio.sleep, 10)
                await anyio.sleep(10 if item else 0)
                group.cancel_scope.cancel()
    return outer.cancelled_caught, inner.cancelled_caught


async def fails_after(log: list[Any], item: int) -> Any:
    try:
        with anyio.fail_after(0.2):
            await anyio.sleep(10 if item == 1 else 0)
    except TimeoutError as error:
        return repr(error)
    return "in time"


async def is_shielded(log: list[Any], item: int) -> Any:
    with anyio.CancelScope() as scope:
        scope.cancel()
        with anyio.CancelScope(shield=True):
            await anyio.sleep(0.001)
            log.append("shielded")
        await anyio.sleep(10)
    return scope.cancelled_caught


async def fails_in_a_group(log: list[Any], item: int) -> Any:
    async def child(number: int) -> None:
        try:
            await anyio.sleep(0 if number == item else 10)  # a timer's turn would be a matter of luck
            raise ValueError(number)
        finally:
            log.append(f"child of {item} is over")

    try:
        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(child, number)
    except BaseException as error:
        return [repr(each) for each in error.exceptions]  # type: ignore[attr-defined]


async def starts(log: list[Any], item: int) -> Any:
    async def serve(*, task_status: Any) -> None:
        await anyio.sleep(0)
        task_status.started(item)
        await anyio.sleep(10)

    async with anyio.create_task_group() as group:
        started = await group.start(serve)
        group.cancel_scope.cancel()
    return started


class _Shared:
    """What the items of one node share; made on their loop."""

    def __init__(self) -> None:
        self.semaphore = anyio.Semaphore(2)
        self.lock = anyio.Lock()
        self.event = anyio.Event()
        self.send, self.receive = anyio.create_memory_object_stream[int](1)


async def waits_in_line(log: list[Any], item: int) -> Any:
    shared = next((each for each in log if isinstance(each, _Shared)), None)
    if shared is None:
        log.append(shared := _Shared())
    async with shared.semaphore:
        log.append(("in", item))
        await anyio.sleep(0.002)
        async with shared.lock:
            await anyio.sleep(0)
            log.append(("out", item))
    if item == 0:
        for number in range(4):
            await shared.send.send(number)
        shared.event.set()
        await shared.send.aclose()
        return "sent"
    if item == 1:
        return [number async for number in shared.receive]
    await shared.event.wait()
    log.remove(shared)
    return "seen"


async def uses_threads(log: list[Any], item: int) -> Any:
    def work() -> Any:
        anyio.from_thread.run(anyio.sleep, 0)
        other = threading.get_ident() != main
        return item, other, anyio.from_thread.run_sync(lambda: threading.get_ident() == main)

    main = threading.get_ident()
    limiter = anyio.CapacityLimiter(1)
    with anyio.move_on_after(10):
        return await anyio.to_thread.run_sync(work, limiter=limiter)


PROGRAMS: dict[str, Body] = {
    body.__name__: body
    for body in (
        moves_on,
        fails_after,
        is_shielded,
        fails_in_a_group,
        starts,
        waits_in_line,
        uses_threads,
    )
}
