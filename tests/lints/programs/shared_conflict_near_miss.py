"""Copies of a flow that share `shared` well: a list, a counter, keys of their own."""

import asyncio

from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow, Node


class Summarize(AsyncNode):
    async def prep_async(self, shared):
        shared["status"][self.params["page"]] = "begun"

    async def exec_async(self, prep_res):
        await asyncio.sleep(0.01 * (self.params["page"] % 2))
        return f"summary of page {self.params['page']}"

    async def post_async(self, shared, prep_res, exec_res):
        shared["summaries"].append(exec_res)
        shared["ranking"] = sorted([*shared["ranking"], exec_res])
        shared["done"] += 1
        await asyncio.sleep(0.01)
        shared["status"][self.params["page"]] = "done"
        shared["log"] += f"{self.params['page']} "
        shared["seen"].add(exec_res)


class Pages(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"page": page} for page in range(6)]


class Join(Node):
    def post(self, shared, prep_res, exec_res):
        shared["log"] = "all done"


pages = Pages(start=Summarize())
pages >> Join()
shared = {"summaries": [], "ranking": [], "done": 0, "status": {}, "log": "pages: ", "seen": set()}
asyncio.run(AsyncFlow(start=pages).run_async(shared))
