"""Lanes of real programs: held, stopped alone, let go await by await; and time that stops with the user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowscope.session.client import RequestError

from ..patience import SECONDS
from .drive import Drive, Event, driving

FIVE = """
import asyncio
from pocketflow import AsyncFlow, AsyncParallelBatchNode

class Work(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return list(range({items}))
    async def exec_async(self, item):
        {body}
        return item
    async def post_async(self, shared, prep_res, exec_res):
        print("all:", exec_res)

asyncio.run(AsyncFlow(Work()).run_async({{}}))
"""


def five(body: str, items: int = 5) -> str:
    return FIVE.format(items=items, body=body.replace("\n", "\n        "))


class Lanes(Drive):
    """Knows the lanes by their items."""

    async def when(self, wanted: Callable[[Event], Any]) -> Event:
        """The next event of which this is true."""
        async with asyncio.timeout(SECONDS):
            async for event in self._events:
                self.seen.append(event)
                if wanted(event):
                    return event
                assert event["type"] != "exit", self.text()
        raise AssertionError("the stream of events has ended")

    def of(self, item: int) -> int:
        begins = [event for event in self.seen if event["type"] == "begin" and event["kind"] == "item"]
        return int(next(event["lane"] for event in begins if event["item"] == item))

    async def held(self, item: int) -> Event:
        lane = self.of(item)
        return await self.when(lambda event: is_lane(event, lane) and event.get("state") == "held")

    def final(self, item: int) -> Event:
        lane = self.of(item)
        return next(event for event in reversed(self.seen) if is_lane(event, lane) and "status" in event)

    async def over(self) -> str:
        await self.until("exit")
        return self.text()


def is_lane(event: Event, lane: int) -> bool:
    return event["type"] == "lane" and bool(event["id"] == lane)


async def lanes(path: Path, source: str, work: Callable[[Lanes], Any], **options: Any) -> None:
    await driving(path, source, lambda drive: work(Lanes(drive.session)), **options)


async def test_time_stops_with_the_user(tmp_path: Path) -> None:
    source = """
    import asyncio, time
    from pocketflow import AsyncFlow, AsyncNode
    class Slow(AsyncNode):
        async def prep_async(self, shared):
            await asyncio.sleep(0.05)
        async def exec_async(self, prep_res):
            async with asyncio.timeout(0.8):
                await asyncio.sleep(0.05)
            return "in time"
        async def post_async(self, shared, prep_res, exec_res):
            print(exec_res)
    async def main():
        await asyncio.wait_for(AsyncFlow(Slow()).run_async({}), 1)
    asyncio.run(main())
    """

    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await asyncio.sleep(1.2)  # the user reads
        await drive.session.continue_(drive.lane)
        assert await drive.over() == "in time\n"
        assert drive.seen[-1]["code"] == 0
        final = next(event for event in drive.seen if event["type"] == "lane" and "status" in event)
        assert final["held"] >= 1_000_000_000

    await lanes(tmp_path, source, work, breakpoints=["Slow.exec"], stop_on_entry=False)


async def test_one_lane_stops_and_the_others_go_on(tmp_path: Path) -> None:
    source = five("await asyncio.sleep(0.01)\nprint('done', item)")

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/stopMode", allStop=False)
        await session.continue_(drive.lane)
        first = await drive.until("stopped")
        second = await drive.until("stopped")
        assert [first["lane"], second["lane"]] == [drive.of(1), drive.of(3)]
        await drive.when(lambda event: event["type"] == "end" and drive.text().count("done") == 3)
        assert (await session.evaluate("item", await frame(drive, 1)))["result"] == "1"
        assert (await session.evaluate("item", await frame(drive, 3)))["result"] == "3"
        await session.step_in(drive.of(3))  # each steps on its own
        stop = await drive.until("stopped")
        assert (stop["lane"], stop["reason"]) == (drive.of(3), "breakpoint")
        await session.continue_(drive.of(3))
        await drive.when(lambda event: event["type"] == "end" and drive.text().count("done") == 4)
        await session.continue_(drive.of(1))
        await drive.when(lambda event: event["type"] == "stopped" and event["lane"] == drive.of(1))
        await session.continue_(drive.of(1))
        assert (await drive.over()).endswith("all: [0, 1, 2, 3, 4]\n")

    breaks = ["Work[1]", "Work[3]", "Work.attempt if item in (1, 3)"]
    await lanes(tmp_path, source, work, breakpoints=breaks)


async def frame(drive: Lanes, item: int) -> int:
    frames = await drive.session.stack(drive.of(item))
    assert frames[0]["name"].startswith(f"Work[{item}]")
    return int(frames[0]["id"])


async def test_a_held_lane_keeps_its_place_and_its_timers_while_the_others_finish(tmp_path: Path) -> None:
    body = """\
try:
    async with asyncio.timeout(1.5):
        await asyncio.sleep(1)
except TimeoutError:
    print("too late")
print("done", item)"""

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event["type"] == "begin" and event.get("item") == 4)
        lane = drive.of(2)
        await session.request("flowscope/hold", lane=lane)
        await drive.held(2)
        await drive.when(lambda event: event["type"] == "end" and drive.text().count("done") == 4)
        await asyncio.sleep(1)  # its timeout passes
        assert (await session.evaluate("item", await frame(drive, 2)))["result"] == "2"
        with pytest.raises(RequestError, match="held at an await"):
            await session.request("flowscope/rewind", lane=lane)
        await session.request("flowscope/release", lane=lane)
        assert (await drive.over()).endswith("done 2\nall: [0, 1, 2, 3, 4]\n")
        assert "too late" not in drive.text()
        final = drive.final(2)
        assert final["held"] >= 1_000_000_000
        assert final["awaiting"] > 900_000_000
        kinds = [event["kind"] for event in drive.seen if event["type"] == "intervention"]
        assert kinds == ["hold", "release"]

    await lanes(tmp_path, five(body), work)


async def test_with_all_held_the_user_chooses_who_goes_next(tmp_path: Path) -> None:
    body = "for turn in 'ab':\n    print(item, turn)\n    await asyncio.sleep(0)"

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/hold")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 2 and event.get("state") == "held")
        order = (2, 0, 1, 1, 0, 2)
        for count, item in enumerate(order, 1):
            await session.request("flowscope/stepAwait", lane=drive.of(item))
            await drive.when(lambda event, count=count: drive.text().count("\n") == count)
        chosen = (await session.request("flowscope/schedule"))["chosen"]
        assert chosen == [f"AsyncFlow/Work[{item}]" for item in order]
        await session.request("flowscope/release")
        assert (await drive.over()).startswith("2 a\n0 a\n1 a\n1 b\n0 b\n2 b\n")

    await lanes(tmp_path, five(body, 3), work)


async def test_a_lane_is_cancelled_at_its_await(tmp_path: Path) -> None:
    body = """\
try:
    await asyncio.sleep(0.01 if item else 30)
except asyncio.CancelledError:
    print("cancelled", item)
    raise ValueError("ended by hand")"""

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event["type"] == "begin" and event.get("item") == 1)
        lane = drive.of(0)
        warning = await session.request("flowscope/cancel", lane=lane, warn=True)
        assert "gather" in warning["message"]
        await session.request("flowscope/hold", lane=lane)
        await drive.held(0)
        await session.request("flowscope/cancel", lane=lane)
        assert (await drive.over()).startswith("cancelled 0\n")
        assert drive.final(0)["status"] == "failed"

    await lanes(tmp_path, five(body, 2), work, exceptions=[])


@pytest.mark.parametrize("is_undone", [True, False])
async def test_a_cancel_at_a_stop_is_seen_at_once_and_can_be_taken_back(
    tmp_path: Path, is_undone: bool
) -> None:
    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        lane = drive.of(0)
        assert (await session.request("flowscope/cancel", lane=lane))["pending"]
        await drive.when(lambda event: is_lane(event, lane) and event.get("cancelling"))
        if is_undone:
            assert "Taken back: the cancel of" in (await session.request("flowscope/undo"))["text"]
            await drive.when(lambda event: is_lane(event, lane) and not event.get("cancelling"))
        await session.continue_(drive.lane)
        await drive.over()
        assert drive.final(0)["status"] == ("ok" if is_undone else "cancelled")

    source = five("await asyncio.sleep(0.05)", 2)
    await lanes(tmp_path, source, work, breakpoints=["Work[1]"], exceptions=[], stop_on_entry=False)


async def test_a_lane_runs_alone_until_all_are_released(tmp_path: Path) -> None:
    body = "for _ in range(3):\n    await asyncio.sleep(0.05)\nprint('done', item)"

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/hold")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 2 and event.get("state") == "held")
        await session.request("flowscope/solo", lane=drive.of(1))
        await drive.until("output")
        assert drive.text() == "done 1\n"
        await session.request("flowscope/release")
        assert (await drive.over()).startswith("done 1\ndone 0\ndone 2\n")
        assert drive.final(0)["held"] > drive.final(1)["held"]

    await lanes(tmp_path, five(body, 3), work)


async def test_a_stop_makes_no_sleeping_lane_ready(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await asyncio.sleep(1)  # longer than the other lane would have slept
        told = [event for event in drive.seen if is_lane(event, drive.of(0))]
        assert all(event["state"] != "ready" for event in told)
        await drive.session.continue_(drive.lane)
        await drive.over()
        final = drive.final(0)
        assert final["awaiting"] > 400_000_000 > final["ready"]

    await lanes(
        tmp_path, five("await asyncio.sleep(0.5)", 2), work, breakpoints=["Work[1]"], stop_on_entry=False
    )


async def test_a_lane_held_at_a_stop_was_not_ready_meanwhile(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await asyncio.sleep(1)  # the user reads, then decides
        await drive.session.request("flowscope/hold", lane=drive.of(0))
        await drive.held(0)
        await drive.session.continue_(drive.lane)
        await drive.when(lambda event: is_lane(event, drive.of(1)) and "status" in event)
        await drive.session.request("flowscope/release", lane=drive.of(0))
        await drive.over()
        final = drive.final(0)
        assert final["held"] > 900_000_000 > final["ready"] + final["awaiting"]

    await lanes(
        tmp_path,
        five("await asyncio.sleep(0)\nawait asyncio.sleep(0.1)", 2),
        work,
        breakpoints=["Work[1]"],
        stop_on_entry=False,
    )


async def test_with_the_last_held_lane_those_yet_to_begin_are_released(tmp_path: Path) -> None:
    source = five("await asyncio.sleep(0.05)", 2).replace("AsyncFlow(Work())", "AsyncFlow(first)")
    source = source.replace(
        "asyncio.run", "class More(Work): pass\nfirst = Work()\nfirst >> More()\nasyncio.run"
    )

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/solo", lane=drive.of(1))
        await session.continue_(drive.lane)
        await drive.when(lambda event: is_lane(event, drive.of(1)) and "status" in event)
        await session.request("flowscope/release", lane=drive.of(0))
        await drive.over()  # the second node's lanes are not held

    await lanes(tmp_path, source, work, breakpoints=["Work[1]"], stop_on_entry=False)


WRITING = """
import asyncio
from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow

class Write(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        n = self.params["n"]
        for _ in range(5):
            await asyncio.sleep(0)
        shared[f"part{n}"] = n
        await asyncio.sleep(0.05 * (3 - n))

class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"n": n} for n in range(3)]

