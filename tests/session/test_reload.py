"""Repaired source taken over while the program stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowscope.session.client import RequestError

from .drive import Drive, driving
from .test_rewind import HEAD, begun, shared

AGENT = (
    HEAD
    + """
import tools
class Think(Node):
    def exec(self, prep_res):
        calls.append("think")
        return "idea"
    def post(self, shared, prep_res, exec_res):
        shared["idea"] = exec_res
class Write(Node):
    tone = "calm"
    def prep(self, shared):
        return shared["idea"]
    def exec(self, idea, mark="!"):
        calls.append("write")
        return tools.polish(idea).lower() + missing
    def post(self, shared, prep_res, exec_res):
        shared["text"] = exec_res
first, write = Think(), Write()
before = Write.exec
first >> Think() >> Think() >> Think() >> write
state = {}
Flow(first).run(state)
print(calls, state, Write.exec is before)
"""
)


async def test_a_bug_in_the_last_node_is_repaired_and_no_exec_is_repeated(tmp_path: Path) -> None:
    script, tools = tmp_path / "program.py", tmp_path / "tools.py"
    tools.write_text("def polish(text):\n    return text.upper()\n")

    async def work(drive: Drive) -> None:
        await drive.stop()
        source = script.read_text()
        script.write_text(source.replace("lower() + missing", "lower( + missing"))
        with pytest.raises(RequestError, match=r"program.py, line \d+: .*nothing was changed"):
            await drive.session.request("flowscope/reload")
        script.write_text(
            source.replace("    def exec(self, idea, mark", "    # repaired\n    def exec(self, idea, mark")
            .replace('"!"', '"?"')
            .replace("lower() + missing", "title() + mark + self.end()")
            .replace("    tone =", "    def end(self):\n        return self.tone\n    tone =")
        )
        tools.write_text("def polish(text):\n    return text * 2\n")
        answer = await drive.session.request("flowscope/reload")
        assert sorted(answer["changed"]) == ["Write", "polish"]
        assert (await drive.session.request("flowscope/reload"))["changed"] == []
        await drive.session.request("flowscope/intervene", kind="retry", span=begun(drive, "visit")[-1]["id"])
        await drive.until("exit")
        calls = ["think"] * 4 + ["write"] * 2
        assert drive.text() == f"{calls} {{'idea': 'idea', 'text': 'Ideaidea?calm'}} True\n"
        kinds = [event["kind"] for event in drive.seen if event["type"] == "intervention"]
        assert kinds == ["reload", "retry"]
        place = [event for event in drive.seen if event["type"] == "begin" and event["kind"] == "exec"][-1]
        assert script.read_text().splitlines()[place["line"] - 1].startswith("    def exec(self, idea")

    await driving(tmp_path, AGENT, work, exceptions=["uncaught"], stop_on_entry=False)


PARTS = (
    HEAD
    + """
def loud(function):
    import functools
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args) + "!"
    return wrapper
class Base(Node):
    def prep(self, shared):
        return "base"
class Work(Base):
    @loud
    def prep(self, shared):
        return "old"
    @staticmethod
    def fixed(): return "old"
    @property
    def shown(self): return "old"
    def exec(self, prep_res):
        return prep_res, self.fixed(), self.shown
    def exec_fallback(self, prep_res, error):
        return "old fallback"
    def post(self, shared, prep_res, exec_res):
        shared["result"] = exec_res
work = Work()
Flow(work).run({})
Flow(work).run(state := {})
print(state)
"""
)


async def test_wrappers_properties_super_and_what_takes_a_restart(tmp_path: Path) -> None:
    script = tmp_path / "program.py"

    async def work(drive: Drive) -> None:
        await drive.stop()
        source = script.read_text().replace('return "old"', 'return "new"')
        source = source.replace(
            "        return prep_res, self", "        return super().prep({}), prep_res, self"
        )
        fallback = source.index("    def exec_fallback")
        source = source[:fallback] + source[source.index("    def post") :]
        script.write_text(source + "\nclass Late(Node): pass\n")
        answer = await drive.session.request("flowscope/reload", path=str(script))
        assert answer["changed"] == ["Work"]
        assert answer["message"] == "The new class Late is there after a restart."
        assert await shared(drive, "'exec_fallback' in vars(type(self))") == "False"
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "{'result': ('base', 'new!', 'new', 'new')}\n"

    await driving(tmp_path, PARTS, work, breakpoints=["Work*2"], stop_on_entry=False)
