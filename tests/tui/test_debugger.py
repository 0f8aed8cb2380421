"""A real program behind the screen: started, stepped, started again, recorded."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from flowscope.recorded import tell
from flowscope.recording import read
from flowscope.session.launch import LaunchSpec
from flowscope.tui import debugger as debugger_module
from flowscope.tui.debugger import Debugger

from ..patience import SECONDS

PROGRAM = """
import sys
from pocketflow import Flow, Node
class Step(Node):
    def post(self, shared, prep_res, exec_res):
        print("went", flush=True)
step = Step()
step >> Step()
Flow(step).run({})
"""


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not holds():
            await asyncio.sleep(0.01)


async def test_started_again_and_recorded_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    script, record = tmp_path / "program.py", tmp_path / "run.flowscope"
    script.write_text(PROGRAM)
    debugger = Debugger.of(LaunchSpec(str(script)), record=record)
    await debugger.start()
    pump = asyncio.create_task(debugger.pump())
    try:
        await _until(lambda: debugger.phase == "stopped")
        await debugger.go("next", 0)
        again = asyncio.create_task(debugger.restart())
        await _until(lambda: debugger.restarting)
        await debugger.restart()  # asked for twice: once is enough
        assert debugger.phase == "starting"
        assert not debugger.is_live
        await again
        await _until(lambda: debugger.phase == "stopped")
        assert debugger.generation == 1
        assert not debugger.model.visits[1:]
        await debugger.go("continue_", 0)
        await _until(lambda: debugger.phase == "ended")
        debugger.breakpoints.add("Step.post*2")
        await debugger.restart()
        await _until(lambda: debugger.phase == "stopped")
        await debugger.go("continue_", 0)
        await _until(lambda: debugger.phase == "stopped" and len(debugger.model.visits) == 2)
        await debugger.go("continue_", 0)
        await _until(lambda: debugger.phase == "ended")
    finally:
        await debugger.close()
        await pump
    one, two = list(read(tmp_path / "run.2.flowscope")), list(read(record))
    assert one[-1]["type"] == two[-1]["type"] == "exit"
    assert [event["text"] for event in two if event["type"] == "output"] == ["went\n", "went\n"]


async def test_a_step_asked_for_ahead_waits_for_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(debugger_module, "_SETTLE", SECONDS)
    (tmp_path / "program.py").write_text(PROGRAM)
    debugger = Debugger.of(LaunchSpec(str(tmp_path / "program.py")))
    await debugger.start()
    pump = asyncio.create_task(debugger.pump())
    try:
        await _until(lambda: debugger.phase == "stopped")
        await asyncio.gather(debugger.go("next", 0), debugger.go("next", 0))
        assert debugger.model.stopped[0].text == "the run ends here"
    finally:
        await debugger.close()
        await pump


async def test_what_the_user_did_is_in_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    script, record = tmp_path / "program.py", tmp_path / "run.flowscope"
    script.write_text(PROGRAM)
    debugger = Debugger.of(LaunchSpec(str(script)), record=record)
    await debugger.start()
    pump = asyncio.create_task(debugger.pump())
    try:
        await _until(lambda: debugger.phase == "stopped")
        await debugger.request("evaluate", expression="shared['by'] = 'hand'", context="repl")
        await debugger.request("flowscope/intervene", kind="answer", value="[1, 2]")
        await debugger.go("next", 0)
        await _until(lambda: debugger.phase == "stopped" and len(debugger.model.visits) == 2)
        await debugger.request("flowscope/rewind", span=debugger.model.visits[0].id)
        await _until(lambda: debugger.phase == "stopped" and len(debugger.model.visits) == 3)
        await debugger.go("continue_", 0)
        await _until(lambda: debugger.phase == "ended")
    finally:
        await debugger.close()
        await pump
    done = [event for event in read(record) if event["type"] == "intervention"]
    assert [event["kind"] for event in done] == ["edit", "answer", "rewind"]
    assert done[1]["value"] == [1, 2]
    told = io.StringIO()
    tell(record, told, print)
    assert [line.strip() for line in told.getvalue().splitlines() if "by hand" in line] == [
        "by hand: shared['by'] = 'hand'",
        "by hand: Step (step).exec is answered: [1, 2]",
        "by hand: back to the begin of Step (step)",
    ]