asyncio.run(AsyncFlow(Copies(Write())).run_async({}))
"""


async def test_a_change_made_before_an_await_is_told_of_the_lane_that_made_it(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        # Lane 2 ends first; what lane 0 has written long before is met at the end of its own post.
        assert (await drive.stop()).startswith("data breakpoint Write.post")
        begun = {event["id"]: event for event in drive.seen if event["type"] == "begin"}
        changes = [event for event in drive.seen if event["type"] == "change" and event["path"]]
        assert [event["path"] for event in changes] == [["part0"], ["part1"], ["part2"]]
        assert len({begun[event["span"]]["lane"] for event in changes}) == 3
        assert all(event["sure"] and begun[event["span"]]["kind"] == "post" for event in changes)
        assert drive.seen[-1]["span"] == changes[0]["span"]
        assert {event["id"] for event in drive.seen if event["type"] == "end"} > {changes[2]["span"]}
        await drive.session.continue_()
        await drive.until("exit")

    await driving(tmp_path, WRITING, work, breakpoints=["shared.part0"], stop_on_entry=False)


async def test_what_a_lane_waited_for_the_debugger_is_told_apart_from_what_the_user_held_it(
    tmp_path: Path,
) -> None:
    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await drive.session.continue_(drive.lane)
        await drive.over()
        first, second = drive.final(0), drive.final(1)
        assert 0 < first["waited"] < first["held"]  # it has stopped, too
        assert second["waited"] == second["held"]  # it began later

    body = "if item == 0: print('sent at once')"
    await lanes(tmp_path, five(body, 2), work, stop_on_entry=False, breakpoints=["Work[0].attempt"])
