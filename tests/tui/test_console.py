"""The console: whose line it is, what became of lines that were overwritten, and typing into the program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from flowscope.model import Model, Output
from flowscope.tui import lines as lines_module
from flowscope.tui.focus import Focus
from flowscope.tui.lines import Lines
from flowscope.tui.widgets import console
from flowscope.tui.widgets.console import ConsolePane, InputLine, Log
from flowscope.tui.widgets.rows import Rows, wrapped
from tests.model.story import AGENT, AGENT_EDGES, Story

from .screen import Alone, press, screen


def _texts(*pieces: str) -> list[str]:
    lines = Lines()
    for piece in pieces:
        lines.feed(Output(0, None, "", "stdout", piece, 0))
    return [line.settled()[0] for line in lines.kept]


def test_pieces_become_lines() -> None:
    assert _texts("a", "b\nc\r\n", "\n", "d") == ["ab", "c", "", "d"]


def test_a_progress_bar_is_one_line() -> None:
    assert _texts(*(f"\r {at:3}% {'#' * (at // 25)}" for at in range(0, 101, 25)), "\n", "x") == [
        " 100% ####",
        "x",
    ]
    assert _texts("long text\rshort") == ["short" + "text"]


def test_a_program_may_go_up_to_its_own_lines() -> None:
    assert _texts("one 0%\ntwo 0%\n", "\x1b[2A\rone 9%\x1b[K\n", "\x1b[Btwo 9%\x1b[K\n", "end\n") == [
        "one 9%",
        "two 9%",
        "end",
    ]


def test_colours_are_the_programs_and_nothing_else_of_its_codes() -> None:
    lines = Lines()
    lines.feed(
        Output(0, None, "", "stdout", "a \x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3mrgb\x1b[m\x1b[2J\x07\tb", 0)
    )
    text, styles = lines.kept[0].settled()
    assert text.split() == ["a", "red", "rgb", "b"] or "b" in text
    lines = Lines()
    lines.feed(Output(0, None, "", "stdout", "a \x1b[1;31mred\x1b[0m日\x1b[38;2;1;2;3mx", 0))
    text, styles = lines.kept[0].settled()
    assert text == "a red日x"
    assert [(text[begin:end], str(style)) for begin, end, style in styles] == [
        ("red", "bold red"),
        ("x", "#010203"),
    ]


def test_streams_and_lanes_do_not_mix_within_a_line() -> None:
    lines = Lines()
    for lane, stream, text in [
        (1, "stdout", "on"),
        (2, "stdout", "tw"),
        (1, "stderr", "err\n"),
        (1, "stdout", "e\n"),
    ]:
        lines.feed(Output(lane, None, f"L{lane}", stream, text, 0))
    assert [(line.label, line.stream, line.raw) for line in lines.kept] == [
        ("L1", "stdout", "one"),
        ("L2", "stdout", "tw"),
        ("L1", "stderr", "err"),
    ]


def test_the_oldest_lines_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MOST", 100)
    lines = Lines()
    for at in range(1_000):
        lines.feed(Output(0, None, "", "stdout", f"{at}\n", 0))
    assert 90 <= len(lines.kept) <= 100
    assert lines[lines.end - 1].raw == "999"


def _talk() -> tuple[Story, int]:
    story = Story()
    story.graph(1, AGENT, *AGENT_EDGES)
    run = story.begin("run", "f1")
    return story, story.begin("visit", "n2", run)


async def test_each_line_says_who_wrote_it_and_is_wrapped() -> None:
    story, visit = _talk()
    story.tell("output", text="before\n")
    story.tell("output", text="a line that is too long for this screen\n", span=visit)
    story.tell("output", text="careful\n", span=visit, stream="stderr")
    app = Alone(ConsolePane(), story.model)
    async with app.run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        assert screen(app)[:4] == [
            "        │ before",
            " Search │ a line that is too",
            "        │ long for this screen",
            "▌Search ! careful",
        ]
        await press(pilot, "up", "enter")
        assert isinstance(app.said[-1], Rows.Peeked)
        assert app.said[-1].value == "a line that is too long for this screen"


async def test_what_a_breakpoint_logs_stands_beside_what_its_node_printed() -> None:
    story, visit = _talk()
    story.tell("output", text="a part", span=visit)
    story.tell("notice", text="seen 3", span=visit)
    story.tell("output", text=" of a line\n", span=visit)
    story.tell("notice", text="not of a node")
    app = Alone(ConsolePane(), story.model)
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        assert screen(app)[:3] == [" Search │ a part of a line", "▌Search ● seen 3", ""]


async def test_a_scrollbar_takes_its_column_from_the_lines() -> None:
    story, visit = _talk()
    app = Alone(ConsolePane(), story.model)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        story.tell("output", text="x" * 400 + "\n", span=visit)
        app.sync()
        await pilot.pause()
        await pilot.pause()
        shown = screen(app)
        assert not any("…" in line for line in shown)
        assert sum(line.count("x") for line in shown) > 150


async def test_a_flood_of_output_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "_AT_ONCE", 10)
    story, visit = _talk()
    for at in range(95):
        story.tell("output", text=f"line {at}\n", span=visit)
    app = Alone(ConsolePane(), story.model)
    async with app.run_test(size=(40, 6)) as pilot:
        for _ in range(12):
            await pilot.pause()
        assert screen(app)[-1].startswith("▌Search │ line 94")
        assert app.query_one(Log).count() == 95


async def test_the_end_is_followed_and_old_lines_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MOST", 100)
    story, visit = _talk()
    app = Alone(ConsolePane(), story.model)
    async with app.run_test(size=(40, 6)) as pilot:
        for at in range(250):
            story.tell("output", text=f"line {at}\n", span=visit)
            if at % 25 == 0:
                app.sync()
        app.sync()
        await pilot.pause()
        lines = screen(app)
        assert lines[0] == " … earlier output was dropped"
        assert lines[-1].startswith("▌Search │ line 249")


async def test_at_the_end_of_input_no_line_is_asked_for_any_more() -> None:
    story, visit = _talk()
    phase = story.begin("exec", "n2", visit)
    story.tell("input", state="asked", prompt="You: ", span=phase)
    assert story.model.input is not None
    story.end(phase, "failed")
    assert story.model.input is None


async def test_a_line_is_typed_when_the_program_asks_for_one() -> None:
    story, visit = _talk()
    app = Alone(ConsolePane(), story.model)
    async with app.run_test(size=(50, 6)) as pilot:
        await pilot.pause()
        assert not app.query_one(InputLine).display
        story.tell("input", state="asked", prompt="you> ", span=visit)
        app.sync()
        await pilot.pause()
        assert "Search waits for a line: you>" in screen(app)[-1]
        await press(pilot, *"hi", "enter")
        typed = [message for message in app.said if isinstance(message, ConsolePane.Typed)]
        assert [message.text for message in typed] == ["hi\n"]
        story.tell("input", state="answered", span=visit)
        app.sync()
        await pilot.pause()
        assert not app.query_one(InputLine).display
        assert app.query_one(Log).has_focus
        story.tell("input", state="asked", span=visit)
        app.sync()
        await press(pilot, "ctrl+d")
        assert app.said[-1].text == "\x04"  # type: ignore[attr-defined]


@given(st.text(st.sampled_from("ab 日\u0301🎉"), max_size=60), st.integers(2, 12))
def test_wrapping_loses_nothing_and_fits(text: str, width: int) -> None:
    pieces = wrapped(text, width)
    assert "".join(pieces) == text
    assert all(cell_len(piece) <= width for piece in pieces)


async def test_a_new_start_leaves_nothing_of_the_old_output() -> None:
    story, visit = _talk()
    app = Alone(ConsolePane(), story.model)
    async with app.run_test(size=(60, 8)) as pilot:
        story.tell("output", text="old words\n", span=visit)
        app.sync()
        await pilot.pause()
        assert "old words" in "\n".join(screen(app))
        app.place = Focus(Model())
        app.sync("all")
        await pilot.pause()
        assert "old words" not in "\n".join(screen(app))
