"""The whole point: an agent fails in its last node, is repaired, and finishes; no call is paid for twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .terminal import FLOWSCOPE, Terminal

AGENT = """
from flowscope_engine import Flow, Node

def call_llm(prompt):
    with open("calls", "a") as calls:
        calls.write(prompt + " ")
    return prompt.upper()

class Decide(Node):
    def prep(self, shared):
        return len(shared["facts"])
    def exec(self, known):
        return call_llm(f"decide{known}")
    def post(self, shared, known, reply):
        return "search" if known < 2 else "answer"

class Search(Node):
    def exec(self, prep_res):
        return call_llm("search")
    def post(self, shared, prep_res, fact):
        shared["facts"].append(fact)

class Answer(Node):
    def exec(self, prep_res):
        return call_lmm("answer")
    def post(self, shared, prep_res, reply):
        shared["answer"] = reply

decide, search, answer = Decide(), Search(), Answer()
decide - "search" >> search >> decide
decide - "answer" >> answer
shared = {"facts": []}
Flow(decide).run(shared)
print("it says", shared["answer"])
"""

PAID = "decide0 search decide1 search decide2 "


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that corrects the name of the function."""
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys, pathlib\n"
        "path = pathlib.Path(sys.argv[-1])\n"
        "path.write_text(path.read_text().replace('call_lmm', 'call_llm'))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")


@pytest.mark.usefixtures("editor")
def test_repaired_where_it_failed(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(AGENT)
    with Terminal(FLOWSCOPE, "agent.py", columns=120, lines=36, cwd=tmp_path) as screen:
        screen.until("entry: before Decide")
        screen.press("c")
        screen.until("NameError in Answer.exec")
        screen.press("e")
        screen.until("Repaired: Answer")
        screen.press("y")
        screen.until("ended: exit code 0")
        assert (tmp_path / "calls").read_text() == PAID + "answer "
        screen.press("k")
        screen.until("it says ANSWER")
        screen.press("q")
        assert screen.ended() == 0


@pytest.mark.usefixtures("editor")
def test_repaired_from_a_recording(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(AGENT)
    with Terminal(
        FLOWSCOPE, "run", "--record", "run.flowscope", "agent.py", columns=120, cwd=tmp_path
    ) as screen:
        assert screen.ended() == 1
    assert (tmp_path / "calls").read_text() == PAID
    with Terminal(FLOWSCOPE, "open", "run.flowscope", columns=120, lines=36, cwd=tmp_path) as screen:
        screen.until("ended: exit code 1")
        screen.until("call_lmm")
        screen.press("e")
        screen.until("was saved: r starts the program with it")
        screen.press("r")
        screen.until("Start the program?")
        screen.press("y")
        screen.until("reached: before Answer")
        screen.press("c")
        screen.until("ended: exit code 0")
        assert (tmp_path / "calls").read_text() == PAID + "answer "
        screen.press("q")
        assert screen.ended() == 0
        assert screen.is_sane()


ITEMS = """
from pocketflow import BatchNode, Flow
calls = []
class Many(BatchNode):
    def prep(self, shared):
        return ["a", "b", "c"]
    def exec(self, item):
        calls.append(item)
        if calls == ["a", "b"]:
            raise ValueError("no item")
    def post(self, shared, prep_res, exec_res):
        print("called", *calls)
Flow(Many()).run({})
"""


def test_from_the_past_straight_into_a_batch_item(tmp_path: Path) -> None:
    (tmp_path / "items.py").write_text(ITEMS)
    with Terminal(FLOWSCOPE, "--no-stop-on-entry", "items.py", columns=100, lines=30, cwd=tmp_path) as screen:
        screen.until("ValueError in Many[1].exec (uncaught)")
        screen.until("r rewind")  # in the footer, at an error and in the past
        screen.press("[", "[", "[")  # the ends of the visit, of its exec, of the item
        screen.until(": after Many[1].exec · > now")
        screen.until("Node ◀ past")
        screen.until("r rewind")
        screen.press("r")
        screen.until("Rewind to the begin of Many[1].exec")
        screen.press("enter")
        screen.until("reached: before Many[1].exec")
        screen.press("c")
        screen.until("ended: exit code 0")
        screen.press("k")
        screen.until("called a b b c")
