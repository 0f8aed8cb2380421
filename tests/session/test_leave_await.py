"""A lane that awaits for ever is answered, or gets an error, while the lanes beside it go on untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowscope.session.client import RequestError

from .drive import Event
from .test_lanes import Lanes, is_lane, lanes

PROGRAM = """
import asyncio
from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow, AsyncParallelBatchNode

class Work(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return [0, 1, 2]
    async def exec_async(self, item):
        print("exec", item)
        {body}
    async def exec_fallback_async(self, item, error):
        return f"fell back from {{error!r}}"
    async def post_async(self, shared, prep_res, exec_res):
        print("all:", exec_res)

queue, lock = asyncio.Queue(), asyncio.Lock()
{more}
asyncio.run({run}.run_async({{}}))
"""
RUN = "AsyncFlow(Work(max_retries={retries}))"
STUCK = """
try:
    return await queue.get() if item == 1 else item
finally:
    if item == 1: print("left")"""


def program(body: str = STUCK, run: str = RUN, retries: int = 1, more: str = "") -> str:
    body = body.replace("\n", "\n        ")
    return PROGRAM.format(body=body, run=run.format(retries=retries), more=more)


async def stuck(drive: Lanes, on: str = "Queue.get") -> int:
    """The lane that awaits this, with all others done."""
    await drive.until("stopped")
    await drive.session.continue_(drive.lane)
    event = await drive.when(lambda event: event.get("on") == on and event.get("state") == "awaiting")
    return int(event["id"])


async def leave(drive: Lanes, kind: str, lane: int, value: str = "") -> Event:
    return await drive.session.request("flowscope/leaveAwait", kind=kind, lane=lane, value=value)


def given(drive: Lanes) -> list[tuple[str, Any, str]]:
    ends = [event for event in drive.seen if event["type"] == "end" and "given" in event]
    return [(event["status"], event["result"], event["given"]) for event in ends]


def execs(drive: Lanes) -> dict[int, int]:
    return {item: drive.text().count(f"exec {item}\n") for item in (0, 1, 2)}


@pytest.mark.parametrize("is_held", [False, True])
async def test_a_lane_that_awaits_is_answered(tmp_path: Path, is_held: bool) -> None:
    async def work(drive: Lanes) -> None:
        lane = await stuck(drive)
        if is_held:
            await drive.session.request("flowscope/hold", lane=lane)
            await drive.when(lambda event: is_lane(event, lane) and event["state"] == "held")
        with pytest.raises(RequestError, match="Give a value"):
            await leave(drive, "answer", lane)
        answer = await leave(drive, "answer", lane, "[item, 'by hand']")
        assert answer == {"text": "Work[1] is answered: [1, 'by hand'], at its await", "pending": False}
        assert "left\nall: [0, [1, 'by hand'], 2]" in await drive.over()
        assert execs(drive) == {0: 1, 1: 1, 2: 1}
        assert given(drive) == [("ok", [1, "by hand"], "answer")]
        assert drive.final(1)["status"] == "ok"
        assert drive.seen[-1]["code"] == 0
        told = [event for event in drive.seen if event["type"] == "intervention"]
        assert told[-1]["kind"] == "answer"
        assert told[-1]["lane"] == lane

    await lanes(tmp_path, program(), work)


async def test_an_error_raised_at_an_await_is_retried_then_falls_back(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        lane = await stuck(drive)
        with pytest.raises(RequestError, match="Only an exception"):
            await leave(drive, "raise", lane, "1")
        await leave(drive, "raise", lane, "ValueError('no luck')")
        await drive.when(lambda event: event["type"] == "begin" and event.get("attempt") == 2)
        await drive.when(lambda event: is_lane(event, lane) and event.get("on") == "Queue.get")
        await leave(drive, "raise", lane, "TimeoutError")
        assert "all: [0, 'fell back from TimeoutError()', 2]" in await drive.over()
        assert execs(drive) == {0: 1, 1: 2, 2: 1}
        assert given(drive) == [("failed", None, "raise")] * 2

    await lanes(tmp_path, program(retries=2), work, exceptions=[])


async def test_between_two_attempts_it_can_be_answered_alone(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        lane = await stuck(drive, "sleep")
        with pytest.raises(RequestError, match=r"Work\[1\] waits for its next attempt"):
            await leave(drive, "raise", lane, "ValueError")
        await leave(drive, "answer", lane, "'by hand'")
        assert "all: [0, 'by hand', 2]" in await drive.over()

    source = program("if item == 1: raise OSError\nreturn item", RUN.replace("{retries}", "2, wait=100"))
    await lanes(tmp_path, source, work, exceptions=[])


COPIES = """
class One(AsyncNode):
    async def prep_async(self, shared):
        return self.params["item"]
    exec_async = Work.exec_async
    async def post_async(self, shared, prep_res, exec_res):
        print("one:", exec_res)

class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"item": item} for item in range(3)]
    async def post_async(self, shared, prep_res, exec_res):
        print("over")
