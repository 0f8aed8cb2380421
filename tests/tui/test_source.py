"""The source pane: where the program stands in its own text, and breakpoints made there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flowscope.tui.code import Code
from flowscope.tui.widgets.source import SourcePane
from tests.model.story import Story, node

from .screen import Alone, press, screen

SOURCE = '''from pocketflow import Node


class Decide(Node):
    def prep(self, shared):
        return shared

    def exec(self, prep_res):
        text = """two
        lines"""
        raise ValueError(text)


print("the end")
'''


@dataclass
class _Point:
    spec: str
    enabled: bool


class _Points:
    def of_node(self, described: dict[str, Any]) -> list[_Point]:
        return [_Point("Decide.exec", True), _Point("Decide", False)] if described["id"] == "n1" else []


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "agent.py"
    path.write_text(SOURCE)
    os.utime(path, (1, 1))
    return str(path)


def _story(file: str) -> tuple[Story, int]:
    story = Story()
    phases = {"prep": [file, 5], "exec": [file, 8]}
    decide = node("n1", "Decide", file=file, line=4, phases=phases)
    story.graph(1, [node("f1", "Flow", "Flow", None), decide, node("n2", "Other")])
    visit = story.begin("visit", "n1", story.begin("run", "f1"))
    return story, story.begin("exec", "n1", visit, file=file, line=8)


async def test_the_line_is_marked_and_the_view_holds_still(file: str) -> None:
    story, execute = _story(file)
    story.tell("stopped", lane=0, span=execute, at="begin")
    app = Alone(SourcePane(), story.model)
    app.place.breakpoints = _Points()  # type: ignore[assignment]
    async with app.run_test(size=(60, 9)) as pilot:
        await pilot.pause()
        lines = screen(app)
        assert lines[0].startswith(" Decide.exec  agent.py:8")
        assert [line[:48].rstrip() for line in lines[1:]] == [
            " ○ 4   class Decide(Node):",
            "   5       def prep(self, shared):",
            "   6           return shared",
            "   7",
            "▌● 8 ▶     def exec(self, prep_res):",
            '   9           text = """two',
            '  10           lines"""',
            "  11           raise ValueError(text)",
        ]
        traceback = (
            f'Traceback:\n  File "{file}", line 11, in exec\n  File "/else.py", line 3, in x\nValueError: x\n'
        )
        failure = {"type": "ValueError", "message": "x", "traceback": traceback}
        story.end(execute, status="failed", error=failure)
        story.tell("stopped", lane=0, span=execute, at="end", reason="exception")
        app.sync()
        await pilot.pause()
        after = screen(app)
        assert after[1][:40] == lines[1][:40], "what is in view already does not move"
        assert after[8].startswith("▌ 11 ✗         raise ValueError(text)")


async def test_a_breakpoint_is_about_the_phase_under_the_cursor(file: str) -> None:
    story, _ = _story(file)
    pane = SourcePane()
    async with Alone(pane, story.model).run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert pane.break_spec() == "Decide.exec"
        await press(pilot, "up", "up")
        assert pane.break_spec() == "Decide.prep"
        await press(pilot, "up", "up")
        assert pane.break_spec() == "Decide"
        await press(pilot, "end")
        with pytest.raises(ValueError, match="Line 14 is in no node"):
            pane.break_spec()


async def test_a_file_that_was_saved_since_is_told(file: str) -> None:
    story, execute = _story(file)
    app = Alone(SourcePane(), story.model)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        assert "stale" not in screen(app)[0]
        Path(file).write_text("# another text\n")
        os.utime(file, (2**32, 2**32))
        story.tell("stopped", lane=0, span=execute, at="begin")
        app.sync()
        await pilot.pause()
        assert "stale: saved since the start" in screen(app)[0]
        assert "class Decide(Node):" in "\n".join(screen(app)), "the text that runs is the one that was read"


async def test_what_has_no_source_says_so(file: str) -> None:
    story, _ = _story("/nowhere/gone.py")
    app = Alone(SourcePane(), story.model)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert "/nowhere/gone.py cannot be shown: No such file or directory." in "\n".join(screen(app))
        app.place.selected = "n2"
        app.sync("focus")
        await pilot.pause()
        assert "The source of Other is not known" in "\n".join(screen(app))


def test_colours_follow_the_text(file: str) -> None:
    code = Code(file)
    assert {name for _, name in code.pieces(9)} == {"string"}, "a string goes on over lines"
    assert ("class", "keyword") in code.pieces(3) and ("Decide", "defined") in code.pieces(3)
    assert "".join(text for at in range(len(code.lines)) for text, _ in code.pieces(at)) == "".join(
        code.lines
    )
    assert (code.end_of(4), code.end_of(8), code.end_of(2)) == (11, 11, 2)
