"""Rewinds into copies of a parallel flow: which stay as they were, and what becomes of `shared`."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from flowscope.session.client import RequestError

from .drive import Drive, driving
from .test_rewind import HEAD, back, begun, shared

COPIES = (
    HEAD
    + """
class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"k": k} for k in range(3)]
    async def post_async(self, shared, prep_res, exec_res):
        shared["copied"] = True
class First(AsyncNode):
    async def exec_async(self, prep_res):
        calls.append(f"first {self.params['k']}")
    async def post_async(self, shared, prep_res, exec_res):
        shared["log"].append(f"first {self.params['k']}")
class Second(AsyncNode):
    async def exec_async(self, prep_res):
        calls.append(f"second {self.params['k']}")
        await asyncio.sleep([0, 0.02, LATE][self.params["k"]])
        if self.params["k"] == 1 and "repaired" not in calls: BROKEN
    async def post_async(self, shared, prep_res, exec_res):
        shared["log"].append(f"second {self.params['k']}")
class Last(Node):
    def exec(self, prep_res):
        calls.append("last")
        if "repaired" not in calls: raise ValueError("last")
    def post(self, shared, prep_res, exec_res):
        shared["last"] = True
first, second = First(), Second()
first >> second
copies = Copies(first)
copies >> Last()
state = {"log": []}
HOW
print(calls, state)
"""
)


def program(broken: str = 'raise ValueError("late")', late: str = "0.1", how: str = "") -> str:
    source = COPIES.replace("BROKEN", broken).replace("LATE", late)
    return source.replace("HOW", how or "asyncio.run(AsyncFlow(copies).run_async(state))")


async def repair(drive: Drive) -> None:
    """At the begin of a node: what broke breaks no more."""
    await drive.session.evaluate("calls.append('repaired')")


async def finish(drive: Drive) -> tuple[Counter[str], dict[str, object]]:
    """The calls that were made, and what became of `shared`."""
    await drive.session.continue_(drive.lane)
    await drive.until("exit")
    calls, _, state = drive.text().splitlines()[-1].partition("] ")
    return Counter(eval(calls + "]")), eval(state)


ALL = ["first 0", "first 1", "first 2", "second 0", "second 1", "second 2"]


@pytest.mark.parametrize("target", ["First", "Second"])
async def test_an_error_that_will_leave_the_run_stops_in_its_lane(tmp_path: Path, target: str) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Copies[1] < AsyncFlow"
        stop = drive.seen[-1]
        assert stop["text"] == "ValueError (uncaught)"
        lane = drive.lane
        mine = next(event for event in begun(drive, "visit", target) if event["lane"] == lane)
        for other in begun(drive, "item", "Copies"):
            if other["lane"] != lane:
                with pytest.raises(RequestError, match="rewind to the begin of them all, Copies"):
                    await drive.session.request("flowscope/plan", span=other["id"])
        assert await back(drive, mine["id"]) == f"goto {target} < Copies[1] < AsyncFlow"
        assert drive.lane == lane
        await repair(drive)
        calls, state = await finish(drive)
        assert calls == Counter([*ALL, "second 1", "repaired", "last", *["first 1"] * (target == "First")])
        assert sorted(state.pop("log")) == ALL  # type: ignore[call-overload]
        assert state == {"copied": True, "last": True}

    await driving(tmp_path, program(), work, exceptions=["uncaught"], stop_on_entry=False)


ITEMS = (
    HEAD
    + """
