import asyncio

from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow, AsyncParallelBatchNode, Node


class Fetch(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return range(6)

    async def exec_async(self, number):
        await asyncio.sleep(0.01 * (6 - number))
        if number == 4:
            raise ValueError("four")
        return number * 10

    async def exec_fallback_async(self, number, exc):
        return f"{type(exc).__name__} {exc}"

    async def post_async(self, shared, prep_res, exec_res_list):
        shared["fetched"] = exec_res_list
        return "all"


class Process(AsyncNode):
    async def prep_async(self, shared):
        return self.params["which"]

    async def exec_async(self, which):
        await asyncio.sleep(0.01)
        return which

    async def post_async(self, shared, which, exec_res):
        shared["done"].append(which)
        return "even" if which % 2 == 0 else "odd"


class Even(Node):
    def post(self, shared, prep_res, exec_res):
        shared["even"] = shared.get("even", 0) + 1


class Odd(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        await asyncio.sleep(0)
        shared["odd"] = shared.get("odd", 0) + 1
        return "odd done"


class All(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"which": which} for which in range(5)]

    async def post_async(self, shared, prep_res, exec_res):
        return "finished"


async def main():
    fetch, process = Fetch(max_retries=2, wait=0.01), Process()
    process - "even" >> Even()
    process - "odd" >> Odd()
    everything = All(start=process)
    fetch - "all" >> everything
    shared = {"done": []}
    action = await AsyncFlow(start=fetch).run_async(shared)
    print(action, sorted(shared["done"]), shared["even"], shared["odd"], shared["fetched"])


asyncio.run(main())
