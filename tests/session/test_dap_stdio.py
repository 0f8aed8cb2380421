"""`flowscope dap` over pipes, as an editor would use it, and worse."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from flowscope_engine.debug.frames import frame

from ..patience import SECONDS
from .editor import Editor

PROGRAM = """\
import os, subprocess, sys
from pocketflow import Flow, Node

class Hello(Node):
    def prep(self, shared):
        shared["pid"] = os.getpid()
        print("hello")

class Work(Node):
    def exec(self, prep_res):
        {work}

hello, work = Hello(), Work()
hello >> work
Flow(start=hello).run({{}})
"""


@pytest.fixture
def program(tmp_path: Path) -> Any:
    def write(work: str = "pass") -> str:
        path = tmp_path / "program.py"
        path.write_text(PROGRAM.format(work=work))
        return str(path)

    return write


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").is_dir() else True


def wait_until_dead(pid: int) -> None:
    deadline = time.monotonic() + SECONDS
    while is_alive(pid):
        assert time.monotonic() < deadline, "the program lives on"
        time.sleep(0.02)


def stopped_in(editor: Editor, spec: str, **arguments: Any) -> int:
    """Run to a breakpoint; the pid of the program."""
    assert editor.launch((spec,), **arguments)["success"]
    thread = editor.event("stopped")["threadId"]
    frames = editor.request("stackTrace", threadId=thread)["body"]["stackFrames"]
    value = editor.request("evaluate", expression="shared['pid']", frameId=frames[0]["id"])
    return int(value["body"]["result"])


def test_a_program_runs_to_its_end(editor: Editor, program: Any) -> None:
    assert editor.launch(program=program("sys.exit(4)"))["success"]
    assert editor.event("exited")["exitCode"] == 4
    editor.event("terminated")
    assert "hello" in editor.output()
    assert editor.request("disconnect")["success"]
    assert editor.process.wait(SECONDS) == 0


def test_a_breakpoint_without_a_node_is_told_once_that_is_known(editor: Editor, program: Any) -> None:
    later = "Flow(start=type('Later', (Node,), {})()).run({})"
    assert editor.launch(("Helo", "Work", "Later"), program=program(later))["success"]
    answers = next(m for m in editor.seen if m.get("command") == "setFunctionBreakpoints")["body"]
    ids = [answer["id"] for answer in answers["breakpoints"] if answer["verified"]]
    suggestion = {"id": ids[0], "verified": False, "message": "no node is called so; did you mean Hello?"}
    assert editor.event("breakpoint")["breakpoint"] == suggestion
    assert editor.event("breakpoint")["breakpoint"]["id"] == ids[2]
    assert editor.event("stopped")["hitBreakpointIds"] == [ids[1]]
    assert "Breakpoint 'Helo': no node is called so; did you mean Hello?\n" in editor.output("console")
    answer = editor.request("setFunctionBreakpoints", breakpoints=[{"name": "Wrok"}, {"name": "Later"}])
    assert [bp["verified"] for bp in answer["body"]["breakpoints"]] == [False, False]
    editor.request("continue", threadId=1)
    assert editor.event("breakpoint")["breakpoint"] == {"id": ids[2] + 2, "verified": True}
    assert editor.event("stopped")["hitBreakpointIds"] == [ids[2] + 2]


def test_numbers_of_messages_are_consistent(editor: Editor, program: Any) -> None:
    seqs = []
    receive = editor.receive

    def counted() -> dict[str, Any]:
        message = receive()
        seqs.append(message["seq"])
        return message

    editor.receive = counted  # type: ignore[method-assign]
    editor.launch(program=program())
    editor.event("terminated")
    editor.request("disconnect")
    assert seqs == list(range(1, len(seqs) + 1))


def test_capabilities_are_told_before_a_program_is_known(editor: Editor) -> None:
    body = editor.request("initialize", adapterID="x")["body"]
    assert body["supportsConfigurationDoneRequest"] is True
    assert body["supportsFunctionBreakpoints"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "either program or module"),
        ({"program": "a.py", "module": "a"}, "either program or module"),
        ({"program": 7}, "program is not a string"),
        ({"program": "a.py", "args": "x"}, "args is not a list"),
        ({"program": "a.py", "env": {"A": 1}}, "env is not an object"),
        ({"program": "/no/such/file.py"}, "/no/such/file.py"),
        ({"program": __file__, "python": "/no/such/python"}, "/no/such/python"),
        ({"program": __file__, "cwd": "/no/such/folder"}, "/no/such/folder"),
    ],
)
def test_what_cannot_be_launched_is_told(editor: Editor, arguments: dict[str, Any], words: str) -> None:
    editor.request("initialize", adapterID="x")
    answer = editor.request("launch", **arguments)
    assert not answer["success"]
    assert words in answer["message"]
    assert words in answer["body"]["error"]["format"]


def test_requests_at_the_wrong_time_are_refused(editor: Editor, program: Any) -> None:
    assert "before initialize" in editor.request("launch", program=program())["message"]
    editor.request("initialize", adapterID="x")
    assert "use launch" in editor.request("attach", port=1)["message"]
    assert "No program" in editor.request("threads")["message"]
    assert editor.launch(program=program())["success"]
    assert "already" in editor.request("launch", program=program())["message"]
    editor.event("terminated")


def test_malformed_frames_are_answered_and_survived(editor: Editor, program: Any) -> None:
    for garbage in (
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 3\r\n\r\n{x}",
        b"Content-Length: 2\r\n\r\n[]",
    ):
        editor.write(garbage)
        answer = editor.receive()
        assert (answer["type"], answer["success"]) == ("response", False)
        assert answer["message"]
    editor.write(frame({"seq": 9, "type": "request"}))
    assert editor.receive()["request_seq"] == 9
    assert editor.launch(program=program())["success"]
    editor.event("terminated")


def test_the_debuggees_own_writing_does_not_disturb(editor: Editor, program: Any) -> None:
    work = "os.write(1, b'raw'); subprocess.run([sys.executable, '-c', 'print(\"child\")'])"
    assert editor.launch(program=program(work))["success"]
    editor.event("terminated")
    assert "raw" in editor.output()
    assert "child" in editor.output()


def test_arguments_cwd_and_environment(editor: Editor, program: Any, tmp_path: Path) -> None:
    work = "print(sys.argv[1:], os.getcwd(), os.environ['COLOUR'])"
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    editor.launch(program=program(work), args=["a b", "-c"], cwd=str(folder), env={"COLOUR": "ü"})
    editor.event("terminated")
    assert f"['a b', '-c'] {folder} ü" in editor.output()


def test_a_module(editor: Editor, program: Any, tmp_path: Path) -> None:
    program()
    editor.launch(module="program", cwd=str(tmp_path))
    assert editor.event("exited")["exitCode"] == 0
    editor.event("terminated")
    assert "hello" in editor.output()


def test_no_debug_does_not_stop(editor: Editor, program: Any) -> None:
    editor.launch(("Work",), program=program(), noDebug=True, stopOnEntry=True)
    editor.event("terminated")
    assert not [m for m in editor.seen if m.get("event") == "stopped"]


def test_a_killed_program_is_told(editor: Editor, program: Any) -> None:
    editor.launch(program=program("os.kill(os.getpid(), 9)"))
    assert editor.event("exited")["exitCode"] == 128 + signal.SIGKILL
    editor.event("terminated")
    assert "SIGKILL" in editor.output("important")
    assert "ended" in editor.request("threads")["message"]


def test_a_request_under_way_when_the_program_ends_is_answered(editor: Editor, program: Any) -> None:
    stopped_in(editor, "Work", program=program())
    seq = editor.send("evaluate", expression="os._exit(3)")
    assert editor.answer_to(seq)["message"] == "The program has ended."
    assert editor.event("exited")["exitCode"] == 3


@pytest.mark.parametrize("goodbye", ["disconnect", "terminate", "end of input", "signal"])
def test_every_goodbye_ends_the_program(editor: Editor, program: Any, goodbye: str) -> None:
    pid = stopped_in(editor, "Work", program=program())
    assert is_alive(pid)
    if goodbye in ("disconnect", "terminate"):
        assert editor.request(goodbye)["success"]
    elif goodbye == "signal":
        editor.process.send_signal(signal.SIGTERM)
    else:
        assert editor.process.stdin is not None
        editor.process.stdin.close()
    wait_until_dead(pid)
    if goodbye == "terminate":
        editor.event("terminated")
    else:
        editor.process.wait(SECONDS)


def test_an_endless_loop_is_ended(editor: Editor, program: Any) -> None:
    pid = stopped_in(editor, "Work", program=program("while True: pass"))
    editor.request("continue", threadId=1)
    assert editor.request("disconnect")["success"]
    wait_until_dead(pid)


def test_an_editor_steps_back_and_restarts_a_frame(editor: Editor, program: Any) -> None:
    def stopped() -> tuple[str, list[dict[str, Any]]]:
        body = editor.event("stopped")
        thread = body["threadId"]
        frames = editor.request("stackTrace", threadId=thread)["body"]["stackFrames"]
        return body["reason"], frames

    editor.launch(("Work.exec",), program=program("print('work')"))
    reason, frames = stopped()
    assert (reason, frames[0]["name"]) == ("function breakpoint", "Work.exec")
    assert editor.request("stepBack", threadId=1)["success"]
    reason, frames = stopped()
    assert (reason, frames[0]["name"], frames[0]["canRestart"]) == ("goto", "Work", True)
    assert editor.request("stepBack", threadId=1)["success"]
    assert stopped()[1][0]["name"] == "Hello.prep"
    editor.request("continue", threadId=1)
    reason, frames = stopped()
    assert frames[0]["name"] == "Work.exec"
    assert editor.request("restartFrame", frameId=frames[0]["id"])["success"]
    assert stopped()[1][0]["name"] == "Work"
    editor.request("setFunctionBreakpoints", breakpoints=[])
    editor.request("continue", threadId=1)
    editor.event("terminated")
    assert editor.output().splitlines() == ["hello", "hello", "work"]
