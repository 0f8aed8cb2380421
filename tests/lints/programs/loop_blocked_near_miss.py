"""The same sleep, in a thread."""

import asyncio
import time

from pocketflow import AsyncFlow, AsyncParallelBatchNode


class Fetch(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return range(3)

    async def exec_async(self, item):
        await asyncio.sleep(0.01)
        if item == 1:
            await asyncio.to_thread(time.sleep, 0.15)
        await asyncio.sleep(0.01)


asyncio.run(AsyncFlow(start=Fetch()).run_async({}))
