"""Rewinds of real programs: where they lead, what is restored, and what runs again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowscope.session.client import RequestError

from .drive import Drive, driving

HEAD = """
import asyncio
from pocketflow import *
calls = []
"""


def begun(drive: Drive, kind: str, label: str | None = None) -> list[dict[str, Any]]:
    """The begin events of this kind, in order."""
    return [
        event
        for event in drive.seen
        if event["type"] == "begin" and event["kind"] == kind and label in (None, event["label"])
    ]


async def back(drive: Drive, span: int) -> str:
    """Rewind to a span; the next stop."""
    await drive.session.request("flowscope/rewind", span=span)
    return await drive.stop()


async def shared(drive: Drive, expression: str = "shared") -> str:
    return str((await drive.session.evaluate(expression))["result"])


LINEAR = (
    HEAD
    + """
class Step(Node):
    def exec(self, prep_res):
        calls.append(type(self).__name__)
    def post(self, shared, prep_res, exec_res):
        shared["log"].append(type(self).__name__)
class A(Step): pass
class B(Step): pass
class C(Step):
    def exec(self, prep_res):
        super().exec(prep_res)
        if calls.count("C") == 1:
            raise ValueError("broken")
log = []
state = {"log": log}
a, b, c = A(), B(), C()
a >> b >> c
Flow(a).run(state)
print(calls, state, state["log"] is log)
"""
)


async def test_back_to_an_earlier_node_and_on(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception C.exec < Flow"
        second = begun(drive, "visit", "B")[0]["id"]
        plan = await drive.session.request("flowscope/plan", span=second)
        assert [row["label"] for row in plan["runsAgain"]] == ["B", "C"]
        assert plan["restored"] == ["shared['log'][1]"]
        assert await back(drive, second) == "goto B < Flow"
        assert await shared(drive) == "{'log': ['A']}"
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "['A', 'B', 'C', 'B', 'C'] {'log': ['A', 'B', 'C']} True\n"
        ends = {event["id"]: event for event in drive.seen if event["type"] == "end"}
        again = begun(drive, "visit", "B")[1]
        assert (again["again"], again["visit"]) == (second, 1)
        left = begun(drive, "visit", "C")[0]["id"]
        assert (ends[left]["status"], ends[left]["rewound"]) == ("cancelled", True)
        told = next(event for event in drive.seen if event["type"] == "intervention")
        assert (told["kind"], told["to"]) == ("rewind", second)

    await driving(tmp_path, LINEAR, work, exceptions=["raised"], stop_on_entry=False)


async def test_the_uncaught_error_back_from_the_end_of_the_run(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Flow"
        third = begun(drive, "visit", "C")[0]["id"]
        assert await back(drive, third) == "goto C < Flow"
        assert await shared(drive) == "{'log': ['A', 'B']}"
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "['A', 'B', 'C', 'C'] {'log': ['A', 'B', 'C']} True\n"

    await driving(tmp_path, LINEAR, work, exceptions=["uncaught"], stop_on_entry=False)


async def test_twice_and_past_an_edit_and_after_one(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        first = begun(drive, "visit", "A")[0]["id"]
        second = begun(drive, "visit", "B")[0]["id"]
        assert await back(drive, second) == "goto B < Flow"
        with pytest.raises(RequestError, match="branch"):
            await back(drive, second)
        await drive.session.evaluate("shared.update(extra=1, log=[])")
        assert await back(drive, first) == "goto A < Flow"
        assert await shared(drive) == "{'log': []}"
        await drive.session.evaluate("shared['log'].append('edited')")
        assert await drive.go(drive.session.next) == "step B < Flow"
        newest = begun(drive, "visit", "B")[-1]["id"]
        assert await drive.go(drive.session.next) == "step C < Flow"
        assert await back(drive, newest) == "goto B < Flow"
        assert await shared(drive) == "{'log': ['edited', 'A']}"
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text().endswith("{'log': ['edited', 'A', 'B', 'C']} True\n")

    await driving(tmp_path, LINEAR, work, exceptions=["raised"], stop_on_entry=False)


PHASES = (
    HEAD
    + """
