"""Lanes that share `shared` in ways that lose nothing: `python well_shared.py CASE`."""

import asyncio
import sys

from pocketflow import AsyncBatchFlow, AsyncFlow, AsyncNode, AsyncParallelBatchFlow, Node

lock = asyncio.Lock()
slots = asyncio.Semaphore(1)


class Keys(AsyncNode):  # of their own
    async def post_async(self, shared, prep_res, exec_res):
        n = self.params["n"]
        await asyncio.sleep(0)
        shared[f"page {n}"] = n
        await asyncio.sleep(0)
        shared[f"page {n}"] = n * 10


class Locked(AsyncNode):  # reads what it writes, and nobody else can write between
    async def post_async(self, shared, prep_res, exec_res):
        async with lock:
            count = shared["count"]
            text = shared["text"]
            best = shared["best"]
            await asyncio.sleep(0)
            shared["count"] = count + 1
            shared["text"] = f"{self.params['n']}, {text}"
            shared["log"].append(count)
            await asyncio.sleep(0)
            if best is None or best["n"] < self.params["n"]:
                shared["best"] = {"n": self.params["n"], "name": f"lane {self.params['n']}"}


class OneByOne(AsyncNode):  # prep reads, post writes, and a semaphore is around both
    async def _run_async(self, shared):
        async with slots:
            return await super()._run_async(shared)

    async def prep_async(self, shared):
        return shared["text"]

    async def exec_async(self, prep_res):
        await asyncio.sleep(0)
        return f"{self.params['n']}, {prep_res}"

    async def post_async(self, shared, prep_res, exec_res):
        shared["text"] = exec_res


class Latest(AsyncNode):  # reads afresh after it has waited
    async def post_async(self, shared, prep_res, exec_res):
        text = shared["text"]
        await asyncio.sleep(0.01 * self.params["n"])
        text = shared["text"]
        shared["text"] = f"{self.params['n']}, {text}"


class AtOnce(AsyncNode):  # nothing between reading and writing
    async def post_async(self, shared, prep_res, exec_res):
        await asyncio.sleep(0.01 * self.params["n"])
        shared["count"] += 1
        shared["text"] = f"{self.params['n']}, {shared['text']}"
        await asyncio.sleep(0.01)
        shared["count"] = shared["count"] + 1
        if "first" not in shared:
            shared["first"] = self.params["n"]
        await asyncio.sleep(0.01)


class Said(AsyncNode):  # all of them the same, on purpose
    async def post_async(self, shared, prep_res, exec_res):
        shared["done"] = True
        await asyncio.sleep(0)
        shared["done"] = True
        shared["state"] = "complete"
        cached = shared.get("cache")
        await asyncio.sleep(0)
        if cached is None:
            shared["cache"] = ["what", "all", "have", "loaded"]


class Maximum(AsyncNode):  # as great as the other's: nothing is lost
    async def post_async(self, shared, prep_res, exec_res):
        count = shared["count"]
        await asyncio.sleep(0)
        shared["count"] = max(count, 7)


class InPlace(AsyncNode):  # the list is the same, though it was read before
    async def post_async(self, shared, prep_res, exec_res):
        log = shared["log"]
        await asyncio.sleep(0.01 * self.params["n"])
        log.append(self.params["n"])
        shared["log"] = log


class Failing(AsyncNode):  # one has read, and never writes
    async def post_async(self, shared, prep_res, exec_res):
        count = shared["count"]
        await asyncio.sleep(0.01 * self.params["n"])
        if self.params["n"] == 2:
            await asyncio.sleep(0)
            return
        shared["count"] = count + 1


class Told(AsyncNode):  # all of them the same, whatever was there before
    async def prep_async(self, shared):
        return shared["text"]

    async def exec_async(self, prep_res):
        await asyncio.sleep(0)
        return "complete" if prep_res == "" else prep_res

    async def post_async(self, shared, prep_res, exec_res):
        shared["text"] = exec_res


class Helped(AsyncNode):  # tasks of its own write for it
    async def post_async(self, shared, prep_res, exec_res):
        async def write(n):
            await asyncio.sleep(0.002 * n)
            shared[f"part {n}"] = n

        if self.params["n"] == 1:
            await asyncio.gather(*(write(n) for n in range(10)))
        else:
            for n in range(20):
                await asyncio.sleep(0.001)
                shared["own"] = n


class OnThread(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        if self.params["n"] == 1:
            await asyncio.to_thread(shared.__setitem__, "from a thread", "once")
            await asyncio.to_thread(shared.__setitem__, "from a thread", "twice")
        else:
            for _ in range(20):
                await asyncio.sleep(0)


class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"n": n} for n in (1, 2, 3)]


class Sequential(AsyncBatchFlow):
    async def prep_async(self, shared):
        return [{"n": n} for n in (1, 2, 3)]


class Naming(AsyncNode):
    async def prep_async(self, shared):
        return shared["count"]

    async def post_async(self, shared, prep_res, exec_res):
        await asyncio.sleep(0)
        shared["name"] = f"lane {self.params['n']}"
        shared["count"] = prep_res + 1


class Join(Node):
    def post(self, shared, prep_res, exec_res):
        shared["name"] = "joined"
        shared["count"] = 0


case = sys.argv[1]
shared = {"count": 0, "text": "", "log": [], "best": None}
if case == "sequential":
    copies = Sequential(start=Naming())
    copies >> Join()
    asyncio.run(AsyncFlow(start=copies).run_async(shared))
elif case == "runs":  # one after another, on the same dict
    for _ in range(2):
        asyncio.run(AsyncFlow(start=Sequential(start=Naming())).run_async(shared))
elif case == "dicts":  # gathered, with a dict each

    async def main():
        flows = [AsyncFlow(start=Sequential(start=Naming())) for _ in range(2)]
        await asyncio.gather(*(flow.run_async({"count": 0}) for flow in flows))

    asyncio.run(main())
else:
    copies = Copies(start=globals()[case]())
    copies >> Join()
    asyncio.run(AsyncFlow(start=copies).run_async(shared))
