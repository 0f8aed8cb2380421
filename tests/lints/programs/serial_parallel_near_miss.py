"""A parallel node whose items take turns on purpose, and a batch node that never claimed to be parallel."""

import asyncio

from pocketflow import AsyncBatchNode, AsyncFlow, AsyncParallelBatchNode


class Shrink(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        self.turn = asyncio.Semaphore(1)
        return range(3)

    async def exec_async(self, item):
        async with self.turn:
            await asyncio.sleep(0.03)


class OneByOne(AsyncBatchNode):
    async def prep_async(self, shared):
        return range(3)

    async def exec_async(self, item):
        await asyncio.sleep(0.03)


shrink = Shrink()
shrink >> OneByOne()
asyncio.run(AsyncFlow(start=shrink).run_async({}))
