"""An async node that awaits, and a sync node that takes its time: nobody else is waiting."""

import asyncio
import time

from pocketflow import AsyncFlow, AsyncNode, Node


class Ask(AsyncNode):
    async def exec_async(self, prep_res):
        await asyncio.sleep(0.15)


class Think(Node):
    def exec(self, prep_res):
        time.sleep(0.15)


ask = Ask()
ask >> Think()
asyncio.run(AsyncFlow(start=ask).run_async({}))
