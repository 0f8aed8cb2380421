"""The step log, read as its user reads it."""

from __future__ import annotations

import io
import re

import pytest

from flowscope import headless
from flowscope.headless import Log
from flowscope.model import Graph, Model

from .model.story import AGENT, AGENT_EDGES, BOOM, Story, node


@pytest.fixture(autouse=True)
def plain_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(graph: Graph) -> str:
        return "graph of " + " ".join(str(each["label"]) for each in graph.nodes)

    monkeypatch.setattr(headless, "_draw", draw)


class Tale(Story):
    """A story whose log is kept."""

    def __init__(self) -> None:
        model = Model()
        self.stream = io.StringIO()
        self.log = Log(model, self.stream)
        super().__init__(self.log.write, model)

    def lines(self) -> list[str]:
        """The log, with runs of blanks made one and times left out."""
        text = re.sub(r"(?<=\S)  +", " ", self.stream.getvalue())
        return re.sub(r" [\d.]+ (µs|ms|s|min \d+ s)(?=[\s,]|$)", "", text).splitlines()


def started(*nodes: dict[str, object], edges: list[tuple[str, str, str]] = AGENT_EDGES) -> tuple[Tale, int]:
    tale = Tale()
    tale.graph(1, [*AGENT, *nodes], *edges)
    return tale, tale.begin("run", "f1")


def test_an_agent() -> None:
    tale, run = started()
    tale.change(run, "set", value={"question": "?", "old": 1})
    visit = tale.begin("visit", "n1", run)
    post = tale.begin("post", "n1", visit)
    tale.change(post, "add", "context", value=[])
    tale.change(post, "set", "user", "name", value="b", old="a")
    tale.change(post, "remove", "old", old=1)
    tale.end(post)
    tale.end(visit, action="search")
    tale.visit("n2", run)
    tale.visit("n1", run, "answer", visit=2)
    tale.visit("n3", run, "done")
    tale.end(run, action="done")
    tale.tell("exit", code=0, error=None)
    lines = tale.lines()
    assert lines[:9] == [
        "graph of Flow Decide Search Answer",
        "",
        "Flow",
        "  ✓ Decide → search +context ~user.name -old",
        "  ✓ Search",
        "  ✓ Decide#2 → answer",
        "  ✓ Answer → done",
        "✓ Flow → done",
        "",
    ]
    assert lines[9] == "1 run, 4 visits,"
    assert [line.split()[0] for line in lines[10:]] == ["node", "Decide", "Search", "Answer", "exit"]
    assert lines[-1] == "exit code 0"


def test_columns_line_up() -> None:
    tale, run = started()
    tale.visit("n1", run, "search")
    tale.visit("n2", run)
    lines = tale.stream.getvalue().splitlines()[3:]
    assert len({line.index("µs") for line in lines}) == 1


def test_a_nested_flow_and_a_batch_flow() -> None:
    tale, run = started(node("f2", "Each", "BatchFlow"), node("n4", "Load", parent="f2"), edges=[])
    flow = tale.begin("visit", "f2", run)
    for index in range(2):
        item = tale.begin("item", "f2", flow, item=index, value={"file": f"{index}.txt"})
        tale.visit("n4", item)
        tale.end(item)
    tale.end(flow)
    assert tale.lines()[3:] == [
        "  Each",
        "    Each[0] {'file': '0.txt'}",
        "      ✓ Load",
        "    Each[1] {'file': '1.txt'}",
        "      ✓ Load",
        "  ✓ Each 2 items",
    ]


def test_copies_of_a_parallel_flow_name_their_item() -> None:
    tale, run = started(
        node("f2", "Each", "AsyncParallelBatchFlow"), node("n4", "Load", parent="f2"), edges=[]
    )
    flow = tale.begin("visit", "f2", run)
    items = [tale.begin("item", "f2", flow, item=index, lane=index + 5) for index in range(2)]
    for item in reversed(items):
        tale.visit("n4", item)
        tale.end(item)
    tale.end(flow)
    assert tale.lines()[4:] == [
        "    Each[1] ▸ ✓ Load",
        "    Each[0] ▸ ✓ Load",
        "  ✓ Each 2 items at once, the longest",
    ]


def test_retries_and_a_fallback() -> None:
    tale, run = started(node("n4", "Ask", max_retries=2, phases={"fallback": ["a.py", 3]}))
    visit = tale.begin("visit", "n4", run)
    phase = tale.begin("exec", "n4", visit)
    for attempt in (1, 2):
        tale.end(tale.begin("attempt", "n4", phase, attempt=attempt), "failed", error=BOOM)
    tale.end(tale.begin("fallback", "n4", phase), result="sorry")
    tale.end(phase, result="sorry")
    tale.end(visit)
    assert tale.lines()[3:] == [
        "  ! Ask attempt 1/2 failed: ValueError: boom",
        "  ! Ask attempt 2/2 failed: ValueError: boom",
        "  ! Ask fallback answered 'sorry'",
        "  ✓ Ask",
    ]