import sys
class Work(Node):
    def prep(self, shared):
        calls.append("prep")
        self.note = "kept"
        return shared["n"]
    def exec(self, n):
        calls.append(f"exec {n} {self.note}")
        return n + 1
    def post(self, shared, prep_res, exec_res):
        calls.append(f"post {prep_res} {exec_res}")
        shared["n"] = exec_res
class Last(Node):
    def prep(self, shared):
        if where == "prep" and calls.count("again") == 0: raise ValueError("broken")
        return shared["n"]
    def exec(self, n):
        if where == "exec" and calls.count("again") == 0: raise ValueError("broken")
    def post(self, shared, prep_res, exec_res):
        if where == "post" and calls.count("again") == 0: raise ValueError("broken")
where = WHERE
work, last = Work(), Last()
work >> last
Flow(work).run({"n": 1})
print(calls)
"""
)


@pytest.mark.parametrize("where", ["prep", "exec", "post"])
async def test_an_error_in_each_phase_and_back_to_each_phase(tmp_path: Path, where: str) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == f"exception Last.{where} < Flow"
        post = begun(drive, "post", "Work")[-1]["id"]
        assert await back(drive, post) == "goto Work.post < Flow"
        assert await shared(drive) == "{'n': 1}"
        await drive.session.continue_()
        assert await drive.stop() == f"exception Last.{where} < Flow"
        visit = begun(drive, "visit", "Work")[-1]["id"]
        assert await back(drive, visit) == "goto Work < Flow"
        await drive.session.step_in()
        await drive.stop()
        assert await drive.go(drive.session.step_in) == "step Work.exec < Flow"
        execute = begun(drive, "exec", "Work")[-1]["id"]
        await drive.session.continue_()
        assert await drive.stop() == f"exception Last.{where} < Flow"
        assert await back(drive, execute) == "goto Work.exec < Flow"
        await drive.session.evaluate("calls.append('again')")
        await drive.session.continue_()
        await drive.until("exit")
        expected = ["prep", "exec 1 kept", "post 1 2", "post 1 2", "prep", "exec 1 kept", "post 1 2", "again"]
        assert drive.text() == f"{[*expected, 'exec 1 kept', 'post 1 2']}\n"

    program = PHASES.replace("WHERE", repr(where))
    await driving(tmp_path, program, work, exceptions=["raised"], stop_on_entry=False)


NESTED = (
    HEAD
    + """
class Turn(Node):
    def exec(self, prep_res):
        calls.append("turn")
    def post(self, shared, prep_res, exec_res):
        shared["turns"] += 1
        return "again" if shared["turns"] < 3 else "default"
class Prepared(Flow):
    def prep(self, shared):
        calls.append("flow prep")
        return "prepared"
    def post(self, shared, prep_res, exec_res):
        calls.append(prep_res)
class End(Node):
    def exec(self, prep_res):
        calls.append("end")
