"""Two runs on the comparison's screen: rows, details, and the way from difference to difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from flowscope.diff import Recorded
from flowscope.model.comparison import Comparison
from flowscope.recording import Writer
from flowscope.tui.app import FlowScope
from flowscope.tui.breakpoints import Breakpoints
from flowscope.tui.comparing import Comparing
from flowscope.tui.debugger import Debugger
from flowscope.tui.screens.comparison import ComparisonScreen
from flowscope.tui.widgets.sides import VisitRows

from ..model.story import AGENT, AGENT_EDGES, BOOM, Story
from .screen import press, screen, until

PROMPT = "You are a careful assistant.\nAnswer in three sentences.\nName your sources."
OTHER = PROMPT.replace("three", "two")


def agent(prompt: str = PROMPT, rounds: int = 1, fails: bool = False, name: str = "agent.py") -> Story:
    """Decide and Search so many times, then Answer from a prompt."""
    story = Story()
    story.tell("header", version=1, script=name, argv=[])
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    for number in range(1, rounds + 1):
        story.visit("n1", run, "search", visit=number)
        story.visit("n2", run, None, visit=number)
    story.visit("n1", run, "answer", visit=rounds + 1)
    visit = story.begin("visit", "n3", run)
    story.end(story.begin("prep", "n3", visit), result=prompt)
    if fails:
        story.end(story.begin("exec", "n3", visit), "failed", error=BOOM)
    else:
        story.end(story.begin("exec", "n3", visit), result="In 1844.")
    ended: dict[str, Any] = {"status": "failed", "error": BOOM} if fails else {}
    story.end(visit, **ended)
    story.end(run, **ended)
    story.tell("exit", code=int(fails))
    return story


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


def recorded(name: str, story: Story, more: bytes = b"") -> Recorded:
    with Writer(name, story.events[0]) as writer:
        writer.write(*story.events[1:])
    with Path(name).open("ab") as file:
        file.write(more)
    return Recorded(Path(name), name)


async def compared(pilot: Pilot[None]) -> list[str]:
    """The screen, once it says what came of it."""

    def is_told() -> bool:
        told = pilot.app.screen
        return isinstance(told, ComparisonScreen) and told.query_one(Static).region.height > 0

    return await until(pilot, is_told)


async def test_one_below_the_other_at_80_columns() -> None:
    app = Comparing(recorded("a", agent()), recorded("b", agent(OTHER, fails=True)))
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await compared(pilot)
        assert lines[:3] == [
            " a │ b  ~ 1 difference, number 1 in focus",
            " The same for 3 visits, then another value: result of Answer.prep.",
            " - a  + b",
        ]
        assert lines[3:8] == [
            " ↓ inside  Flow → default",
            " =           Decide → search",
            " =           Search → default",
            " =           Decide#2 → answer",
            "▌~ value+    Answer  …'\\nAnswer in three sentenc… │ …'\\nAnswer in two sentences…",
        ]
        at = next(at for at, line in enumerate(lines) if line.startswith("▏~ prep result"))
        assert lines[at - 1].startswith(" Answer   - ok") and "+ failed" in lines[at - 1]
        assert [line.rstrip(" ▁▂▃▄▅▆▇█") for line in lines[at + 1 : at + 5]] == [
            "   You are a careful assistant.",
            " - Answer in three sentences.",
            " + Answer in two sentences.",
            "   Name your sources.",
        ]
        assert any(line.startswith(" ~ end          ok │ failed (ValueError: boom)") for line in lines)
        full = await press(pilot, "enter")
        assert any("Traceback" in line for line in full)
        assert await press(pilot, "escape") == lines
        await pilot.press("q")
    assert app.return_code == 1


async def test_side_by_side_at_160_columns() -> None:
    app = Comparing(recorded("a", agent()), recorded("b", agent(OTHER)))
    async with app.run_test(size=(160, 50)) as pilot:
        lines = await compared(pilot)
        (head,) = (line for line in lines if "- a" in line and "+ b" in line)
        between = head.index("│", 3)
        rows = [line for line in lines if "Decide" in line or "Search" in line]
        assert len(rows) == 3
        assert all(line[between] == "│" and line.count("✓") == 2 for line in rows)
        (prompt,) = (line for line in lines if "in three" in line and "~ Answer in" in line)
        left, right = prompt.strip("│").split("│")
        assert (left.strip(), right.strip()) == ("~ Answer in three sentences.", "Answer in two sentences.")


async def test_from_difference_to_difference() -> None:
    app = Comparing(recorded("a", agent(rounds=1)), recorded("b", agent(OTHER, rounds=3)))
    async with app.run_test(size=(100, 30)) as pilot:
        lines = await compared(pilot)
        assert "3 differences, number 1 in focus" in lines[0]

        def here() -> str:
            return next(line for line in screen(app) if line.startswith("▌"))

        assert here().startswith("▌~ action    Decide#2  'answer' │ 'search'")
        await press(pilot, "n")
        assert here().startswith("▌+ visit     Search#2")
        await press(pilot, "n")
        assert here().startswith("▌~ value     Answer")
        await press(pilot, "n", "N", "N")
        assert here().startswith("▌~ action    Decide#2")
        only = await press(pilot, "d")
        assert here().startswith("▌~ action    Decide#2")
        assert not any("Decide → search" in line for line in only), (
            "only what differs, and what is next to it"
        )


async def test_no_difference() -> None:
    app = Comparing(recorded("a", agent()), recorded("b", agent()))
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await compared(pilot)
        assert lines[0] == " a │ b  = no difference"
        assert lines[1] == " No difference in 4 visits: the same values, actions and ends."
        await press(pilot, "n")
        assert [each.message for each in app._notifications] == ["There is no further difference."]
        await pilot.press("escape")
    assert app.return_code == 0


@pytest.mark.parametrize(
    ("other", "more", "code", "said"),
    [
        (agent(), b"{damaged\n{}\n", 2, "⚠ b is damaged at line 42;"),
        (Story(), b'{"type":"begin"', 1, "⚠ b holds no run: its program ran no flow"),
        (agent(name="other.py"), b"", 0, "⚠ Different programs: a is of agent.py, b of other.py;"),
    ],
)
async def test_what_is_to_be_known_of_them_is_said_first(
    other: Story, more: bytes, code: int, said: str
) -> None:
    if not other.events:
        other.tell("header", version=1, script="agent.py", argv=[])
    app = Comparing(recorded("a", agent()), recorded("b", other, more))
    async with app.run_test(size=(80, 24)) as pilot:
        assert said in (await compared(pilot))[2]
        await pilot.press("q")
    assert app.return_code == code


async def test_two_without_a_visit() -> None:
    for name in "ab":
        story = Story()
        story.tell("header", version=1, script="agent.py", argv=[])
        recorded(name, story)
    app = Comparing(Recorded(Path("a"), "a"), Recorded(Path("b"), "b"))
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await compared(pilot)
        assert lines[0] == " a │ b  nothing to compare"
        assert lines[1] == " There is nothing to compare: neither side has a visit."


async def test_all_of_it_comes_in_one_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[list[str]] = []
    show = ComparisonScreen._show

    def watched(self: ComparisonScreen, comparison: Comparison) -> None:
        laid_out = self.screen_layout_refresh_signal
        laid_out.subscribe(self, lambda _: frames.append(screen(self.app)), immediate=True)
        show(self, comparison)

    monkeypatch.setattr(ComparisonScreen, "_show", watched)
    app = Comparing(recorded("a", agent(rounds=30)), recorded("b", agent(OTHER, rounds=30)))
    async with app.run_test(size=(80, 24)) as pilot:
        await compared(pilot)
        assert "1 difference" in frames[0][0] and "The same for 61 visits" in frames[0][1]
        assert any(line.startswith("▌~ value     Answer") for line in frames[0])
        assert any(line.startswith("▏~ prep result") for line in frames[0])


async def test_a_thousand_visits_are_drawn_as_far_as_they_are_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = 0
    draw = VisitRows.draw

    def counted(self: VisitRows, at: int, width: int) -> Any:
        nonlocal drawn
        drawn += 1
        return draw(self, at, width)

    monkeypatch.setattr(VisitRows, "draw", counted)
    app = Comparing(recorded("a", agent(rounds=500)), recorded("b", agent(OTHER, rounds=500)))
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await compared(pilot)
        assert "The same for 1,001 visits" in lines[1]
        assert any(line.startswith("▌~ value     Answer") for line in lines)
        assert drawn < 500
        drawn = 0
        await press(pilot, "home", "end", "up")
        assert drawn < 500


async def test_with_a_recording_from_the_panes_and_back_to_a_visit() -> None:
    recorded("a", agent())
    recorded("b", agent(OTHER))
    app = FlowScope(Debugger(None, Breakpoints(None), recording=Path("a")), agent().events)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("C", *"none", "enter")
        await pilot.pause()
        assert any("none does not exist" in line for line in screen(app))
        await pilot.press("backspace", "backspace", "backspace", "backspace", "b", "enter")
        assert (await compared(pilot))[0].startswith(" a │ b  ~ 1 difference")
        await press(pilot, "g")
        assert app.place.visit is not None and app.place.visit.label == "Answer"
        assert not isinstance(app.screen, ComparisonScreen)


async def test_a_branch_on_the_same_screen() -> None:
    story = Story()
    story.tell("header", version=1, script="agent.py", argv=[])
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    first = story.visit("n1", run, "answer")
    story.tell("intervention", kind="rewind", to=first, text="")
    story.visit("n1", run, "search")
    app = FlowScope(Debugger(None, Breakpoints(None)), story.events)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        await pilot.press("a")
        lines = await compared(pilot)
        assert lines[0].startswith(" the branch │ instead  ~ 1 difference")
        assert any(line.startswith("▌~ action  Decide  'answer' │ 'search'") for line in lines)