def test_many_failing_items_are_counted() -> None:
    tale, run = started(
        node("n4", "Work", "AsyncParallelBatchNode", max_retries=1, phases={"fallback": ["", 1]})
    )
    visit = tale.begin("visit", "n4", run)
    phase = tale.begin("exec", "n4", visit)
    for index in range(9):
        item = tale.begin("item", "n4", phase, item=index, lane=index + 5)
        tale.end(tale.begin("attempt", "n4", item, attempt=1), "failed", error=BOOM)
        tale.end(item, "failed" if index else "ok", error=BOOM if index else None, result="sorry")
    tale.end(phase)
    tale.end(visit)
    lines = tale.lines()[3:]
    assert lines[0] == "  ! Work[0] attempt 1/1 failed: ValueError: boom"
    assert lines[5:] == ["  ✓ Work 9 items one after another, the longest, 8 failed 9 failed attempts"]


def test_a_failure_is_told_where_it_came_from() -> None:
    tale, run = started()
    visit = tale.begin("visit", "n2", run)
    phase = tale.begin("exec", "n2", visit)
    for span in (tale.begin("attempt", "n2", phase, attempt=1), phase, visit, run):
        tale.end(span, "failed", error=BOOM)
    tale.tell("exit", code=1, error="Traceback…")
    lines = tale.lines()[3:]
    assert lines[:2] == ["  ✗ Search ValueError: boom (in Search.exec)", "✗ Flow failed in Search.exec"]
    assert "1 run, 1 visit, 1 failed," in lines
    assert "Flow failed in Search: ValueError: boom" in lines
    assert "never visited: Decide, Answer" in lines
    assert lines[-1] == "exit code 1"


def test_a_killed_program() -> None:
    tale, run = started()
    tale.visit("n3", run)
    visit = tale.begin("visit", "n2", run)
    phase = tale.begin("exec", "n2", visit)
    tale.begin("attempt", "n2", phase, attempt=1)
    tale.tell("exit", code=-9, signal="SIGKILL")
    lines = tale.lines()
    assert "  … Search unfinished: the program ended in Search.exec" in lines
    assert "cut off before the end: Flow" in lines
    assert lines[-1] == "killed by SIGKILL"


def test_a_stream_that_just_ends() -> None:
    tale, run = started()
    tale.begin("visit", "n2", run)
    tale.log.close()
    tale.log.close()
    assert tale.lines()[-1] == "how the program ended is not known: its events stop here"


def test_an_undeclared_edge_is_in_the_summary() -> None:
    tale, run = started(edges=[])
    tale.visit("n1", run, "jump")
    tale.visit("n3", run)
    tale.end(run)
    tale.tell("exit", code=0)
    assert "taken without being declared: Decide → Answer (jump)" in tale.lines()


def test_lints_are_told_and_counted() -> None:
    tale, run = started()
    tale.visit("n1", run, "serach")
    tale.end(run)
    tale.tell("exit", code=0)
    lines = tale.lines()
    told = "dead-end-action: Decide returned 'serach', but has successors only for 'search', 'answer'"
    assert any(line.startswith(told) for line in lines)
    assert "warnings: dead-end-action, unreached-node ×2 (--no-lint RULE switches one off)" in lines


def test_stops_and_notices() -> None:
    tale, run = started()
    text = "x > 1: NameError: name 'x' is not defined"
    tale.tell("stopped", lane=0, span=run, at="begin", reason="breakpoint", text=text)
    tale.tell("notice", level="warning", text="two\nlines")
    tale.tell("intervention", kind="pin", span=run, text="Ask keeps its exec result: 1")
    assert tale.lines()[3:] == [
        f"stopped at the begin of Flow (breakpoint): {text}",
        "warning: two lines",
        "by hand: Ask keeps its exec result: 1",
    ]


def test_a_graph_is_drawn_once() -> None:
    tale, run = started()
    tale.end(run)
    renamed = [{**each, "id": each["id"] + "x", "label": each["label"] + " (2)"} for each in AGENT]
    for each in renamed[1:]:
        each["parent"] = "f1x"
    tale.graph(9, renamed, *((a + "x", b + "x", action) for a, b, action in AGENT_EDGES))
    tale.graph(10, [node("n8", "Other", parent=None)])
    assert [line for line in tale.lines() if line.startswith("graph")] == [
        "graph of Flow Decide Search Answer",
        "graph of Other",
    ]


def test_long_and_wild_text_stays_in_its_line() -> None:
    tale, run = started()
    visit = tale.begin("visit", "n1", run)
    for number in range(50):
        tale.change(visit, "add", f"key \x1b[31m{number}", value=1)
    tale.end(visit, "failed", error={"type": "E", "message": "x\n\x1b[2J" * 999, "traceback": ""})
    (line,) = tale.stream.getvalue().splitlines()[3:]
    assert "\x1b" not in line and len(line) < 500 and line.endswith("49 more")


def test_no_colour_where_nobody_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def log() -> str:
        stream = Terminal()
        model = Model()
        story = Story(Log(model, stream).write, model)
        story.end(story.begin("run", "n1"))
        return stream.getvalue()

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in log()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in log()


def test_a_stream_that_cannot_hold_every_character() -> None:
    raw = io.BytesIO()
    model = Model()
    story = Story(Log(model, io.TextIOWrapper(raw, encoding="ascii")).write, model)
    story.end(story.begin("run", "n1"), action="naïve")
    assert raw.getvalue().startswith(b"? n1 ? na?ve")
