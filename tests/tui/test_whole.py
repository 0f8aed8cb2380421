"""Long texts, of which the events tell the beginning: all of it, from the program or a recording."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from flowscope.model.pretty import text_of
from flowscope.recording import read
from flowscope.session.launch import LaunchSpec
from flowscope.tui.breakpoints import Breakpoints
from flowscope.tui.debugger import Debugger
from flowscope.tui.focus import Focus
from flowscope.tui.past import first_with
from flowscope.tui.whole import whole_of
from flowscope.tui.widgets.rows import Place

PROGRAM = """
from pocketflow import Flow, Node
class Ask(Node):
    def exec(self, prep_res):
        return "word " * 1_000 + "answered"
    def post(self, shared, prep_res, exec_res):
        shared["log"] = exec_res
class More(Node):
    def post(self, shared, prep_res, exec_res):
        shared["log"] += " and more"
ask = Ask()
ask >> More() >> Node()
Flow(ask).run({})
"""
LOG = Place(None, "shared", ("log",))
ANSWER = "word " * 1_000 + "answered"


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)


async def test_from_the_program_and_from_its_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    script, record = tmp_path / "program.py", tmp_path / "run.flowscope"
    script.write_text(PROGRAM)
    debugger = Debugger.of(LaunchSpec(str(script), exact=True), ["Node"], False, record)
    await debugger.start()
    pump = asyncio.create_task(debugger.pump())
    try:
        await _until(lambda: debugger.is_stopped)
        model, focus = debugger.model, Focus(debugger.model)
        ask, more = model.visits[:2]
        execute, post = ask.children[1], more.children[-1]
        result = Place(execute.id, "result", ())

        async def whole(place: Place) -> str:
            fetch = whole_of(debugger, focus, place)
            assert fetch is not None
            return await fetch()

        assert await whole(LOG) == ANSWER + " and more"
        focus.moment = post.step
        assert await whole(LOG) == ANSWER
        focus.moment = post.end_step
        assert await whole(LOG) == ANSWER + " and more", "as it was at its end, not at its begin"
        assert await whole(result) == ANSWER
        run = model.runs[0].id
        found, is_sure = await first_with(debugger, run, ("log",), "AND more")
        assert (found.span, found.at, is_sure) == (post, "end", True) if found else False
        assert await first_with(debugger, run, ("log",), "nothing") == (None, True)
        focus.follow()
        await debugger.request("evaluate", expression="shared['log'] += ' by hand'", context="repl")
        await _until(lambda: model.shared[run]["log"]["len"] > len(ANSWER + " and more"))
        assert await whole(LOG) == ANSWER + " and more by hand"
        await debugger.go("continue_", 0)
    finally:
        await debugger.close()
        await pump
    looking = Debugger(None, Breakpoints(None), recording=record)
    await looking.pump(read(record))
    assert text_of(looking.model.spans[execute.id].result) != ANSWER
    fetch = whole_of(looking, Focus(looking.model), result)
    assert fetch is not None
    assert await fetch() == ANSWER
    assert whole_of(looking, Focus(looking.model), LOG) is None, "a recording has the beginning alone"
    assert await first_with(looking, run, ("log",), "nothing") == (None, False)
