"""Two items, of which the second begins after the first: that one keeps nobody from the loop."""

import asyncio
import time

from pocketflow import AsyncFlow, AsyncParallelBatchNode


class Fetch(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return range(2)

    async def exec_async(self, item):
        time.sleep(0.15 if item == 0 else 0)
        await asyncio.sleep(0.01)

    async def _exec(self, items):
        one_by_one = asyncio.Semaphore(1)

        async def work(item):
            async with one_by_one:
                return await super(AsyncParallelBatchNode, self)._exec(item)

        return await asyncio.gather(*(work(item) for item in items))


asyncio.run(AsyncFlow(start=Fetch()).run_async({}))
