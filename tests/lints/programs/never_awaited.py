"""An async node that calls a synchronous client."""

import asyncio
import time

from pocketflow import AsyncFlow, AsyncNode


class Ask(AsyncNode):
    async def exec_async(self, prep_res):
        time.sleep(0.15)


asyncio.run(AsyncFlow(start=Ask()).run_async({}))
