"""Asynchronous programs that say what they did: each must say the same when its lanes are accounted for."""

from __future__ import annotations

import asyncio
import contextvars
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pocketflow as pf

Body = Callable[[list[Any], int], Awaitable[Any]]

variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=-1)


def parallel(body: Body, items: int = 3, retries: int = 1) -> Any:
    """What a parallel node comes to, each item of which does this."""

    class Work(pf.AsyncParallelBatchNode):
        async def prep_async(self, shared: Any) -> list[int]:
            return list(range(items))

        async def exec_async(self, item: int) -> Any:
            return await body(self.log, item)

        async def post_async(self, shared: Any, prep_res: Any, exec_res: Any) -> None:
            self.log.append(exec_res)

    async def main() -> list[Any]:
        work = Work(max_retries=retries)
        work.log = []
        try:
            await pf.AsyncFlow(work).run_async({})
        except BaseException as error:
            work.log.append(told(error))
        work.log.append(len(asyncio.all_tasks()))
        return work.log

    return asyncio.run(main())


def told(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


async def sleeps(log: list[Any], item: int) -> int:
    for _ in range(3):
        await asyncio.sleep(0)
        log.append(item)
    return item


async def fails(log: list[Any], item: int) -> int:
    await asyncio.sleep(0)
    if item == 1:
        try:
            raise KeyError(item)
        except KeyError:
            await asyncio.sleep(0)
            raise ValueError("no") from None
    return item


async def times_out(log: list[Any], item: int) -> str:
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError as error:
        log.append(told(error))
    log.append(asyncio.current_task().cancelling())  # type: ignore[union-attr]
    return "late"


async def waits_for(log: list[Any], item: int) -> Any:
    try:
        return await asyncio.wait_for(asyncio.sleep(item / 10, "slept"), 0.02)
    except TimeoutError as error:
        return told(error)


async def cancels(log: list[Any], item: int) -> str:
    me = asyncio.current_task()
    assert me is not None
    asyncio.get_running_loop().call_soon(me.cancel, f"message {item}")
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError as error:
        log.append((error.args, told(error)))
        me.uncancel()
    await asyncio.sleep(0)
    try:
        raise LookupError("later")
    except LookupError as error:
        log.append(repr(error.__context__))
    return "survived"


async def is_cancelled(log: list[Any], item: int) -> None:
    if item == 2:
        asyncio.current_task().cancel()  # type: ignore[union-attr]
    try:
        await asyncio.sleep(0)
    finally:
        log.append(("left", item))


async def groups(log: list[Any], item: int) -> None:
    async def child(number: int) -> None:
        await asyncio.sleep(0)
        log.append((item, number))
        if number == 1 and item == 1:
            raise OSError("child")
        await asyncio.sleep(0.001 * number)

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(child(number))
    except* OSError as errors:
        log.append(repr(errors.exceptions))


async def has_context(log: list[Any], item: int) -> int:
    variable.set(item)
    await asyncio.sleep(0)
    seen = await asyncio.create_task(asyncio.sleep(0, variable.get()))
    return seen * 10 + await asyncio.to_thread(variable.get)


async def iterates(log: list[Any], item: int) -> int:
    @asynccontextmanager
    async def resource() -> AsyncIterator[int]:
        await asyncio.sleep(0)
        try:
            yield item
        finally:
            await asyncio.sleep(0)
            log.append(("closed", item))

    async def numbers() -> AsyncIterator[int]:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    async with resource() as base:
        return base + sum([number async for number in numbers() if number])


_gate: dict[str, Any] = {}


async def queues(log: list[Any], item: int) -> Any:
    loop = asyncio.get_running_loop()
    if _gate.get("loop") is not loop:
        _gate.update(loop=loop, queue=asyncio.Queue(1), semaphore=asyncio.Semaphore(1))
    async with _gate["semaphore"]:
        log.append(("in", item))
        await asyncio.sleep(0.001)
        log.append(("out", item))
    if item == 0:
        return [await _gate["queue"].get() for _ in range(2)]
    await _gate["queue"].put(item)
    return None


async def yields_nonsense(log: list[Any], item: int) -> None:
    class Nonsense:
        def __await__(self) -> Any:
            yield 42

    await Nonsense()


async def awaits_itself(log: list[Any], item: int) -> None:
    await asyncio.current_task()  # type: ignore[misc]


async def flows(log: list[Any], item: int) -> None:
    class Inner(pf.AsyncNode):
        async def exec_async(self, prep_res: Any) -> None:
            await asyncio.sleep(0)
            log.append(item)

    await asyncio.gather(*(pf.AsyncFlow(Inner()).run_async({}) for _ in range(2)))


PROGRAMS: dict[str, Body] = {
    body.__name__: body
    for body in (
        sleeps,
        fails,
        times_out,
        waits_for,
        cancels,
        is_cancelled,
        groups,
        has_context,
        iterates,
        queues,
        yields_nonsense,
        awaits_itself,
        flows,
    )
}
