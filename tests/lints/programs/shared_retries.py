"""PocketFlow's repository counts the attempts of an async node in the node: all items share the counter."""

import asyncio

import pocketflow
from pocketflow import AsyncFlow, AsyncParallelBatchNode


async def _exec(self, prep_res):  # noqa: RET503
    for self.cur_retry in range(self.max_retries):  # noqa: B020
        try:
            return await self.exec_async(prep_res)
        except Exception as e:
            if self.cur_retry == self.max_retries - 1:
                return await self.exec_fallback_async(prep_res, e)
            if self.wait > 0:
                await asyncio.sleep(self.wait)


pocketflow.AsyncNode._exec = _exec


class Work(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return [0.05, 0.1, 0.15, 0.2, 0.25]

    async def exec_async(self, item):
        await asyncio.sleep(item)
        raise ValueError(f"item {item}")

    async def exec_fallback_async(self, prep_res, exc):
        return "sorry"


asyncio.run(AsyncFlow(start=Work(max_retries=3, wait=0.05)).run_async({}))
