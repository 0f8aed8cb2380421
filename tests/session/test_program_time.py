"""What is held is no time of the program's, wherever a duration is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

from flowscope.model import Model, Span
from flowscope.model.text import duration_text
from flowscope.summary import summary

from .drive import Event
from .test_lanes import Lanes, five, is_lane, lanes

COPIES = """
import asyncio
from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow, AsyncParallelBatchNode, Node

class Leaf(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return ["a", "b"]
    async def exec_async(self, item):
        await asyncio.sleep(0.01)

class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"copy": number} for number in range(2)]

class Outer(Node):
    def exec(self, prep_res):
        asyncio.run(Copies(Leaf()).run_async({}))

"""


def folded(drive: Lanes) -> Model:
    model = Model()
    for event in drive.seen:
        model.apply(event)
    return model


def check(model: Model) -> None:
    """No span takes longer than what is around it; no time is negative."""
    for span in model.spans.values():
        assert span.end is not None and 0 <= span.held <= span.end - span.begin, span
        if span.parent is not None and (span.parent.end or 0) >= span.end:
            assert (span.duration or 0) <= (span.parent.duration or 0), span
    for region in model.regions.values():
        wall = region.wall(region.end or 0)
        assert wall + 1_000_000 >= max(member.span.duration or 0 for member in region.members)
        assert region.lane_time(region.end or 0) == sum(each.span.duration or 0 for each in region.members)


def around(model: Model, item: int) -> list[Span]:
    """The spans from the run down to the attempt of this item."""
    attempts = [span for span in model.spans.values() if span.kind == "attempt"]
    attempt = next(span for span in attempts if span.parent is not None and span.parent.item == item)
    return attempt.path()


async def reads(drive: Lanes, at_least: float = 0.4) -> float:
    """Far longer than the program has taken; the seconds."""
    stamps = [event["ts"] for event in drive.seen if event["type"] in ("begin", "end")]
    seconds = max(at_least, 3 * (max(stamps) - min(stamps)) / 1e9)
    await asyncio.sleep(seconds)
    return seconds


async def stands(drive: Lanes, lane: int) -> None:
    """A lane stands still, as told."""
    if not any(is_lane(event, lane) and is_open(event) for event in drive.seen):
        await drive.when(lambda event: is_lane(event, lane) and is_open(event))


def is_open(event: Event) -> bool:
    return bool(event.get("still")) and event["still"][-1][1] is None


async def finished(drive: Lanes) -> Model:
    """The program has ended; its model, which is sound."""
    await drive.over()
    model = folded(drive)
    check(model)
    return model


async def ended(drive: Lanes, item: int) -> None:
    lane = drive.of(item)
    await drive.when(lambda event: is_lane(event, lane) and "status" in event)


async def test_a_held_lane_takes_no_time_of_what_is_around_it(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await drive.session.request("flowscope/hold", lane=drive.of(3))
        await drive.session.continue_(drive.lane)
        for item in (0, 1, 2, 4):
            await ended(drive, item)
        await stands(drive, drive.of(3))
        await stands(drive, 0)
        model = folded(drive)
        for span in model.current(drive.of(3)):  # while it is held, time stands
            assert model.elapsed(span, 10**18) == model.elapsed(span, 10**19), span
        (region,) = model.regions.values()
        assert region.wall(10**18) == region.wall(10**19)
        assert region.lane_time(10**18) == region.lane_time(10**19)
        seconds = await reads(drive)
        await drive.session.request("flowscope/release", lane=drive.of(3))
        model = await finished(drive)
        held = drive.final(3)["held"]
        for span in around(model, 3):
            assert span.kind == "attempt" or span.held > seconds * 1e9
            assert (span.duration or 0) < held, span
        (region,) = model.regions.values()
        assert region.wall(region.end or 0) < held
        outer = model.runs[0]
        assert f"1 run, 1 visit, {duration_text(outer.duration or 0)}" in summary(model, 80).plain

    source = five("await asyncio.sleep(0.01)")
    await lanes(tmp_path, source, work, breakpoints=["Work[3]"], stop_on_entry=False)


async def test_a_copy_held_within_a_loop_of_its_own(tmp_path: Path) -> None:
    """Below a node that is not async, two regions deep, held in the midst of an attempt."""

    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        lane = drive.lane
        await drive.session.request("flowscope/hold", lane=lane)
        await drive.session.continue_(lane)
        await drive.until("stopped")  # in another copy: all others of it go on
        await drive.session.continue_(drive.lane)
        above = lane
        while above:  # up to the main lane
            await stands(drive, above)
            above = next(event["parent"] for event in drive.seen if is_lane(event, above))
        await stands(drive, 0)
        seconds = await reads(drive)
        await drive.session.request("flowscope/release", lane=lane)
        model = await finished(drive)
        held = next(event["held"] for event in drive.seen if is_lane(event, lane) and "status" in event)
        assert held > seconds * 1e9
        (attempt,) = [each for each in model.spans.values() if each.lane == lane and each.kind == "attempt"]
        path = attempt.path()
        assert [span.kind for span in path].count("run") == 2 and path[-1].label == "Outer"
        for span in path:
            assert span.held > seconds * 1e9 and (span.duration or 0) < held, span
        for each in model.lanes.values():  # a lane that waits for a held one is not told to await or run
            times = each.running, each.awaiting, each.ready
            assert each.held is not None and sum(ns or 0 for ns in times) < seconds * 1e9
            assert each.span is not None and each.span.end is not None
            assert sum((*(ns or 0 for ns in times), each.held)) == each.span.end - each.span.begin

    source = COPIES + "Outer().run({})\n"
    await lanes(tmp_path, source, work, breakpoints=["Leaf[0].attempt"], stop_on_entry=False)


GATHERED = """
import asyncio
from pocketflow import AsyncFlow, AsyncNode

