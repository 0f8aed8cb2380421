"""Lanes that outlive their run: siblings of one that failed in a gather, tasks that nobody awaited."""

from __future__ import annotations

from pathlib import Path

from .drive import Drive, driving

SIBLINGS = """
import asyncio
from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow

class Work(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        await gates[self.params["k"]].wait()
        if self.params["k"] == 0:
            raise ValueError("one")
        shared["done"].append(self.params["k"])

class More(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        await asyncio.sleep(0)
        shared["more"] = self.params["k"]

class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"k": k} for k in range(2)]

async def main():
    shared = {"done": []}
    gates.extend(asyncio.Event() for _ in range(2))
    work = Work()
    work >> More()
    gates[0].set()
    try:
        await Copies(start=work).run_async(shared)
    except ValueError as error:
        print("failed", error)
    gates[1].set()
    while "more" not in shared:
        await asyncio.sleep(0)
    print(shared)

gates = []
asyncio.run(main())
"""

BACKGROUND = """
import asyncio
from pocketflow import AsyncFlow, AsyncNode

class Sub(AsyncNode):
    async def exec_async(self, prep_res):
        await asyncio.sleep(0)
    async def post_async(self, shared, prep_res, exec_res):
        shared["sub"] = shared.get("sub", 0) + 1

class Fire(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        sub = Sub()
        sub >> Sub()
        tasks.append(asyncio.create_task(AsyncFlow(sub).run_async(shared)))

async def main():
    shared = {}
    await AsyncFlow(Fire()).run_async(shared)
    await asyncio.gather(*tasks)
    print(shared)

tasks = []
asyncio.run(main())
"""


async def test_siblings_of_a_failed_lane_go_on_and_are_seen(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint More < Copies[1]"
        assert drive.text() == "failed one\n"
        await drive.session.continue_(drive.lane)
        await drive.until("exit")
        assert drive.text() == "failed one\n{'done': [1], 'more': 1}\n"
        changes = [event["path"] for event in drive.seen if event["type"] == "change"]
        assert changes[1:] == [["done", 0], ["more"]]

    await driving(tmp_path, SIBLINGS, work, breakpoints=["More"], stop_on_entry=False)


async def test_a_run_in_the_background_outlives_the_one_that_began_it(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "{'sub': 2}\n"
        ends = [event for event in drive.seen if event["type"] == "end" and "action" in event]
        assert [end["status"] for end in ends] == ["ok"] * 5

    await driving(tmp_path, BACKGROUND, work)
