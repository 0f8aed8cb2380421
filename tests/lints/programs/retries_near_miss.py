"""Items that fail and fall back, each after all of its attempts; one gives None on purpose."""

import asyncio

from pocketflow import AsyncFlow, AsyncParallelBatchNode


class Work(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return [0.01, 0.02, 0.03, 0]

    async def exec_async(self, item):
        await asyncio.sleep(item)
        if item:
            raise ValueError(f"item {item}")

    async def exec_fallback_async(self, prep_res, exc):
        return None


asyncio.run(AsyncFlow(start=Work(max_retries=3, wait=0.01)).run_async({}))
