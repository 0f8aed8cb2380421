"""Rewinds in less even terrain: retries, fallbacks, dynamic flows, threads, iterators."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowscope.session.client import RequestError

from .drive import Drive, driving
from .test_rewind import HEAD, back, begun, shared

RETRIES = (
    HEAD
    + """
class First(Node):
    def exec(self, prep_res):
        calls.append("first")
class Shaky(Node):
    def exec(self, prep_res):
        calls.append(f"try {self.cur_retry}")
        if len(calls) < 5: raise ValueError("shaky")
        return "well"
    def exec_fallback(self, prep_res, error):
        calls.append("fallback")
        return "fell"
    def post(self, shared, prep_res, exec_res):
        shared["result"] = exec_res
first, shaky, end = First(), Shaky(max_retries=2), Node()
first >> shaky >> end
state = {}
Flow(first).run(state)
print(calls, state)
"""
)


async def test_while_a_retry_is_under_way_and_after_a_fallback(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Shaky.exec < Flow"
        second = begun(drive, "attempt", "Shaky")[0]["id"]
        assert await back(drive, second) == "goto Shaky.exec < Flow"  # attempts are made by the loop around
        await drive.session.request("setExceptionBreakpoints", filters=[])
        await drive.session.set_breakpoints(["Node"])
        await drive.session.continue_()
        assert await drive.stop() == "breakpoint Node < Flow"
        assert await shared(drive) == "{'result': 'fell'}"
        visit = begun(drive, "visit", "Shaky")[0]["id"]
        assert await back(drive, visit) == "goto Shaky < Flow"
        assert await shared(drive) == "{}"
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        calls = ["first", "try 0", "try 0", "try 1", "fallback", "try 0"]
        assert drive.text() == f"{calls} {{'result': 'well'}}\n"

    await driving(tmp_path, RETRIES, work, exceptions=["attempt"], stop_on_entry=False)


DYNAMIC = (
    HEAD
    + """
class Made(Node):
    def exec(self, prep_res):
        calls.append("made")
    def post(self, shared, prep_res, exec_res):
        shared["made"] = shared.get("made", 0) + 1
class Maker(Node):
    def exec(self, prep_res):
        inner = {"inner": 0}
        Flow(Made() ).run(inner)
        return inner
    def post(self, shared, prep_res, exec_res):
        made = Made()
        self.next(made, "new")
        shared["inner"] = exec_res
        return "new"
maker = Maker()
state = {}
Flow(maker).run(state)
print(calls, state)
"""
)


async def test_nodes_made_while_running_and_a_run_within_an_exec(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Made < Flow < Maker.exec < Flow"
        inner = begun(drive, "visit", "Made")[0]["id"]
        await drive.session.continue_()
        stop = await drive.stop()
        assert stop.startswith("breakpoint Made")
        with pytest.raises(RequestError, match=r"thinned|not of the run"):
            await drive.session.request("flowscope/rewind", span=999_999)
        made = begun(drive, "visit")[-1]["id"]
        await drive.session.set_breakpoints([])
        await drive.session.next()
        assert (await drive.until("stopped"))["text"] == "the run ends here"
        assert (await back(drive, made)).startswith("goto Made")
        assert await shared(drive, "'made' in shared") == "False"
        await drive.session.request("flowscope/rewind", span=inner)
        assert await drive.stop() == "goto Made < Flow < Maker.exec < Flow"
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text().endswith(
            "['made', 'made', 'made', 'made'] {'inner': {'inner': 0, 'made': 1}, 'made': 1}\n"
        )

    await driving(tmp_path, DYNAMIC, work, breakpoints=["Made"], stop_on_entry=False)


THREADS = (
    HEAD
    + """
import threading
class Count(Node):
    def exec(self, prep_res):
        calls.append(threading.current_thread().name)
    def post(self, shared, prep_res, exec_res):
        shared["n"] += 1
class Last(Node): pass
def work(state):
    first, last = Count(), Last()
    first >> last
    Flow(first).run(state)
states = [{"n": 0}, {"n": 10}]
threads = [threading.Thread(target=work, args=(state,), name=f"t{at}") for at, state in enumerate(states)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(calls), states)
"""
)


async def test_a_flow_in_a_thread(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Last < Flow"
        lane = drive.lane
        mine = next(event for event in begun(drive, "visit", "Count") if event["lane"] == lane)
        others = [event for event in begun(drive, "visit", "Count") if event["lane"] != lane]
        for other in others:
            with pytest.raises(RequestError, match="not of the run that is stopped"):
                await drive.session.request("flowscope/rewind", span=other["id"])
        assert await back(drive, mine["id"]) == "goto Count < Flow"
        assert (drive.lane, await shared(drive)) == (lane, "{'n': 0}")
        await drive.session.set_breakpoints([])
        await drive.session.continue_(lane)
        await drive.until("exit")
        assert drive.text().endswith("[{'n': 1}, {'n': 11}]\n")
        assert drive.text().count("'t0'") + drive.text().count("'t1'") == 3

    await driving(tmp_path, THREADS, work, breakpoints=["Last if shared['n'] == 1"], stop_on_entry=False)


ODD = (
    HEAD
    + """
