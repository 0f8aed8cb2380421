"""Stops and steps of real programs: where each leads, and what can be seen there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flowscope.session.client import RequestError

from .drive import Drive, driving

AGENT = """
import asyncio
from pocketflow import AsyncFlow, AsyncParallelBatchNode, Flow, Node

class Decide(Node):
    def prep(self, shared):
        return shared["turns"]
    def exec(self, turns):
        return "search" if turns < 2 else "answer"
    def post(self, shared, prep_res, exec_res):
        shared["turns"] += 1
        shared.setdefault("log", {})["last"] = exec_res
        return exec_res

class Search(Node):
    def exec(self, prep_res):
        if self.cur_retry == 0:
            raise ValueError("try again")
        print("found")

class Answer(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return ["a", "b"]
    async def exec_async(self, item):
        await asyncio.sleep(0)
        return item.upper()

decide, search, answer = Decide(), Search(max_retries=2), Answer()
inner = Flow(search)
decide - "search" >> inner >> decide
decide - "answer" >> answer
asyncio.run(AsyncFlow(decide).run_async({"turns": 0}))
print("end")
"""


async def test_step_in_leads_through_phases_items_and_retries(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        stops = [await drive.stop()]
        for _ in range(9):
            stops.append(await drive.go(drive.session.step_in))
        assert stops == [
            "entry Decide < AsyncFlow",
            "step Decide.prep < AsyncFlow",
            "step Decide.exec < AsyncFlow",
            "step Decide.post < AsyncFlow",
            "step Flow < AsyncFlow",
            "step Search < Flow < AsyncFlow",
            "step Search.exec < Flow < AsyncFlow",
            "step Search.exec attempt 2 < Flow < AsyncFlow",
            "step Decide < AsyncFlow",
            "step Decide.prep < AsyncFlow",
        ]

    await driving(tmp_path, AGENT, work)


async def test_over_and_out_stay_in_their_flow_and_their_lane(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        session = drive.session
        assert await drive.stop() == "entry Decide < AsyncFlow"
        assert await drive.go(session.next) == "step Flow < AsyncFlow"
        assert await drive.go(session.step_in) == "step Search < Flow < AsyncFlow"
        assert await drive.go(session.step_out) == "step Decide < AsyncFlow"
        await session.run_to("Answer")
        assert await drive.stop() == "goto Answer < AsyncFlow"
        assert await drive.go(session.step_in) == "step Answer.prep < AsyncFlow"
        assert await drive.go(session.step_in) == "step Answer.exec < AsyncFlow"
        assert await drive.go(session.step_in) == "step Answer[0].exec < AsyncFlow"
        lane = drive.lane
        assert lane != 0
        assert await drive.go(session.next) == "step AsyncFlow"  # the lane ends: on where it came from
        assert drive.seen[-1]["text"] == "the run ends here"
        await session.continue_()
        await drive.until("exit")
        assert drive.text().endswith("end\n")

    await driving(tmp_path, AGENT, work)


@pytest.mark.parametrize(
    ("spec", "stop"),
    [
        ("Search", "breakpoint Search < Flow < AsyncFlow"),
        ("search.exec", "breakpoint Search.exec < Flow < AsyncFlow"),
        ("Decide -> answer", "breakpoint Decide < AsyncFlow"),
        ("Decide#3", "breakpoint Decide < AsyncFlow"),
        ("Answer[1]", "breakpoint Answer[1].exec < AsyncFlow"),
        ("Search.attempt if attempt == 2", "breakpoint Search.exec attempt 2 < Flow < AsyncFlow"),
        ("Answer[1].attempt", "breakpoint Answer[1].exec < AsyncFlow"),
        ("shared.log['last']*2", "data breakpoint Decide.post < AsyncFlow"),
        ("shared.log.last if shared['turns'] == 3", "data breakpoint Decide.post < AsyncFlow"),
        ("Decide*3", "breakpoint Decide < AsyncFlow"),
        ("Decide.post if exec_res == 'answer'", "breakpoint Decide.post < AsyncFlow"),
        ("Decide if nowhere", "breakpoint Decide < AsyncFlow"),
        ("raise", "breakpoint Search.exec < Flow < AsyncFlow"),
    ],
)
async def test_breakpoints(tmp_path: Path, spec: str, stop: str) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == stop
        assert drive.seen[-1]["breakpoints"] == [spec.replace("['last']", ".last")]
        if spec.startswith("shared"):
            assert drive.seen[-1]["text"] == "shared['log']['last'] changed"
        if "nowhere" in spec:
            assert "raised NameError" in drive.seen[-1]["text"]
        if "answer" in spec or "3" in spec:
            assert (await drive.session.evaluate("shared['turns']"))["result"] in ("2", "3")

    await driving(tmp_path, AGENT, work, breakpoints=[spec], stop_on_entry=False)


async def test_breakpoints_on_nodes_in_containers(tmp_path: Path) -> None:
    source = """
    from pocketflow import Flow, Node

    class Work(Node):
        pass

    steps, by = [Work(), Work()], {"x": Work()}
    steps[0] >> steps[1] >> by["x"]
    Flow(steps[0]).run({})
    """

    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Work (steps[1]) < Flow"
        assert await drive.go(drive.session.continue_) == "breakpoint Work (by['x']).exec < Flow"
        assert drive.notices() == []

    await driving(tmp_path, source, work, breakpoints=["steps[1]", "by['x'].exec"], stop_on_entry=False)


async def test_a_breakpoint_kept_to_one_lane(tmp_path: Path) -> None:
    source = """
    import asyncio
    from pocketflow import AsyncFlow, AsyncNode, AsyncParallelBatchFlow

    class Work(AsyncNode):
        async def exec_async(self, prep_res):
            await asyncio.sleep(0)

    class Copies(AsyncParallelBatchFlow):
        async def prep_async(self, shared):
            return [{"n": n} for n in range(3)]

    asyncio.run(AsyncFlow(Copies(start=Work())).run_async({}))
    """

    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Work.exec < Copies[1] < AsyncFlow"
        await drive.session.continue_(drive.lane)
        await drive.until("exit")
        assert ["Copy" in notice for notice in drive.notices()] == [True]

    breakpoints = ["Copies[1]/Work.exec", "Copy[0]/Work"]
    await driving(tmp_path, source, work, breakpoints=breakpoints, stop_on_entry=False)


FAMILY = """
from pocketflow import Flow, Node
class Base(Node):
    def exec(self, prep_res):
        return 1
class Fetch(Base):
    pass
class Parse(Fetch):
    pass
fetch, parse = Fetch(), Parse()
fetch >> parse
Flow(fetch).run({})
"""


@pytest.mark.parametrize(
    ("spec", "stops"),
    [
        ("Fetch", ["Fetch"]),
        ("Parse", ["Parse"]),
        ("__main__.Fetch", ["Fetch", "Parse"]),
        ("__main__.Base.exec", ["Fetch.exec", "Parse.exec"]),
        ("Base", []),
    ],
)
async def test_a_class_means_its_own_nodes_and_with_its_module_those_of_its_subclasses(
    tmp_path: Path, spec: str, stops: list[str]
) -> None:
    async def work(drive: Drive) -> None:
        found = []
        while (await drive.until("stopped", "exit"))["type"] == "stopped":
            found.append((await drive.session.stack(drive.lane))[0]["name"])
            await drive.session.continue_(drive.lane)
        assert found == stops
        said = "no node is of class Base itself; __main__.Base means those of its subclasses."
        assert any(said in text for text in drive.notices()) is (spec == "Base")

    await driving(tmp_path, FAMILY, work, breakpoints=[spec], stop_on_entry=False)


async def test_a_log_message_does_not_stop(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.until("exit")
        assert drive.notices() == ["turn 0", "turn 1", "turn 2"]

    spec = "Decide.prep log turn {shared['turns']}"
    await driving(tmp_path, AGENT, work, breakpoints=[spec], stop_on_entry=False)


async def test_looking_and_changing(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        session = drive.session
        await drive.stop()
        frame = (await session.stack())[0]
        assert frame["source"]["path"] == str(tmp_path / "program.py")
        line = Path(frame["source"]["path"]).read_text().splitlines()[frame["line"] - 1]
        assert line.startswith("class Answer")
        scopes = {scope["name"]: scope["variablesReference"] for scope in await session.scopes(frame["id"])}
        assert list(scopes) == ["Shared", "Params", "Prep result", "Exec result", "Node"]
        turns, log = await session.variables(scopes["Shared"])
        assert (turns["name"], turns["value"], turns["evaluateName"]) == ("turns", "3", "shared['turns']")
        assert log["value"] == "{'last': 'answer'}"
        info = await session.request("dataBreakpointInfo", variablesReference=scopes["Shared"], name="turns")
        assert info["dataId"] == "shared.turns"
        await session.set_variable(scopes["Shared"], "turns", "1 + 1")
        change = await drive.until("change")
        while change["path"] != ["turns"]:
            change = await drive.until("change")
        assert (change["old"], change["value"]) == (3, 2)
        assert (await session.evaluate("type(self).__name__"))["result"] == "'Answer'"
        with pytest.raises(RequestError, match="NameError"):
            await session.evaluate("nowhere")
        attributes = [variable["name"] for variable in await session.variables(scopes["Node"])]
        assert attributes == ["params", "successors", "max_retries", "wait"]

    await driving(tmp_path, AGENT, work, breakpoints=["Answer"], stop_on_entry=False)


FAILING = """
from pocketflow import Flow, Node
class Fails(Node):
    def exec(self, prep_res):
        raise LookupError("no " + "luck")
try:
    Flow(Fails(max_retries=2)).run({})
except LookupError as error:
    print("caught", error)
"""


@pytest.mark.parametrize(
    ("filters", "stops"),
    [
        (["attempt"], ["LookupError (attempt)"]),
        (["raised"], ["LookupError (raised)"]),
        (["uncaught"], ["LookupError (uncaught)"]),
        (["attempt", "raised", "uncaught"], ["LookupError (attempt)", "LookupError (raised)"]),
        ([], []),
    ],
)
async def test_errors_stop_once_each(tmp_path: Path, filters: list[str], stops: list[str]) -> None:
    async def work(drive: Drive) -> None:
        for text in stops:
            assert (await drive.until("stopped"))["text"] == text
            info = await drive.session.request("exceptionInfo", threadId=1)
            assert info["details"]["message"] == "no luck"
            seen = info["details"]["stackTrace"]
            assert "flowscope_engine" not in seen and "<flowscope" not in seen
            await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "caught no luck\n"

    await driving(tmp_path, FAILING, work, exceptions=filters, stop_on_entry=False)


ENDLESS = """
from pocketflow import Flow, Node
class Endless(Node):
    def exec(self, prep_res):
        print("turning")
        while True:
            pass
Flow(Endless()).run({})
"""


async def test_a_program_that_leaves_by_sys_exit_has_not_failed(tmp_path: Path) -> None:
    source = """
        import sys
        from pocketflow import Flow, Node
        class Bye(Node):
            def exec(self, prep_res):
                sys.exit(3)
        Flow(Bye()).run({})
    """

    async def work(drive: Drive) -> None:
        assert (await drive.until("stopped", "exit")).get("code") == 3

    await driving(tmp_path, source, work, exceptions=["raised", "uncaught"], stop_on_entry=False)


async def test_an_endless_loop_can_be_ended_and_refuses_what_needs_a_stop(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.until("output")
        await drive.session.pause()
        with pytest.raises(RequestError, match="running"):
            await drive.session.evaluate("1")
        await drive.session.terminate()
        event: dict[str, Any] = await drive.until("exit")
        assert event["signal"] == "SIGTERM"

    await driving(tmp_path, ENDLESS, work, stop_on_entry=False)


async def test_an_endless_expression_blocks_no_other_request(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        endless = asyncio.create_task(drive.session.evaluate("[0 for _ in iter(int, 1)]"))
        assert (await drive.session.request("threads"))["threads"]
        await drive.session.terminate()
        with pytest.raises(RequestError, match="gone"):
            await endless

    await driving(tmp_path, AGENT, work)


async def test_a_stop_halts_other_threads_too(tmp_path: Path) -> None:
    source = """
    import threading
    from pocketflow import Flow, Node
    class First(Node): pass
    class Second(Node): pass
    first, second = First(), Second()
    first >> second
    threads = [threading.Thread(target=Flow(first).run, args=({},)) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    """

    async def work(drive: Drive) -> None:
        lanes = set()
        for _ in range(3):
            assert await drive.stop() == "breakpoint Second < Flow"
            lanes.add(drive.lane)
            await drive.session.continue_(drive.lane)
        await drive.until("exit")
        assert len(lanes) == 3
        assert 0 not in lanes

    await driving(tmp_path, source, work, breakpoints=["Second"], stop_on_entry=False)


COPIES = """
import asyncio
from pocketflow import AsyncNode, AsyncParallelBatchFlow

class Read(AsyncNode):
    async def exec_async(self, prep_res):
        await asyncio.sleep(0)

class Each(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"at": 0}, {"at": 1}]

asyncio.run(Each(Read()).run_async({}))
"""


async def test_step_in_leads_from_prep_into_a_copy_of_a_parallel_flow(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert "Each.prep" in await drive.stop()
        assert "Each[0]" in await drive.go(drive.session.step_in)
        assert "Read" in await drive.go(drive.session.step_in)

    await driving(tmp_path, COPIES, work)
