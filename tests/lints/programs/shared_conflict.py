"""Copies of a flow that write the same key."""

import asyncio

from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow


class Summarize(AsyncNode):
    async def exec_async(self, prep_res):
        await asyncio.sleep(0.01 * self.params["page"])
        return f"summary of page {self.params['page']}"

    async def post_async(self, shared, prep_res, exec_res):
        shared["summary"] = exec_res


class Pages(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"page": page} for page in range(3)]


asyncio.run(AsyncFlow(start=Pages(start=Summarize())).run_async({}))