class Fetch(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return [0, 1, 2]
    async def exec_async(self, item):
        calls.append(item)
        await asyncio.sleep([0, 0.02, 0.1][item])
        if item == 1: raise ValueError("late")
        return item
    async def post_async(self, shared, prep_res, exec_res):
        shared["fetched"] = exec_res
state = {}
asyncio.run(AsyncFlow(Fetch()).run_async(state))
print(calls, state)
"""
)


async def test_an_item_that_fails_is_answered_while_those_beside_it_go_on(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Fetch[1].exec < AsyncFlow"
        await drive.session.request("flowscope/intervene", kind="answer", value="'mine'")
        calls, state = await finish(drive)
        assert calls == Counter([0, 1, 2])
        assert state == {"fetched": [0, "mine", 2]}

    await driving(tmp_path, ITEMS, work, exceptions=["uncaught"], stop_on_entry=False)


async def test_an_error_that_somebody_may_handle_stops_where_it_leaves_the_run(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.until("exit")
        assert "'copied': True" in drive.text()

    handled = program().replace(
        "    async def prep_async(self, shared):\n        return [{",
        """\
    async def _run_async(self, shared):
        await asyncio.gather(*(self._orch_async(shared, {"k": k}) for k in range(3)), return_exceptions=True)
        return await self.post_async(shared, None, None)
    async def prep_async(self, shared):
        return [{""",
    )
    handled = handled.replace('if "repaired" not in calls: raise ValueError("last")', "")
    await driving(tmp_path, handled, work, exceptions=["uncaught"], stop_on_entry=False)


OWN = (
    "async def _run_async(self, shared):\n        return await super()._run_async(shared)\n    async def prep"
)


@pytest.mark.parametrize(
    "how",
    ["", "asyncio.run(copies.run_async(state)); calls.append('last'); state['last'] = True"],
)
async def test_from_the_end_of_the_run_what_has_ended_well_is_not_made_again(
    tmp_path: Path, how: str
) -> None:
    """And a copy that was under way begins again: what it had done is taken back."""

    async def work(drive: Drive) -> None:
        assert (await drive.stop()).startswith("exception")
        assert begun(drive, "visit")[-1]["label"] == "Second"
        broken = begun(drive, "visit", "Second")[1]
        plan = await drive.session.request("flowscope/plan", span=broken["id"])
        assert [row["label"] for row in plan["runsAgain"]] == ["Second#2", "First#3", "Second#3"]
        await drive.session.evaluate("shared['log'].append('edited')")
        await drive.session.request("flowscope/rewind", span=broken["id"])
        assert (await drive.stop()).startswith("goto Second < Copies[1]")
        assert await shared(drive) == "{'log': ['first 0', 'first 1', 'second 0']}"
        await repair(drive)
        calls, state = await finish(drive)
        assert calls == Counter([*ALL, "second 1", "first 2", "second 2", "repaired", "last"])
        assert sorted(state.pop("log")) == ALL  # type: ignore[call-overload]
        assert state == {"copied": True, "last": True}

    source = program(how=how).replace("async def prep", OWN, 1)
    await driving(tmp_path, source, work, exceptions=["uncaught"], stop_on_entry=False)


async def test_back_into_one_copy_after_all_have_ended_and_into_another(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception AsyncFlow"
        assert begun(drive, "visit")[-1]["label"] == "Last"
        one, other = (begun(drive, "visit", "Second")[k] for k in (1, 0))
        plan = await drive.session.request("flowscope/plan", span=one["id"])
        assert [row["label"] for row in plan["runsAgain"]] == ["Second#2", "Last"]
        assert plan["restored"] == ["shared['copied']", "shared['log'][4]"]
        assert (await back(drive, one["id"])).startswith("goto Second < Copies[1]")
        assert "second 1" not in await shared(drive)
        await drive.session.continue_(drive.lane)
        assert await drive.stop() == "exception AsyncFlow"
        assert (await back(drive, other["id"])).startswith("goto Second < Copies[0]")
        assert await shared(drive, "'second 0' in shared['log'], 'second 1' in shared['log']") == (
            "(False, True)"
        )
        await repair(drive)
        calls, state = await finish(drive)
        again = ["second 1", "second 0", "last", "last", "last", "repaired"]
        assert calls == Counter([*ALL, *again])
        assert sorted(state.pop("log")) == ALL  # type: ignore[call-overload]
        assert state == {"copied": True, "last": True}

    await driving(tmp_path, program("pass"), work, exceptions=["uncaught"], stop_on_entry=False)


async def test_what_a_copy_that_has_ended_did_meanwhile_stays(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert (await drive.stop()).startswith("exception Copies[1]")
        mine = next(event for event in begun(drive, "visit", "First") if event["lane"] == drive.lane)
        assert (await back(drive, mine["id"])).startswith("goto First < Copies[1]")
        assert await shared(drive) == "{'log': ['first 0', 'second 0']}"

    source = program().replace("range(3)", "range(2)")
    await driving(tmp_path, source, work, exceptions=["uncaught"], stop_on_entry=False)


THREE = COPIES.replace("first >> second", "third = Third()\nfirst >> second >> third").replace(
    "class Last(Node)",
    """\
class Third(AsyncNode):
    async def exec_async(self, prep_res):
        calls.append(f"third {self.params['k']}")
    async def post_async(self, shared, prep_res, exec_res):
        shared["log"].append(f"third {self.params['k']}")
class Last(Node)""",
)


async def test_two_lanes_go_back_at_once_each_to_its_own_node(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert (await drive.stop()).startswith("entry")
        await drive.session.request("flowscope/stopMode", allStop=False)
        await drive.session.continue_()
        lanes = []
        for _ in range(3):
            assert (await drive.stop()).startswith("breakpoint Third < Copies")
            lanes.append(drive.lane)
        await drive.session.set_breakpoints([])
        targets = {}
        for lane, label in zip(lanes, ("First", "Second"), strict=False):
            targets[lane] = next(e for e in begun(drive, "visit", label) if e["lane"] == lane)
        # One after the other, without waiting for either to have left its stop.
        requests = [drive.session.request("flowscope/rewind", span=each["id"]) for each in targets.values()]
        await asyncio.gather(*requests)
        reached = {}
        for _ in targets:
            frames = await drive.stop()
            reached[drive.lane] = frames
        assert reached[lanes[0]].startswith("goto First < Copies")
        assert reached[lanes[1]].startswith("goto Second < Copies")
        await repair(drive)
        for lane in lanes[:2]:
            await drive.session.continue_(lane)
        drive.seen.append({"type": "stopped", "lane": lanes[2]})
        calls, state = await finish(drive)
        thirds = [f"third {k}" for k in range(3)]
        again = Counter(calls) - Counter([*ALL, *thirds, "last", "repaired"])
        assert sum(again.values()) == 3, again  # First and Second of one lane, Second of the other
        assert sorted(state.pop("log")) == sorted([*ALL, *thirds])  # type: ignore[call-overload]

    source = THREE.replace("BROKEN", "pass").replace("LATE", "0.01")
    source = source.replace("HOW", "asyncio.run(AsyncFlow(copies).run_async(state))")
    await driving(tmp_path, source, work, breakpoints=["Third"])
