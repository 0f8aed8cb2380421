"""`flowscope diff` in a terminal: two recordings on screen, and the exit code of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from .terminal import FLOWSCOPE, Terminal

AGENT = """
import sys
from pocketflow import Flow, Node

class Decide(Node):
    def prep(self, shared):
        return shared["turns"]
    def exec(self, turns):
        return "search" if turns < int(sys.argv[1]) else "answer"
    def post(self, shared, prep_res, exec_res):
        shared["turns"] += 1
        return exec_res
class Search(Node):
    pass
class Answer(Node):
    pass

decide, search, answer = Decide(), Search(), Answer()
decide - "search" >> search >> decide
decide - "answer" >> answer
Flow(decide).run({"turns": 0})
"""


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "agent.py").write_text(AGENT)
    for turns in ("1", "2"):
        command = [FLOWSCOPE, "run", "--record", f"{turns}.flowscope", "agent.py", turns]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (160, 50)])
def test_two_recordings_on_screen(recordings: Path, columns: int, lines: int) -> None:
    files = ("1.flowscope", "2.flowscope")
    with Terminal(FLOWSCOPE, "diff", *files, columns=columns, lines=lines, cwd=recordings) as screen:
        screen.until("The same for 2 visits, then another value: result of Decide#2.exec.")
        screen.until("2 differences, number 1 in focus")
        screen.press("n")
        screen.until("number 2 in focus")
        screen.press("N", "enter")
        screen.until("y copy")
        screen.press("escape")
        screen.until("number 1 in focus")
        screen.press("q")
        assert screen.ended() == 1
        assert screen.is_sane()


def test_the_same_recording_twice_and_as_text(recordings: Path) -> None:
    with Terminal(FLOWSCOPE, "diff", "1.flowscope", "1.flowscope", cwd=recordings) as screen:
        screen.until("No difference in 4 visits")
        screen.press("q")
        assert screen.ended() == 0
    with Terminal(FLOWSCOPE, "diff", "--text", "1.flowscope", "2.flowscope", cwd=recordings) as screen:
        assert screen.ended() == 1
        assert "First different action: Decide#2" in screen.text
    with Terminal(FLOWSCOPE, "diff", "1.flowscope", "3.flowscope", cwd=recordings) as screen:
        assert screen.ended() == 2
        assert "3.flowscope does not exist" in screen.text


def test_with_a_recording_while_debugging(recordings: Path) -> None:
    with Terminal(FLOWSCOPE, "agent.py", "2", columns=120, lines=36, cwd=recordings) as screen:
        screen.until("entry: before Decide")
        screen.press("c")
        screen.until("ended: exit code 0")
        screen.press("C")
        screen.until("In this folder: 1.flowscope, 2.flowscope")
        screen.press("1.flowscope", "enter")
        screen.until("agent.py (now) │ 1.flowscope")
        screen.until("Different arguments: 2 in agent.py (now), 1 in 1.flowscope.")
        screen.press("q")
        screen.until("ended: exit code 0")
        screen.press("q")
        assert screen.ended() == 0
