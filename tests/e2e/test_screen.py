"""The real command in a pseudo-terminal, by keyboard alone."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

import pytest

from ..patience import SECONDS
from .terminal import FLOWSCOPE, Terminal

AGENT = """
import os, sys
from pocketflow import Flow, Node
print("pid", os.getpid())
class Decide(Node):
    def prep(self, shared):
        return shared["turns"]
    def exec(self, turns):
        return "search" if turns < 2 else "answer"
    def post(self, shared, prep_res, exec_res):
        shared["turns"] += 1
        return exec_res
class Search(Node):
    pass
class Answer(Node):
    def exec(self, prep_res):
        if "--fail" in sys.argv:
            raise LookupError("nothing found")
        while "--spin" in sys.argv:
            pass
decide, search, answer = Decide(), Search(), Answer()
decide - "search" >> search >> decide
decide - "answer" >> answer
Flow(decide).run({"turns": 0})
print("done")
"""


@pytest.fixture
def agent(tmp_path: Path) -> str:
    script = tmp_path / "agent.py"
    script.write_text(AGENT)
    return str(script)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (160, 50)])
def test_stepping_to_the_end_and_out(agent: str, columns: int, lines: int) -> None:
    with Terminal(FLOWSCOPE, agent, columns=columns, lines=lines) as screen:
        screen.until("entry: before Decide")
        screen.press("s")
        screen.until("step: before Decide.prep")
        screen.press("n")
        screen.until("step: before Decide.exec")
        screen.press("n")
        screen.until("step: before Decide.post")
        screen.press("n")
        screen.until("step: before Search")
        screen.press("c")
        screen.until("ended: exit code 0")
        screen.press("R")
        screen.until("entry: before Decide")
        screen.press("q", "q")
        assert screen.ended() == 0
        assert screen.is_sane()


def test_a_breakpoint_is_kept_for_the_next_session(agent: str) -> None:
    with Terminal(FLOWSCOPE, "--break", "Search", agent) as screen:
        screen.until("entry: before Decide")
        screen.press("c")
        screen.until("breakpoint: before Search")
        screen.press("b")
        screen.until("Search")
        screen.press("q", "q")
        screen.ended()


def test_an_error_is_shown_where_it_came_from(agent: str) -> None:
    with Terminal(FLOWSCOPE, agent, "--fail", columns=120, lines=40) as screen:
        screen.until("entry: before Decide")
        screen.press("c")
        screen.until("LookupError")
        screen.press("c")
        screen.until("ended: exit code 1")
        screen.press("q")
        assert screen.ended() == 0
        assert screen.is_sane()


def test_an_endless_loop_can_be_ended(agent: str) -> None:
    with Terminal(FLOWSCOPE, agent, "--spin") as screen:
        screen.until("entry: before Decide")
        screen.press("c")
        screen.until("running Answer.exec")
        screen.press("p")
        screen.until("pausing: Answer.exec is still running")
        screen.press("X")
        screen.until("killed by SIG")
        screen.press("q")
        screen.ended()
        assert screen.is_sane()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_a_sane_terminal_and_no_orphan(agent: str, number: signal.Signals) -> None:
    with Terminal(FLOWSCOPE, agent) as screen:
        screen.until("entry: before Decide")
        debuggee = _children(screen.process.pid)
        assert debuggee
        screen.process.send_signal(number)
        assert screen.ended() == 128 + number
        assert screen.is_sane()
        _wait_for_end(debuggee)


def test_a_killed_debugger_leaves_no_orphan(agent: str) -> None:
    with Terminal(FLOWSCOPE, agent) as screen:
        screen.until("entry: before Decide")
        debuggee = _children(screen.process.pid)
        screen.process.kill()
        screen.ended()
        _wait_for_end(debuggee)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for_end(pids: list[int]) -> None:
    for pid in pids:
        try:
            end = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ready, _, _ = select.select([end], [], [], SECONDS)
        os.close(end)
        assert ready, f"process {pid} lives on"


def test_a_locale_without_unicode_gets_ascii(agent: str) -> None:
    with Terminal(FLOWSCOPE, agent, LC_ALL="C") as screen:
        screen.until("entry: before Decide")
        screen.press("n")
        text = screen.until("step: before Search")
        assert text.isascii()
        screen.press("q", "q")
        assert screen.ended() == 0


def test_an_editor_that_is_not_there_is_told(agent: str) -> None:
    with Terminal(FLOWSCOPE, agent, EDITOR="/no/such/editor", VISUAL="") as screen:
        screen.until("entry: before Decide")
        screen.press("e")
        screen.until("/no/such/editor cannot be started")
        screen.press("n")
        screen.until("step: before Search")
        Path(agent).write_text("def broken(:")
        screen.press("R")
        screen.until("is not valid Python")
        screen.press("n")
        screen.until("step: before Decide#2")
        screen.press("q", "q")
        assert screen.ended() == 0
