"""Lanes that write what they made of an older value: `python lost_updates.py CASE`."""

import asyncio
import sys
import threading

from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow, AsyncParallelBatchNode, Flow, Node

barrier = threading.Barrier(2)
first_is_over = threading.Event()


class Equal(AsyncNode):  # both read 0 and write 1: the second write changes nothing
    async def post_async(self, shared, prep_res, exec_res):
        count = shared["count"]
        await asyncio.sleep(0)
        shared["count"] = count + 1


class Twice(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        count = shared["count"]
        await asyncio.sleep(0)
        shared["count"] = count + 1
        count = shared["count"]
        await asyncio.sleep(0.01 * self.params["n"])
        shared["count"] = count + 1


class Different(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        total = shared.get("total", 0)
        await asyncio.sleep(0.01 * self.params["n"])
        total += self.params["n"] * 10
        shared["total"] = total


class InOne(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        shared["count"] += await asyncio.sleep(0, 1)


class Across(AsyncNode):  # from prep to post
    async def prep_async(self, shared):
        return shared["count"]

    async def exec_async(self, prep_res):
        await asyncio.sleep(0)

    async def post_async(self, shared, prep_res, exec_res):
        shared["count"] = prep_res + 1


class Through(AsyncNode):  # from prep through exec to post
    async def prep_async(self, shared):
        return shared["count"], self.params["n"]

    async def exec_async(self, prep_res):
        count, n = prep_res
        await asyncio.sleep(0.001 * n)
        return count + 1

    async def post_async(self, shared, prep_res, exec_res):
        shared["count"] = exec_res


class Replaced(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        pages = shared["pages"]
        await asyncio.sleep(0)
        shared["pages"] = [*pages, self.params["n"]]


class Checked(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        if "first" not in shared:
            await asyncio.sleep(0.01 * self.params["n"])
            shared["first"] = f"lane {self.params['n']}"


class Late(AsyncNode):  # others go on while a lane is within its post
    async def post_async(self, shared, prep_res, exec_res):
        await asyncio.sleep(0.01 * self.params["n"])
        shared["latest"] = f"lane {self.params['n']}"
        await asyncio.sleep(0.02)


class InExec(AsyncNode):
    async def prep_async(self, shared):
        return shared, self.params["n"]

    async def exec_async(self, prep_res):
        shared, n = prep_res
        await asyncio.sleep(0.01 * n)
        shared["latest"] = f"lane {n}"
        await asyncio.sleep(0.02)


class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"n": n} for n in (1, 2)]


class Items(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return [(shared, n) for n in (1, 2)]

    async def exec_async(self, item):
        shared, n = item
        await asyncio.sleep(0.01 * n)
        shared["latest"] = f"item {n}"
        await asyncio.sleep(0.02)


class Blocking(Node):  # of flows in threads
    def prep(self, shared):
        return shared["count"]

    def exec(self, prep_res):
        barrier.wait(30)
        if self.params["n"] == 2:
            first_is_over.wait(30)
        return prep_res + 1

    def post(self, shared, prep_res, exec_res):
        shared["count"] = exec_res + self.params["n"]


class Named(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        await asyncio.sleep(0.01 * self.params["n"])
        shared["winner"] = f"flow {self.params['n']}"


def flow(node, n):
    made = AsyncFlow(start=node)
    made.set_params({"n": n})
    return made


async def gathered(node, shared):
    await asyncio.gather(flow(node(), 1).run_async(shared), flow(node(), 2).run_async(shared))


def threads(shared):
    flows = []
    for n in (1, 2):
        flows.append(Flow(start=Blocking()))
        flows[-1].set_params({"n": n})
    running = [threading.Thread(target=each.run, args=(shared,)) for each in flows]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
        first_is_over.set()


case = sys.argv[1]
shared = {"count": 0, "pages": []}
if case == "threads":
    threads(shared)
elif case == "Items":
    asyncio.run(AsyncFlow(start=Items()).run_async(shared))
elif case.startswith("gathered-"):
    asyncio.run(gathered(globals()[case.removeprefix("gathered-")], shared))
else:
    asyncio.run(AsyncFlow(start=Copies(start=globals()[case]())).run_async(shared))