"""


async def test_a_copy_of_a_flow_is_answered_where_its_node_awaits(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        lane = await stuck(drive)
        await leave(drive, "answer", lane, "prep_res + 10")
        assert (await drive.over()).endswith("left\none: 11\nover\n")
        assert execs(drive) == {0: 1, 1: 1, 2: 1}

    await lanes(tmp_path, program(run="Copies(One())", more=COPIES), work)


@pytest.mark.parametrize("is_undone", [True, False])
async def test_at_a_stop_it_waits_and_can_be_taken_back(tmp_path: Path, is_undone: bool) -> None:
    body = "await asyncio.sleep(0.05)\nreturn item"

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        assert (await leave(drive, "answer", drive.of(0), "'by hand'"))["pending"]
        if is_undone:
            assert "Taken back: Work[0]" in (await session.request("flowscope/undo"))["text"]
        await session.continue_(drive.lane)
        assert f"all: [{0 if is_undone else repr('by hand')}, 1, 2]" in await drive.over()

    await lanes(tmp_path, program(body), work, breakpoints=["Work[1]"], stop_on_entry=False)


WAYS = """
async with lock:
    if item == 1:
        {how}
return item"""


@pytest.mark.parametrize(
    ("how", "on"),
    [
        ("return await asyncio.wait_for(queue.get(), 100)", "wait_for"),
        ("async with asyncio.timeout(100): return await queue.get()", "Queue.get"),
        (
            "async with asyncio.TaskGroup() as group: group.create_task(queue.get())",
            "TaskGroup",
        ),
        ("return await asyncio.gather(queue.get(), asyncio.sleep(100))", "gather of 2"),
    ],
)
async def test_what_is_around_the_await_is_left_in_order(tmp_path: Path, how: str, on: str) -> None:
    async def work(drive: Lanes) -> None:
        lane = await stuck(drive, on)
        await leave(drive, "answer", lane, "'by hand'")
        assert "all: [0, 'by hand', 2]\n" in await drive.over()
        assert "error" not in drive.text().lower()
        assert execs(drive) == {0: 1, 1: 1, 2: 1}

    await lanes(tmp_path, program(WAYS.format(how=how)), work)


async def test_code_that_catches_it_goes_on_and_that_is_told(tmp_path: Path) -> None:
    body = """
if item != 1: return item
try:
    await queue.get()
except asyncio.CancelledError:
    return 'own'"""

    async def work(drive: Lanes) -> None:
        await leave(drive, "answer", await stuck(drive), "'by hand'")
        assert "all: [0, 'own', 2]" in await drive.over()
        assert any("Work[1] did not get what was given" in text for text in drive.notices())

    await lanes(tmp_path, program(body), work)


async def test_what_cannot_be_answered_says_why_and_goes_on(tmp_path: Path) -> None:
    body = "if item == 1:\n    await queue.get()\nelse:\n    input() if item == 2 else None"

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        main = drive.lane
        with pytest.raises(RequestError, match="stands at a step"):
            await leave(drive, "answer", main, "1")
        await session.continue_(main)
        await drive.until("input")
        with pytest.raises(RequestError, match=r"Work\[2\] is at no await"):
            await leave(drive, "answer", drive.of(2), "1")
        await session.send_input("\n")
        lane = drive.of(1)
        await drive.when(lambda event: is_lane(event, lane) and event.get("on") == "Queue.get")
        with pytest.raises(RequestError, match="waits for lanes that it has begun"):
            await leave(drive, "raise", main, "ValueError")
        with pytest.raises(RequestError, match="not by 'skip'"):
            await leave(drive, "skip", lane)
        await leave(drive, "answer", lane, "1")
        assert "all: [None, 1, None]" in await drive.over()

    await lanes(tmp_path, program(body), work)
