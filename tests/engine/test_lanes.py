from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pocketflow as pf
import pytest

from flowscope_engine import observe
from flowscope_engine.adopt import adopt_class
from flowscope_engine.debug import accounts
from flowscope_engine.debug.controller import Controller
from flowscope_engine.debug.emitter import Emitter

from .lane_programs import PROGRAMS, parallel

Event = dict[str, Any]


@pytest.fixture(autouse=True)
def unobserved() -> Iterator[None]:
    adopt_class(pf.BaseNode, pytest.fail)
    yield
    observe.install(None)


def observed(run: Callable[[], Any]) -> tuple[Any, list[Event]]:
    """What the program comes to under the debugger's observer, and the events of it."""
    emitter = Emitter()
    controller = Controller(emitter, pytest.fail)
    observe.install(controller)
    try:
        result = run()
    finally:
        observe.install(None)
    controller.accounts.tell()
    return result, emitter.take()


def without_numbers(result: Any) -> str:
    """Addresses and the reprs of tasks are different in every run."""
    return re.sub(r"0x[0-9a-f]+|<Task .*?>\\n", "", repr(result))


@pytest.mark.parametrize("retries", [1, 2])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_what_it_does_unobserved(name: str, retries: int) -> None:
    bare = parallel(PROGRAMS[name], retries=retries)
    result, events = observed(lambda: parallel(PROGRAMS[name], retries=retries))
    assert without_numbers(result) == without_numbers(bare)
    assert len({event["id"] for event in events if event["type"] == "lane"}) >= 4


def test_so_do_those_that_use_anyio() -> None:
    pytest.importorskip("anyio")
    from .anyio_programs import PROGRAMS as programs

    for name, body in programs.items():
        bare = parallel(body)
        result, _ = observed(lambda body=body: parallel(body))  # type: ignore[misc]
        assert without_numbers(result) == without_numbers(bare), name


def final(events: list[Event]) -> dict[int, Event]:
    return {event["id"]: event for event in events if event["type"] == "lane" and "status" in event}


def test_the_sums_of_a_lane_are_its_life() -> None:
    async def body(log: list[Any], item: int) -> None:
        await asyncio.sleep(0.001 * item)
        time.sleep(0.002)
        await asyncio.sleep(0)

    _, events = observed(lambda: parallel(body, items=20))
    spans: dict[int, Event] = {}
    for event in events:
        if event["type"] in ("begin", "end"):
            spans.setdefault(event["id"], {}).update({event["type"]: event["ts"]})
    lanes = final(events)
    assert len(lanes) == 21
    for lane in lanes.values():
        life = spans[lane["span"]]
        total = sum(lane[state] for state in ("running", "awaiting", "ready", "held"))
        assert total == life["end"] - life["begin"]
        assert lane["held"] == 0
        times = [ts for ts, _ in lane["states"]]
        assert times == sorted(times)


def test_a_lane_whose_loop_is_kept_is_ready_and_the_blocker_is_named() -> None:
    async def body(log: list[Any], item: int) -> None:
        if item == 3:
            await asyncio.sleep(0)
            time.sleep(0.2)  # the line that blocks
        else:
            await asyncio.sleep(0.01)

    _, events = observed(lambda: parallel(body, items=10))
    items = {lane["item"]: lane for lane in final(events).values() if lane["item"] is not None}
    [blocked] = [event for event in events if event["type"] == "blocked"]
    assert blocked["lane"] == items[3]["id"]
    assert set(blocked["waiting"]) == {lane["id"] for item, lane in items.items() if item != 3}
    assert (blocked["count"], blocked["file"]) == (9, __file__)
    line = Path(__file__).read_text().splitlines()[blocked["line"] - 1]
    assert "the line that blocks" in line
    assert items[3]["running"] >= 200_000_000
    for item, lane in items.items():
        if item != 3:
            assert lane["ready"] > 100_000_000 > lane["awaiting"]


def test_each_flow_that_the_program_gathers_is_a_lane_and_so_is_each_thread() -> None:
    class Naps(pf.AsyncNode):
        async def exec_async(self, prep_res: Any) -> None:
            await asyncio.sleep(0.02)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(pf.AsyncFlow(Naps()).run_async({}))
        await asyncio.gather(*(pf.AsyncFlow(Naps()).run_async({}) for _ in range(2)))

    _, events = observed(lambda: asyncio.run(main()))
    lanes = list(final(events).values())
    assert all(lane["awaiting"] > 10_000_000 for lane in lanes)
    runs = [event["lane"] for event in events if event["type"] == "begin" and event["kind"] == "run"]
    assert len(set(runs)) == 3  # two at a time, the main lane among them

    def in_threads() -> None:
        threads = [threading.Thread(target=pf.Flow(pf.Node()).run, args=({},)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    _, events = observed(in_threads)
    assert len(final(events)) == 3


def test_what_a_lane_awaits_is_told_while_it_does() -> None:
    emitter = Emitter()
    controller = Controller(emitter, pytest.fail)

    async def body(log: list[Any], item: int) -> None:
        if item == 0:
            await asyncio.sleep(0.2)
        elif item == 1:
            await asyncio.wait_for(asyncio.sleep(0.2), 1)
        elif item == 2:
            await asyncio.to_thread(time.sleep, 0.2)
        elif item == 3:
            async with semaphore:
                pass
        else:
            await asyncio.sleep(0)
            controller.accounts.tell()
            semaphore.release()

    semaphore = asyncio.Semaphore(0)
    observe.install(controller)
    parallel(body, items=5)
    told = {event["item"]: event for event in emitter.take() if event.get("on")}
    assert [told[item]["on"] for item in range(4)] == ["sleep", "wait_for", "to_thread", "Semaphore"]
    assert told[None]["on"] == "gather of 5"
    assert {event["state"] for event in told.values()} == {"awaiting"}


def test_all_of_more_lanes_than_are_told_at_a_time_are_told_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_MOST_TOLD", 3)
    emitter = Emitter()
    controller = Controller(emitter, pytest.fail)
    told: set[int | None] = set()

    async def body(log: list[Any], item: int) -> None:
        for _ in range(8):  # all of them change between two times
            await asyncio.sleep(0)
            if item == 0:
                controller.accounts.tell()
                told.update(event["item"] for event in emitter.take() if "state" in event)

    observe.install(controller)
    parallel(body, items=10)
    assert told >= set(range(1, 10))


def test_asyncio_in_debug_mode_tells_where_the_program_created_a_handle() -> None:
    def created() -> list[str]:
        seen: list[str] = []

        class Soon(pf.AsyncNode):
            async def post_async(self, shared: Any, prep_res: Any, exec_res: Any) -> None:
                seen.append(repr(asyncio.get_running_loop().call_soon(print)))

        asyncio.run(pf.AsyncFlow(Soon()).run_async({}), debug=True)
        return [re.sub("0x[0-9a-f]+", "", text) for text in seen]

    plain = created()
    assert f"created at {__file__}:" in plain[0]
    assert observed(created)[0] == plain
