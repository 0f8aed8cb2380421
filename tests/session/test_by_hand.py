"""Orders of lanes chosen by hand, in the midst of a run: kept in a file, and followed by the next run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowscope.explore import read_schedule, write_schedule
from flowscope.session.client import RequestError

from .test_explore import flowscope
from .test_lanes import Lanes, five, is_lane, lanes

NAMES = """
import asyncio
from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchNode

class Load(AsyncNode):
    async def prep_async(self, shared):
        await asyncio.sleep(0.01)

class Work(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        self.names = shared["names"]
        return [0.3, 0.15, 0.05, 0]
    async def exec_async(self, item):
        for turn in range(5):
            self.names.append(f"{item}:{turn}")
            async with asyncio.timeout(3):
                await asyncio.sleep(item)
    async def post_async(self, shared, prep_res, exec_res):
        print(*shared["names"])

load, work = Load(), Work()
load >> work
asyncio.run(AsyncFlow(load).run_async({"names": []}))
"""
Told = dict[str, Any]


async def step(drive: Lanes, item: int) -> None:
    """Let it go on to its next await, and wait for that."""
    await drive.session.request("flowscope/stepAwait", lane=drive.of(item))
    await drive.when(lambda event: event.get("kind") == "step" and event["lane"] == drive.of(item))


async def by_hand(path: Path, work: Callable[[Lanes], Awaitable[Any]], source: str = NAMES) -> str:
    """What the program prints where the user does this once its lanes have run for some awaits."""
    printed: list[str] = []

    async def all_of_it(drive: Lanes) -> None:
        await drive.when(lambda event: event.get("item") == 3 and "status" in event)
        await drive.session.request("flowscope/hold")
        await drive.held(0)
        await work(drive)
        await drive.session.request("flowscope/release")
        printed.append(await drive.over())
        told = next(event for event in reversed(drive.seen) if event["type"] == "schedule")
        keep(path / "end.json", told)

    await lanes(path, source, all_of_it, stop_on_entry=False)
    return printed[0]


def keep(path: Path, told: Told) -> None:
    write_schedule(path, told["steps"], "free", told["whole"], told["doubts"])


def replayed(path: Path, name: str, script: str = "program.py") -> tuple[str, str]:
    done = flowscope(path, "run", "--schedule", name, script)
    return done.stdout, done.stderr


async def test_an_order_chosen_after_lanes_had_begun_is_followed_equally(tmp_path: Path) -> None:
    told: Told = {}

    async def work(drive: Lanes) -> None:
        for item in (0, 0, 1, 0, 2, 1, 0):
            await step(drive, item)
        told.update(await drive.session.request("flowscope/schedule"))

    names = (await by_hand(tmp_path, work)).split()
    assert told["chosen"] == [f"AsyncFlow/Work[{item}]" for item in (0, 0, 1, 0, 2, 1, 0)]
    assert (told["whole"], told["doubts"]) == (True, [])
    keep(tmp_path / "midst.json", told)
    awaits = sum(step.startswith("AsyncFlow/") for step in told["steps"])
    output, said = replayed(tmp_path, "end.json")
    assert output.split() == names
    assert "followed to its end" in said
    output, said = replayed(tmp_path, "midst.json")
    assert output.split()[: awaits - 2] == names[: awaits - 2]  # two of them were the ends of lanes
    assert "followed to its end" in said


async def test_lanes_held_and_released_in_turns_are_followed_equally(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        await step(drive, 1)
        await drive.session.request("flowscope/release", lane=drive.of(2))
        await drive.when(lambda event: is_lane(event, drive.of(2)) and "status" in event)
        await step(drive, 0)
        await drive.session.request("flowscope/solo", lane=drive.of(1))
        await drive.when(lambda event: is_lane(event, drive.of(1)) and "status" in event)

    names = await by_hand(tmp_path, work)
    assert replayed(tmp_path, "end.json")[0] == names


async def test_a_lane_that_stops_alone_keeps_its_turn_in_the_order(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        for item in (0, 1, 0, 2):
            await step(drive, item)

    names = await by_hand(tmp_path, work)

    async def stops(drive: Lanes) -> None:
        await drive.until("stopped")
        await drive.session.request("flowscope/stopMode", allStop=False)
        await drive.session.continue_(drive.lane)
        for _ in range(2):
            await drive.until("stopped")
            await drive.session.continue_(drive.lane)
        assert await drive.over() == names

    plan = read_schedule(tmp_path / "end.json")
    await lanes(tmp_path, NAMES, stops, breakpoints=["Work[1].attempt", "Work[2]"], interleaving=plan)


async def test_a_lane_that_is_let_go_has_as_much_time_left_as_when_it_was_held(tmp_path: Path) -> None:
    body = """\
try:
    async with asyncio.timeout(0.6):
        await asyncio.sleep(0.3)
except TimeoutError:
    print("too late")
await asyncio.sleep(0)"""

    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await drive.session.request("flowscope/hold")
        await drive.session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 1 and event.get("state") == "held")
        await step(drive, 0)
        await drive.held(0)
        await asyncio.sleep(0.8)  # its timeout passes
        await step(drive, 0)
        await drive.session.request("flowscope/release")
        assert "too late" not in await drive.over()

    await lanes(tmp_path, five(body, 2), work)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (["AsyncFlow", *["AsyncFlow/Work[0]"] * 9], "step 4, AsyncFlow/Work[0], has ended before it"),
        (
            ["AsyncFlow", "AsyncFlow/Work[0]", "(end) AsyncFlow/Work[0]"],
            "step 3, the end of AsyncFlow/Work[0], does not come: it awaits once more",
        ),
        (["AsyncFlow", "AsyncFlow~2"], "step 2, AsyncFlow~2, has not begun"),
    ],
)
def test_where_the_program_takes_another_course_it_is_told(
    tmp_path: Path, steps: list[str], said: str
) -> None:
    (tmp_path / "program.py").write_text(five("await asyncio.sleep(0)", 2))
    file = {"version": 1, "steps": steps, "then": "free", "whole": True}
    (tmp_path / "other.json").write_text(json.dumps(file))
    output, told = replayed(tmp_path, "other.json")
    assert output == "all: [0, 1]\n"
    assert f"warning: The schedule does not fit this run: its {said}" in told


async def test_lanes_that_follow_a_schedule_are_left_by_releasing_all(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        with pytest.raises(RequestError, match="follow a schedule, step 2 of 9: release all lanes"):
            await session.request("flowscope/hold", lane=drive.lane)
        await session.request("flowscope/release")
        await session.continue_(drive.lane)
        assert await drive.over() == "all: [0, 1]\n"
        assert "The schedule was left at step 2 of 9." in drive.notices()

    plan = {"steps": ["AsyncFlow", *["AsyncFlow/Work[1]"] * 8], "frees": True, "whole": True}
    await lanes(tmp_path, five("await asyncio.sleep(0)", 2), work, interleaving=plan)


@pytest.mark.parametrize("frees", [True, False])
async def test_how_far_an_order_has_come_is_told_at_each_stop_and_at_its_end(
    tmp_path: Path, frees: bool
) -> None:
    def following(drive: Lanes) -> list[tuple[int, bool]]:
        return [(event["at"], event["over"]) for event in drive.seen if event["type"] == "following"]

    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        assert following(drive)[-1] == (2, False)
        turns = [event.get("turn") for event in drive.seen if is_lane(event, drive.of(0))]
        assert turns[-1] is True  # held, though not by the user
        await drive.session.continue_(drive.of(1))
        assert await drive.over() == "all: [0, 1]\n"
        assert following(drive)[-1] == (4, frees)
        then = "." if frees else "; from here on the lane that has waited longest goes first."
        assert drive.notices().count(f"The schedule was followed to its end, 4 awaits{then}") == 1

    steps = ["AsyncFlow", *[f"AsyncFlow/Work[{item}]" for item in (1, 0, 1)]]
    plan = {"steps": steps, "frees": frees, "whole": True}
    source = five("await asyncio.sleep(0)", 2)
    await lanes(
        tmp_path, source, work, stop_on_entry=False, breakpoints=["Work[1].attempt"], interleaving=plan
    )


async def test_all_lanes_are_let_go_before_one_of_them_stops_the_program(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await drive.session.request("flowscope/hold")
        await drive.session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 399 and event.get("state") == "held")
        await drive.session.request("flowscope/release")
        await drive.until("stopped")
        states = {event["id"]: event["state"] for event in drive.seen if event["type"] == "lane"}
        assert [item for item in range(1, 400) if states[drive.of(item)] == "held"] == []
        await drive.session.continue_(drive.of(0))
        assert (await drive.over()).startswith("all: ")

    source = five("await asyncio.sleep(0.01)", 400)
    await lanes(tmp_path, source, work, breakpoints=["Work[0].attempt"])