turn, end = Turn(), End()
turn - "again" >> turn
turn >> Node()
inner = Flow(turn)
middle = Prepared(inner)
middle >> end
Flow(middle).run({"turns": 0})
print(calls)
"""
)


async def test_a_loop_two_flows_deep(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.until("stopped")
        second = begun(drive, "visit", "Turn")[1]["id"]
        await drive.session.request("flowscope/rewind", span=second)
        await drive.until("stopped")
        frames = [frame["name"] for frame in await drive.session.stack()]
        assert len(frames) == 4
        assert frames[0] == "Turn"
        assert await shared(drive) == "{'turns': 1}"
        new = begun(drive, "visit", "Turn")[-1]
        assert (new["again"], new["visit"]) == (second, 2)
        await drive.session.continue_()
        await drive.until("stopped")
        await drive.session.continue_()
        await drive.until("exit")
        calls = ["flow prep", *["turn"] * 3, "prepared", *["turn"] * 2, "prepared", "end"]
        assert drive.text() == f"{calls}\n"

    await driving(tmp_path, NESTED, work, breakpoints=["End"], stop_on_entry=False)


async def test_what_lies_before_in_an_inner_flow_can_be_gone_back_to_next(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.until("stopped")
        first, second = (event["id"] for event in begun(drive, "visit", "Turn")[:2])
        assert (await back(drive, second)).startswith("goto Turn < ")
        assert (await back(drive, first)).startswith("goto Turn < ")
        assert await shared(drive) == "{'turns': 0}"
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == f"{['flow prep', *['turn'] * 6, 'prepared', 'end']}\n"

    source = NESTED.replace("turn >> Node()", "turn >> Last()").replace(
        "class End(Node)", "class Last(Node): pass\nclass End(Node)"
    )
    await driving(tmp_path, source, work, breakpoints=["Last"], stop_on_entry=False)


BATCH = (
    HEAD
    + """
class Items(BatchNode):
    def prep(self, shared):
        return ["a", "b", "c"]
    def exec(self, item):
        calls.append(item)
        return item.upper() * calls.count(item)
    def exec_fallback(self, item, error):
        return "fell"
    def post(self, shared, prep_res, exec_res):
        shared["items"] = exec_res
class Copies(BatchFlow):
    def prep(self, shared):
        return [{"k": k} for k in range(3)]
class Inner(Node):
    def post(self, shared, prep_res, exec_res):
        calls.append(self.params["k"])
        shared.setdefault("copies", []).append(self.params["k"])
items, copies, end = Items(), Copies(Inner()), Node()
items >> copies >> end
state = {}
Flow(items).run(state)
print(calls, state)
"""
)


ASYNC_BATCH = (
    BATCH.replace("(BatchNode)", "(AsyncBatchNode)")
    .replace("(BatchFlow)", "(AsyncBatchFlow)")
    .replace("def prep(", "async def prep_async(")
    .replace("def exec(", "async def exec_async(")
    .replace("def exec_fallback(", "async def exec_fallback_async(")
    .replace("def post(self, shared, prep_res", "async def post_async(self, shared, prep_res", 1)
    .replace("Flow(items).run(state)", "asyncio.run(AsyncFlow(items).run_async(state))")
)


@pytest.mark.parametrize(
    "source", [BATCH, ASYNC_BATCH, BATCH.replace("from pocketflow", "from flowscope_engine")]
)
async def test_items_of_a_batch_and_copies_of_a_batch_flow(tmp_path: Path, source: str) -> None:
    flow = "AsyncFlow" if "run_async" in source else "Flow"

    async def work(drive: Drive) -> None:
        assert await drive.stop() == f"breakpoint Node < {flow}"
        copy = next(event for event in begun(drive, "item", "Copies") if event["item"] == 1)
        await back(drive, copy["id"])
        assert (await shared(drive)).endswith("'copies': [0]}")
        await drive.session.continue_()
        assert await drive.stop() == f"breakpoint Node < {flow}"
        item = next(event for event in begun(drive, "item", "Items") if event["item"] == 1)
        plan = await drive.session.request("flowscope/plan", span=item["id"])
        row = plan["runsAgain"][0]
        assert (row["label"], row["items"]) == ("Items", 2)
        assert await back(drive, item["id"]) == f"goto Items[1].exec < {flow}"
        assert await shared(drive) == "{}"
        await drive.session.continue_()
        assert await drive.stop() == f"breakpoint Node < {flow}"
        await drive.session.continue_()
        await drive.until("exit")
        calls = ["a", "b", "c", 0, 1, 2, 1, 2, "b", "c", 0, 1, 2]
        assert drive.text() == f"{calls} {{'items': ['A', 'BB', 'CC'], 'copies': [0, 1, 2]}}\n"

    await driving(tmp_path, source, work, breakpoints=["Node"], stop_on_entry=False)


TWO_IN_A_COPY = (
    HEAD
    + """
