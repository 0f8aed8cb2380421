import asyncio

from tiny_llm import AsyncFlow, AsyncNode, Flow, Node
from tiny_llm.core import BatchNode


class Upper(BatchNode):
    def prep(self, shared):
        return shared["words"]

    def exec(self, word):
        return word.upper()

    def post(self, shared, prep_res, exec_res):
        shared["words"] = exec_res
        return "next"


class Show(Node):
    def post(self, shared, prep_res, exec_res):
        print(*shared["words"])


class Later(AsyncNode):
    async def exec_async(self, prep_res):
        await asyncio.sleep(0.01)

    async def post_async(self, shared, prep_res, exec_res):
        return "now"


upper, show = Upper(), Show()
upper - "next" >> show
Flow(start=upper).run({"words": ["a", "b"]})
later = Later()
later - "now" >> Show()
asyncio.run(AsyncFlow(start=later).run_async({"words": ["done"]}))
