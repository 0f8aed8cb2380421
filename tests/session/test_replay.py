"""Programs run again from recordings of themselves, by the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from flowscope.recording.answers import answers
from flowscope.session.launch import LaunchSpec
from flowscope.session.session import Session

from .drive import Drive
from .test_rewind import back, begun

PROGRAM = """
import asyncio, os, sys
from collections import deque
from pocketflow import *

def called(what):
    with open("calls", "a") as file:
        file.write(f"{what}\\n")

class Ask(Node):
    def prep(self, shared):
        return shared["question"], shared["turn"]
    def exec(self, prep_res):
        called("ask")
        return {"text": "x" * 5_000, 1: {2.5, 0.1 + 0.2}, "raw": b"\\xff" * 99, "seen": deque([prep_res], 3)}
    def post(self, shared, prep_res, exec_res):
        shared["answers"].append(exec_res)
        shared["turn"] += 1
        return "again" if shared["turn"] < 3 else "default"
class Many(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        return [1, 2, 3]
    async def exec_async(self, item):
        called(f"item {item}")
        await asyncio.sleep(0)
        return -0.0 if item == 1 else 10 ** 30
    async def post_async(self, shared, prep_res, exec_res):
        shared["many"] = exec_res
class Opaque(Node):
    def exec(self, prep_res):
        called("opaque")
        return object
class Copies(BatchFlow):
    def prep(self, shared):
        return [{"k": 1}, {"k": 2}]
class Copy(Node):
    def prep(self, shared):
        return self.params["k"]
    def exec(self, k):
        called(f"copy {k}")
        return k * 2
    def post(self, shared, prep_res, exec_res):
        shared["copies"] = [*shared.get("copies", ()), exec_res]
class Last(Node):
    def prep(self, shared):
        return shared["question"]
    def exec(self, question):
        called("last")
        if os.environ.get("BROKEN"):
            raise ValueError("broken")
        return question
    def post(self, shared, prep_res, exec_res):
        shared["last"] = exec_res

ask, many, opaque, last = Ask(), Many(), Opaque(), Last()
ask - "again" >> ask
ask >> many >> opaque >> Copies(Copy()) >> last
state = {"question": sys.argv[1], "turn": 0, "answers": []}
asyncio.run(AsyncFlow(ask).run_async(state))
print(repr(state))
"""


def run(
    folder: Path, *options: str, question: str = "why", program: str = PROGRAM, **env: str
) -> tuple[str, list[str], list[Any]]:
    """Output, the calls that were made, and the events."""
    (folder / "program.py").write_text(program)
    (folder / "calls").write_text("")
    command = [sys.executable, "-m", "flowscope.cli", "run", "--json", *options, "program.py", question]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **env})
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return done.stderr, (folder / "calls").read_text().split("\n")[:-1], events


def notices(events: list[Any]) -> list[str]:
    return [event["text"] for event in events if event["type"] == "notice"]


CALLS = ["ask"] * 3 + ["item 1", "item 2", "item 3", "opaque", "copy 1", "copy 2", "last"]


OPAQUE = "Opaque runs again: its result could not be recorded exactly."


def test_a_program_runs_again_without_its_execs(tmp_path: Path) -> None:
    first, calls, _ = run(tmp_path, "--record", "first")
    assert calls == CALLS
    again, calls, events = run(tmp_path, "--replay", "first")
    assert calls == ["opaque"]
    assert again == first
    assert notices(events) == [
        OPAQUE,
        "Replay of first: 9 execs answered, 1 run live, "
        "1 of them because their values cannot be written down exactly.",
    ]
    replayed = [event for event in events if event.get("replayed")]
    assert len(replayed) == 9


def test_it_goes_live_at_the_first_difference(tmp_path: Path) -> None:
    run(tmp_path, "--record", "first")
    _, calls, events = run(tmp_path, "--replay", "first", question="how")
    assert calls == CALLS
    assert notices(events)[0] == (
        "The replay ends here: the prep result of Ask is not the one in first. From here on exec runs live."
    )


def test_a_run_that_failed_goes_on_live_where_it_had_failed(tmp_path: Path) -> None:
    _, calls, _ = run(tmp_path, "--record", "first", BROKEN="1")
    assert calls == CALLS
    text, calls, events = run(tmp_path, "--replay", "first", "--record", "first")
    assert calls == ["opaque", "last"]
    assert "'last': 'why'" in text
    assert notices(events)[0] == "first held a recording: it is first.1 now."
    assert notices(events)[1] == OPAQUE
    assert "no result for Last" in notices(events)[2]
    assert run(tmp_path, "--replay", "first")[1] == ["opaque"]  # what was replayed is recorded again


def test_an_exec_that_was_edited_since_runs_live(tmp_path: Path) -> None:
    run(tmp_path, "--record", "first")
    moved = PROGRAM.replace("class Copies", "# longer by a line\nclass Copies")
    assert run(tmp_path, "--replay", "first", program=moved)[1] == ["opaque"]
    repaired = moved.replace("return k * 2", "return k * 3").replace('shared["last"] = ', 'shared["end"] = ')
    text, calls, events = run(tmp_path, "--replay", "first", "--record", "second", program=repaired)
    assert calls == ["opaque", "copy 1", "copy 2"]
    assert "'copies': [3, 6]" in text
    assert notices(events) == [
        OPAQUE,
        "Copy.exec was edited since the recording: it runs live.",
        "Replay of first: 7 execs answered, 3 run live, 2 of them because their code was edited, "
        "1 of them because their values cannot be written down exactly.",
    ]
    assert run(tmp_path, "--replay", "second", program=repaired)[1] == ["opaque"]


def test_a_recording_that_does_not_tell_its_code_answers_as_before(tmp_path: Path) -> None:
    run(tmp_path, "--record", "first")
    events = [json.loads(line) for line in (tmp_path / "first").read_text().splitlines()]
    for node in [node for event in events if event["type"] == "graph" for node in event["nodes"]]:
        del node["code"]
    (tmp_path / "first").write_text("".join(f"{json.dumps(event)}\n" for event in events))
    edited = PROGRAM.replace("return k * 2", "return k * 3")
    _, calls, events = run(tmp_path, "--replay", "first", program=edited)
    assert calls == ["opaque"]
    assert notices(events)[0] == "first is an older one: an exec edited since then is answered all the same."


def test_what_is_no_recording_for_a_replay_is_told(tmp_path: Path) -> None:
    (tmp_path / "old").write_text('{"type":"header","version":1}\n')
    text, calls, _ = run(tmp_path, "--replay", "old")
    assert text == "flowscope: old holds no exact results; record it again with --record old.\n"
    assert calls == []


async def test_repaired_code_and_what_is_retried_run_live(tmp_path: Path) -> None:
    run(tmp_path, "--record", "first", BROKEN="1")
    (tmp_path / "calls").write_text("")
    script = tmp_path / "program.py"
    spec = LaunchSpec(
        script=script.name,
        args=["why"],
        cwd=tmp_path,
        answers=answers(tmp_path / "first"),
        env={"BROKEN": "1"},
    )
    session = Session(spec, stop_on_entry=False)
    await session.start()
    drive = Drive(session)
    assert await drive.stop() == "exception AsyncFlow"
    script.write_text(
        PROGRAM.replace("return k * 2", "return k * 3").replace('raise ValueError("broken")', "pass")
    )
    assert sorted((await session.request("flowscope/reload"))["changed"]) == ["Copy", "Last"]
    await back(drive, begun(drive, "visit", "Copies")[0]["id"])
    await session.continue_()
    await drive.until("exit")
    await session.close()
    assert (tmp_path / "calls").read_text().split() == ["opaque", "last", "copy", "1", "copy", "2", "last"]
    assert "'copies': [3, 6]" in drive.text()