class First(Node):
    def exec(self, prep_res):
        calls.append(f"first {self.params['k']}")
class Second(Node):
    def prep(self, shared):
        return self.params["k"]
    def exec(self, k):
        if k == 1 and not state.get("repaired"):
            raise ValueError("broken")
        calls.append(f"second {k}")
    def post(self, shared, prep_res, exec_res):
        calls.append("post")
class Copies(BatchFlow):
    def prep(self, shared):
        return [{"k": k} for k in range(3)]
first = First()
first >> Second()
state = {}
Copies(first).run(state)
print(calls)
"""
)

ASYNC_TWO_IN_A_COPY = (
    TWO_IN_A_COPY.replace("(BatchFlow)", "(AsyncBatchFlow)")
    .replace(
        "class Copies(AsyncBatchFlow):\n    def prep(",
        "class Copies(AsyncBatchFlow):\n    async def prep_async(",
    )
    .replace("Copies(first).run(state)", "asyncio.run(Copies(first).run_async(state))")
)


@pytest.mark.parametrize("source", [TWO_IN_A_COPY, ASYNC_TWO_IN_A_COPY])
async def test_a_later_node_in_a_copy_of_a_batch_flow(tmp_path: Path, source: str) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Copies"  # the copy is left already
        await drive.session.evaluate("shared['repaired'] = True")
        await drive.session.set_breakpoints(["Second.post"])
        await drive.session.request("flowscope/intervene", kind="retry", lane=0)
        assert await drive.stop() == "breakpoint Second.post < Copies[1]"
        assert await back(drive, begun(drive, "visit", "Second")[-1]["id"]) == "goto Second < Copies[1]"
        await drive.session.continue_()
        assert await drive.stop() == "breakpoint Second.post < Copies[1]"
        await drive.session.request("flowscope/jump", node="Second")  # the copy is on the stack
        assert await drive.stop() == "goto Second < Copies[1]"
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        again = ["first 1", *["second 1"] * 3, "post"]
        assert drive.text() == f"{['first 0', 'second 0', 'post', *again, 'first 2', 'second 2', 'post']}\n"

    await driving(tmp_path, source, work, exceptions=["uncaught"], stop_on_entry=False)


async def test_a_later_node_in_one_lane_of_a_running_fan_out(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Fetch[1].exec < AsyncFlow"
        await drive.session.request("flowscope/intervene", kind="retry", lane=drive.lane)
        assert (await drive.stop()).startswith("exception Second.exec < Copies")
        lane = drive.lane
        mine = [event for event in begun(drive, "visit", "Second") if event["lane"] == lane]
        await drive.session.evaluate("calls.append('again')")
        await drive.session.request("flowscope/rewind", span=mine[0]["id"])
        assert (await drive.stop()).startswith("goto Second < Copies")
        assert drive.lane == lane
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text().startswith(f"{[0, 1, 2, 1, 'first 0', 'first 1', 'first 2', 'again']}")
        assert drive.text().count("'second") == 3

    await driving(tmp_path, PARALLEL, work, exceptions=["raised"], stop_on_entry=False)


PARALLEL = (
    HEAD
    + """