class First(AsyncNode):
    async def exec_async(self, prep_res):
        await asyncio.sleep(0.01)

class Second(First):
    pass

def flow():
    first = First()
    first >> Second()
    return AsyncFlow(first)

async def main():
    await asyncio.gather(flow().run_async({}), flow().run_async({}))

asyncio.run(main())
"""


async def test_a_gathered_run_that_is_held_twice_and_then_cancelled(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        session = drive.session
        lane = (await drive.until("stopped"))["lane"]
        await session.request("flowscope/hold", lane=lane)
        await session.continue_(lane)
        for _ in range(2):  # the other one, in both of its nodes
            assert (await drive.until("stopped"))["lane"] != lane
            await session.continue_(drive.lane)
        await drive.when(lambda event: event["type"] == "lane" and "status" in event)
        await stands(drive, lane)
        seconds = await reads(drive)
        await session.request("flowscope/release", lane=lane)
        assert (await drive.until("stopped"))["lane"] == lane
        await session.request("flowscope/hold", lane=lane)
        await session.continue_(lane)
        await drive.when(lambda event: is_lane(event, lane) and is_open(event))
        seconds += await reads(drive)
        await session.request("flowscope/cancel", lane=lane)
        model = await finished(drive)
        run = next(run for run in model.runs if run.lane == lane)
        assert run.status == "cancelled" and run.held > seconds * 1e9 > 2 * (run.duration or 0)
        visits = [span for span in model.visits if span.lane == lane]
        assert all(0 < (visit.duration or 0) < visit.held for visit in visits)
        (region,) = model.regions.values()
        assert region.span is None and region.wall(region.end or 0) < seconds * 1e9 / 2
        whole = duration_text(region.wall(region.end or 0))
        assert f"2 runs, 4 visits, 1 cancelled, {whole}" in summary(model, 80).plain

    await lanes(
        tmp_path, GATHERED, work, breakpoints=["First.attempt", "Second.attempt"], stop_on_entry=False
    )


async def test_lanes_that_go_await_by_await_with_all_held(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/hold")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 2 and event.get("state") == "held")
        seconds = 0.0
        for count, item in enumerate((2, 0, 1), 1):
            seconds += await reads(drive, 0.1)
            await session.request("flowscope/stepAwait", lane=drive.of(item))
            await drive.when(lambda event, count=count: drive.text().count("\n") == count)
        await session.request("flowscope/release")
        model = await finished(drive)
        for span in around(model, 0)[1:]:  # the attempt begins when its lane is let go
            assert span.held > seconds * 1e9 > (span.duration or 0), span

    await lanes(tmp_path, five("print(item)\nawait asyncio.sleep(0)", 3), work)


async def test_a_lane_that_is_still_held_when_the_program_is_killed(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        lane = drive.of(1)
        await drive.session.request("flowscope/hold", lane=lane)
        await drive.session.continue_(drive.lane)
        await ended(drive, 0)
        await stands(drive, lane)
        await stands(drive, 0)
        seconds = await reads(drive)
        await drive.session.terminate()
        model = await finished(drive)
        assert model.runs[0].status == "unfinished"
        for span in around(model, 1):
            assert (span.duration or 0) < seconds * 1e9, span

    source = five("await asyncio.sleep(0.01)", 2)
    await lanes(tmp_path, source, work, breakpoints=["Work[1].attempt"], stop_on_entry=False)


async def test_a_thread_that_stops_alone_takes_no_time_of_what_waits_for_it(
    tmp_path: Path,
) -> None:
    source = """
    import asyncio
    from pocketflow import AsyncFlow, AsyncNode, Flow, Node
    class Work(Node):
        def exec(self, prep_res):
            pass
    class Outer(AsyncNode):
        async def exec_async(self, prep_res):
            await asyncio.to_thread(Flow(Work()).run, {})
    asyncio.run(AsyncFlow(Outer()).run_async({}))
    """

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/stopMode", allStop=False)
        await session.continue_(drive.lane)
        stop = await drive.until("stopped")
        assert stop["lane"] != 0 and not stop["all"]
        await stands(drive, 0)
        seconds = await reads(drive)
        await session.continue_(drive.lane)
        model = await finished(drive)
        inner = next(span for span in model.visits if span.label == "Work")
        for span in inner.path():
            assert span.held > seconds * 1e9 > (span.duration or 0), span

    await lanes(tmp_path, source, work, breakpoints=["Work"])


async def test_what_a_rewind_will_cost_leaves_out_what_was_held(tmp_path: Path) -> None:
    source = five("await asyncio.sleep(0.01)", 2).replace("AsyncFlow(Work())", "AsyncFlow(work)")
    source = source.replace(
        "asyncio.run", "class Last(Work): pass\nwork = Work()\nwork >> Last()\nasyncio.run"
    )

    async def work(drive: Lanes) -> None:
        session = drive.session
        lane = (await drive.until("stopped"))["lane"]
        await session.request("flowscope/hold", lane=lane)
        await session.continue_(lane)
        await stands(drive, lane)
        await stands(drive, 0)
        seconds = await reads(drive)
        await session.request("flowscope/release", lane=lane)
        await drive.until("stopped")
        visit = next(event["id"] for event in drive.seen if event.get("kind") == "visit")
        plan = await session.request("flowscope/plan", span=visit)
        assert 0 < plan["cost_ns"] < seconds * 1e9
        assert [row["label"] for row in plan["runsAgain"]] == ["Work", "Last"]
        assert plan["cost_ns"] == plan["runsAgain"][0]["ns"] == folded(drive).spans[visit].duration

    breaks = ["Work[1].attempt", "Last"]
    await lanes(tmp_path, source, work, breakpoints=breaks, stop_on_entry=False)


async def test_what_goes_on_in_the_background_is_no_time_of_a_node_that_did_not_begin_it(
    tmp_path: Path,
) -> None:
    source = """
    import asyncio
    from pocketflow import AsyncFlow, AsyncNode

    class Slow(AsyncNode):
        async def exec_async(self, prep_res):
            while not done.is_set():
                await asyncio.sleep(0.01)

    class Starts(AsyncNode):
        async def exec_async(self, prep_res):
            tasks.append(asyncio.create_task(AsyncFlow(Slow()).run_async({})))

    class Naps(AsyncNode):
        async def exec_async(self, prep_res):
            await asyncio.sleep(0.01)

    async def main():
        await AsyncFlow(starts).run_async({})
        done.set()
        await asyncio.gather(*tasks)

    tasks, done = [], asyncio.Event()
    starts, naps = Starts(), Naps()
    starts >> naps
    asyncio.run(main())
    """

    async def work(drive: Lanes) -> None:
        await drive.until("stopped")
        await drive.session.request("flowscope/hold", lane=0)
        await drive.session.continue_(drive.lane)
        await stands(drive, 0)
        seconds = await reads(drive)
        await drive.session.request("flowscope/release", lane=0)
        model = await finished(drive)
        slow, naps = (next(span for span in model.visits if span.label == name) for name in ("Slow", "Naps"))
        assert (slow.duration or 0) > seconds * 1e9 > (naps.duration or 0)
        (region,) = model.regions.values()
        assert region.wall(region.end or 0) > seconds * 1e9

    await lanes(tmp_path, source, work, breakpoints=["Naps.attempt"], stop_on_entry=False)
