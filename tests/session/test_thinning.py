"""A history with little room: what can no longer be gone back to is marked as such, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowscope.model import Model
from flowscope.session.client import RequestError
from flowscope.session.launch import LaunchSpec
from flowscope.session.session import Session

from .drive import Drive
from .test_rewind import HEAD, back, begun, shared

LONG = (
    HEAD
    + """
class Turn(Node):
    def prep(self, shared):
        return shared["n"]
    def exec(self, n):
        return f"{n} " * 2_000
    def post(self, shared, prep_res, exec_res):
        shared["n"] += 1
        shared["text"] = exec_res
        return "again" if shared["n"] < 300 else "default"
class Inner(Flow):
    def prep(self, shared):
        return ["prepared"]
    def post(self, shared, prep_res, exec_res):
        shared["prepared"] = prep_res
turn = Turn()
turn - "again" >> turn
turn >> Node()
state = {"n": 0}
Flow(Inner(turn)).run(state)
print(state["n"], state["prepared"])
"""
)


@pytest.mark.parametrize("budget", [990_000, 1_000_000, 1_008_000])  # the cut falls into each phase
async def test_what_is_marked_as_thinned_is_what_cannot_be_gone_back_to(tmp_path: Path, budget: int) -> None:
    script = tmp_path / "program.py"
    script.write_text(LONG)
    session = Session(LaunchSpec(str(script), history=budget), breakpoints=["Node"], stop_on_entry=False)
    await session.start()
    try:
        drive, model = Drive(session), Model()
        await drive.stop()
        for event in drive.seen:
            model.apply(event)
        kept = 0
        for span in model.spans.values():
            if span.kind in ("attempt", "fallback"):
                continue
            try:
                await session.request("flowscope/plan", span=span.id)
            except RequestError as error:
                assert "thinned" in str(error)
                assert model.history.is_thinned(span), span
            else:
                assert not model.history.is_thinned(span), span
                kept += span.kind == "visit"
        assert 10 < kept < 250
        step = model.history.of(model.spans[begun(drive, "visit", "Turn")[5]["id"]])
        assert step is not None
        assert model.history.shared(step, 1)["n"] == 5, "it can be looked at all the same"
        newest = begun(drive, "visit", "Turn")[-3]
        assert await back(drive, newest["id"]) == "goto Turn < Inner < Flow"
        assert await shared(drive, "shared['n']") == "297"
        await session.set_breakpoints([])
        await session.continue_()
        await drive.until("exit")
        assert drive.text() == "300 ['prepared']\n"
    finally:
        await session.close()