class Fetch(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return [0, 1, 2]
    async def exec_async(self, item):
        calls.append(item)
        if item == 1 and calls.count(1) == 1:
            await asyncio.sleep(0.01)
            raise ValueError("broken")
        await asyncio.sleep(0.05)
        return item * 10
    async def post_async(self, shared, prep_res, exec_res):
        shared["fetched"] = exec_res
class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{"k": k} for k in range(3)]
class First(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        calls.append(f"first {self.params['k']}")
        shared[f"first {self.params['k']}"] = calls.count(f"first {self.params['k']}")
class Second(AsyncNode):
    async def exec_async(self, prep_res):
        await asyncio.sleep(0.02 * self.params["k"])
        if self.params["k"] == 1 and not calls.count("again"):
            raise ValueError("late")
    async def post_async(self, shared, prep_res, exec_res):
        shared[f"second {self.params['k']}"] = True
fetch, first, second = Fetch(), First(), Second()
first >> second
copies = Copies(first)
fetch >> copies
state = {}
asyncio.run(AsyncFlow(fetch).run_async(state))
print(calls, state)
"""
)


async def test_one_lane_of_a_running_fan_out(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Fetch[1].exec < AsyncFlow"
        await drive.session.request("flowscope/intervene", kind="retry", lane=drive.lane)
        assert (await drive.stop()).startswith("exception Second.exec < Copies")
        lane = drive.lane
        mine = [event for event in begun(drive, "visit", "First") if event["lane"] == lane]
        plan = await drive.session.request("flowscope/plan", span=mine[0]["id"])
        assert [row["label"] for row in plan["runsAgain"]] == ["First#2", "Second#2"]
        assert plan["restored"] == ["shared['first 1']"]
        await drive.session.request("flowscope/rewind", span=mine[0]["id"])
        assert (await drive.stop()).startswith("goto First < Copies")
        assert drive.lane == lane
        assert "'first 0': 1" in await shared(drive)
        assert "'first 1'" not in await shared(drive)
        await drive.session.evaluate("calls.append('again')")
        await drive.session.continue_()
        await drive.until("exit")
        calls = [0, 1, 2, 1, "first 0", "first 1", "first 2", "again", "first 1"]
        text = drive.text()
        assert text.startswith(f"{calls}")
        assert "'fetched': [0, 10, 20]" in text
        assert "'first 1': 2" in text
        assert text.count("second") == 3

    await driving(tmp_path, PARALLEL, work, exceptions=["raised"], stop_on_entry=False)


async def test_out_of_a_running_fan_out_its_lanes_are_cancelled(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Fetch[1].exec < AsyncFlow"
        visit = begun(drive, "visit", "Fetch")[0]["id"]
        assert await back(drive, visit) == "goto Fetch < AsyncFlow"
        items = {event["id"] for event in begun(drive, "item", "Fetch")}
        ends = [event for event in drive.seen if event["type"] == "end" and event["id"] in items]
        assert [(end["status"], end.get("rewound")) for end in ends] == [("cancelled", True)] * 3
        await drive.session.request("setExceptionBreakpoints", filters=[])
        await drive.session.set_breakpoints(["Copies"])
        await drive.session.continue_()
        assert (await drive.stop()).startswith("breakpoint Copies")
        assert await shared(drive) == "{'fetched': [0, 10, 20]}"

    await driving(tmp_path, PARALLEL, work, exceptions=["raised"], stop_on_entry=False)


async def test_one_lane_while_the_others_stand_at_stops_of_their_own(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert (await drive.stop()).startswith("entry")
        await drive.session.request("flowscope/stopMode", allStop=False)
        await drive.session.continue_()
        lanes = []
        for _ in range(3):
            assert (await drive.stop()).startswith("breakpoint Second < Copies")
            lanes.append(drive.lane)
        mine = [event for event in begun(drive, "visit", "First") if event["lane"] == lanes[1]]
        await drive.session.request("flowscope/rewind", span=mine[0]["id"])
        assert (await drive.stop()).startswith("goto First < Copies")
        assert drive.lane == lanes[1]
        left = await shared(drive, "sorted(key for key in shared if 'first' in key)")
        assert left == "['first 0', 'first 2']"
        await drive.session.set_breakpoints([])
        for lane in lanes:
            await drive.session.continue_(lane)
        await drive.until("exit")
        assert drive.text().count("second") == 3
        assert "'first 1': 2" in drive.text()

    source = PARALLEL.replace("calls.count(1) == 1", "False").replace("not calls.count", "calls.count")
    await driving(tmp_path, source, work, breakpoints=["Second"])
