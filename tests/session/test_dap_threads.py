"""What an editor is told of lanes, which are DAP's threads, and how it lets one of them go on alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .editor import Editor

LANES = """
import asyncio
from pocketflow import AsyncFlow, AsyncParallelBatchNode

class Work(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return range({count})

    async def exec_async(self, item):
        await asyncio.sleep(0)
        print(item)

    async def post_async(self, shared, prep_res, exec_res):
        pass

asyncio.run(AsyncFlow(Work()).run_async({{}}))
"""


def stopped(editor: Editor, spec: str, folder: Path, count: int, runs: int = 1) -> int:
    """Run to a breakpoint; the thread that stopped there."""
    program = folder / "lanes.py"
    program.write_text(LANES.format(count=count) * runs)
    assert editor.launch((spec,), program=str(program))["success"]
    return int(editor.event("stopped")["threadId"])


def threads(editor: Editor) -> dict[str, int]:
    return {thread["name"]: thread["id"] for thread in editor.request("threads")["body"]["threads"]}


def top(editor: Editor, thread: int) -> dict[str, Any]:
    frame: dict[str, Any] = editor.request("stackTrace", threadId=thread)["body"]["stackFrames"][0]
    return frame


def results(editor: Editor, thread: int) -> dict[str, str]:
    found = {}
    for scope in editor.request("scopes", frameId=top(editor, thread)["id"])["body"]["scopes"]:
        if scope["name"].endswith("result"):
            reference = scope["variablesReference"]
            variables = editor.request("variables", variablesReference=reference)["body"]["variables"]
            found |= {variable["name"]: variable["value"] for variable in variables}
    return found


def test_one_thread_goes_on_alone_and_then_the_others(editor: Editor, tmp_path: Path) -> None:
    assert editor.request("initialize")["body"]["supportsSingleThreadExecutionRequests"]
    last = stopped(editor, "Work[2].exec", tmp_path, 3)
    lanes = threads(editor)
    answer = editor.request("continue", threadId=last, singleThread=True)
    assert answer["body"] == {"allThreadsContinued": False}
    while editor.output() != "2\n":
        editor.receive()
    assert top(editor, lanes["Work[0]"])["name"] == "Work[0].exec", "it can be looked into"
    editor.request("continue", threadId=lanes["Work[0]"], singleThread=True)
    while editor.output() != "2\n0\n":
        editor.receive()
    answer = editor.request("continue", threadId=lanes["main"])
    assert answer["body"] == {"allThreadsContinued": True}
    editor.event("terminated")
    assert editor.output() == "2\n0\n1\n"


def test_who_went_alone_once_takes_no_later_hold_away(editor: Editor, tmp_path: Path) -> None:
    thread = stopped(editor, "Work[2].exec", tmp_path, 3, runs=2)
    editor.request("continue", threadId=thread, singleThread=True)
    while editor.output() != "2\n":
        editor.receive()
    editor.request("continue", threadId=threads(editor)["main"])
    thread = editor.event("stopped")["threadId"]
    held = threads(editor)["Work[0]"]
    editor.request("flowscope/hold", lane=held - 1)
    editor.request("continue", threadId=thread)
    while editor.output().count("\n") < 5:
        editor.receive()
    assert editor.output() == "2\n0\n1\n1\n2\n"
    assert top(editor, held)["name"] == "Work[0].exec"


def test_of_very_many_lanes_the_stopped_one_is_told_and_equal_ones_are_one(
    editor: Editor,
    tmp_path: Path,
) -> None:
    thread = stopped(editor, "Work[1999].exec", tmp_path, 2000)
    told = threads(editor)
    assert len(told) <= 1024
    assert told["Work[1999]"] == thread
    assert "Work: 978 more" in told


def test_a_result_is_told_once_its_phase_has_returned(editor: Editor, tmp_path: Path) -> None:
    thread = stopped(editor, "Work", tmp_path, 1)
    assert results(editor, thread) == {"prep_res": "not known yet", "exec_res": "not known yet"}
    editor.request("setFunctionBreakpoints", breakpoints=[{"name": "Work.post"}])
    editor.request("continue", threadId=thread)
    thread = editor.event("stopped")["threadId"]
    assert results(editor, thread) == {"prep_res": "range(0, 1)", "exec_res": "[None]"}