class Stream(BatchNode):
    def prep(self, shared):
        return (n for n in range(3))
    def exec(self, n):
        calls.append(n)
        return n
class Stubborn(Node):
    def exec(self, prep_res):
        for _ in range(2):
            try:
                Flow(Inner()).run({})
            except BaseException:
                calls.append("caught")
class Inner(Node):
    def exec(self, prep_res):
        calls.append("inner")
stream, stubborn = Stream(), Stubborn()
stream >> stubborn >> Node()
state = {"big": "x" * 100, "lock": __import__("threading").Lock()}
Flow(stream).run(state)
print(calls)
"""
)


async def test_what_cannot_be_done_says_why_and_changes_nothing(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        with pytest.raises(RequestError, match="came from an iterator"):
            await back(drive, begun(drive, "item", "Stream")[1]["id"])
        visit = begun(drive, "visit", "Stream")[0]["id"]
        plan = await drive.session.request("flowscope/plan", span=visit)
        assert plan["restored"] == []
        assert "shared['lock'] (_thread.lock) is kept as it is." in plan["kept"]
        value = await drive.session.request("flowscope/value", span=visit, at="shared", path=["big"], count=3)
        assert (value["text"], value["length"], value["type"]) == ("xxx", 100, "str")
        await drive.session.continue_()
        assert (await drive.stop()).startswith("breakpoint Inner")
        assert await back(drive, visit) == "goto Stream < Flow"  # the program has caught it once, in vain
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == f"{[0, 1, 2, 'inner', 'caught', 0, 1, 2, 'inner', 'inner']}\n"

    await driving(tmp_path, ODD, work, breakpoints=["Stubborn", "Inner*2"], stop_on_entry=False)


GROUP = (
    HEAD
    + """
class Group(AsyncBatchNode):
    async def prep_async(self, shared):
        calls.append("prep")
        return [0, 1]
    async def _exec(self, items):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(super(AsyncBatchNode, self)._exec(item)) for item in items]
        return [task.result() for task in tasks]
    async def exec_async(self, item):
        await asyncio.sleep(0.01 * item)
        return item
    async def post_async(self, shared, prep_res, exec_res):
        shared["group"] = exec_res
state = {}
asyncio.run(AsyncFlow(Group()).run_async(state))
print(calls, state)
"""
)


async def test_out_of_a_task_group(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Group[0].exec < AsyncFlow"
        await drive.session.set_breakpoints([])
        assert await back(drive, begun(drive, "visit")[0]["id"]) == "goto Group < AsyncFlow"
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "['prep', 'prep'] {'group': [0, 1]}\n"
        assert drive.notices() == []

    await driving(tmp_path, GROUP, work, breakpoints=["Group[0]"], stop_on_entry=False)


NESTED = (
    HEAD
    + """
class One(Node):
    def prep(self, shared):
        return "prepared"
    def exec(self, prep_res):
        calls.append(f"one {self.params['k']} {prep_res}")
class Two(Node):
    def exec(self, prep_res):
        calls.append(f"two {self.params['k']}")
        if self.params["k"] == 1 and len(calls) < 8: raise ValueError("two")
class Copies(BatchFlow):
    def prep(self, shared):
        return [{"k": k} for k in range(2)]
one, copies = One(), Copies(start=None)
one >> Two()
copies.start_node = one
copies >> Node()
Flow(copies).run({})
print(calls)
"""
)


async def test_twice_into_a_flow_that_was_entered_in_its_midst(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Flow"
        assert await back(drive, begun(drive, "visit", "Two")[1]["id"]) == "goto Two < Copies[1] < Flow"
        kept = begun(drive, "visit", "One")[1]["id"]
        plan = await drive.session.request("flowscope/plan", span=kept)
        assert [row["label"] for row in plan["runsAgain"]] == ["One#2", "Two#2"]
        phase = next(each for each in begun(drive, "exec", "One") if each["parent"] == kept)
        assert await back(drive, phase["id"]) == "goto One.exec < Copies[1] < Flow"
        assert await shared(drive, "prep_res") == "'prepared'"
        told = [event for event in drive.seen if event["type"] == "intervention"]
        assert told[-1]["text"] == "back to the begin of One#2.exec"
        await drive.session.request("setExceptionBreakpoints", filters=[])
        await drive.session.evaluate("calls.extend('xyz')")
        await drive.session.continue_()
        await drive.until("exit")
        made = ["one 0 prepared", "two 0", "one 1 prepared", "two 1", *"xyz", "one 1 prepared", "two 1"]
        assert drive.text() == f"{made}\n"

    await driving(tmp_path, NESTED, work, exceptions=["uncaught"], stop_on_entry=False)
