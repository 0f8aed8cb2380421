"""A parallel node whose items never await."""

import asyncio
import time

from pocketflow import AsyncFlow, AsyncParallelBatchNode


class Shrink(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return range(3)

    async def exec_async(self, item):
        time.sleep(0.04)


asyncio.run(AsyncFlow(start=Shrink()).run_async({}))
