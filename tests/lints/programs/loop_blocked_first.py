"""The first of ten items sleeps without the event loop before the others have begun."""

import asyncio
import time

from pocketflow import AsyncFlow, AsyncParallelBatchNode


class Fetch(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return range(10)

    async def exec_async(self, item):
        if item == 0:
            time.sleep(0.15)
        await asyncio.sleep(0.01)


asyncio.run(AsyncFlow(start=Fetch()).run_async({}))
