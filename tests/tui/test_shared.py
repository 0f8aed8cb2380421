"""The shared pane: what a step changed is marked, and the user's place in it is kept."""

from __future__ import annotations

from typing import Any

from flowscope.tui.screens.value import ValueScreen
from flowscope.tui.widgets.rows import Rows
from flowscope.tui.widgets.shared import SharedPane
from tests.model.story import AGENT, AGENT_EDGES, Story

from .screen import Alone, press, screen

STORE: dict[str, Any] = {
    "query": "who?",
    "draft": "old",
    "config": {"model": "m", "limits": {"tokens": 5, "calls": 1}},
    "facts": ["a", "b"],
}


def _story(store: dict[str, Any]) -> tuple[Story, int]:
    """A visit's post, and a store as it was before."""
    story = Story()
    run = story.begin("run", "f1")
    story.graph(run, AGENT, *AGENT_EDGES)
    story.change(run, "set", value=store)
    post = story.begin("post", "n1", story.begin("visit", "n1", run))
    return story, post


async def test_changes_of_a_step_are_marked_and_unfolded() -> None:
    story, post = _story(STORE)
    story.change(post, "set", "config", "limits", "tokens", value=9, old=5)
    story.change(post, "add", "facts", 2, value="c")
    story.change(post, "remove", "draft", old="old")
    story.change(post, "add", "answer", value="日本語")
    app = Alone(SharedPane(), story.model)
    async with app.run_test(size=(70, 20)) as pilot:
        await pilot.pause()
        assert screen(app)[:15] == [
            " 4 changed: ~config.limits.tokens  +facts[2]  -draft  +answer",
            "▌    query: 'who?'",
            " ▾ • config: dict 2",
            "       model: 'm'",
            "   ▾ • limits: dict 2",
            "       ~ tokens: 5 → 9",
            "         calls: 1",
            " ▾ • facts: list 3",
            "       0: 'a'",
            "       1: 'b'",
            "     + 2: 'c'",
            "   + answer: '日本語'",
            "   - draft 'old'",
            "",
            "",
        ]


async def test_cursor_and_unfolding_survive_what_changes_around_them() -> None:
    story, post = _story(STORE)
    app = Alone(SharedPane(), story.model)
    async with app.run_test(size=(60, 20)) as pilot:
        lines = await press(pilot, "down", "down", "down", "enter", "down")
        assert "▌      0: 'a'" in lines
        story.change(post, "remove", "query", old="who?")
        story.change(post, "add", "facts", 0, value="new")
        app.sync()
        await pilot.pause()
        assert "▌    + 0: 'new'" in screen(app)
        lines = await press(pilot, "left", "left")
        assert "▌▸ • facts: list 3 ['new', 'a', 'b']" in lines
        story.change(post, "set", "facts", 1, value="z", old="a")
        app.sync()
        await pilot.pause()
        assert "▌▸ • facts: list 3 ['new', 'z', 'b']" in screen(app), "what the user folded stays folded"


async def test_a_large_dict_is_paged_and_its_changes_are_shown() -> None:
    story, post = _story({"table": {f"k{at}": at for at in range(250)}})
    story.change(post, "set", "table", "k240", value=0, old=240)
    app = Alone(SharedPane(), story.model)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert "     ~ k240: 240 → 0" in screen(app)
        assert "     … 237 more: Enter shows them" in screen(app)
        assert (await press(pilot, *["down"] * 13, "enter"))[-1].strip().startswith("k17")
        assert (await press(pilot, "end"))[-1] == "▌    ~ k240: 240 → 0"


async def test_search_finds_what_is_folded() -> None:
    story, _ = _story(STORE)
    app = Alone(SharedPane(), story.model)
    async with app.run_test(size=(60, 20)) as pilot:
        app.pane.search()
        await pilot.pause()
        lines = await press(pilot, *"CALLS", "enter")
        assert "▌        calls: 1" in lines
        app.pane.search()
        await pilot.pause()
        assert "There is no 'CALLSx' here." in "\n".join(await press(pilot, "x", "enter"))


OBJECT = {"$": "object", "type": "m.C", "fields": {"f": 1}}


async def test_keys_break_and_values_are_looked_at() -> None:
    story, _ = _story({"a key": [{"x": "line\n" * 3}], "o": OBJECT, "s": {"$": "set", "items": [1]}})
    pane = SharedPane()
    app = Alone(pane, story.model)
    async with app.run_test(size=(60, 20)) as pilot:
        await press(pilot, "right", "right", "right", "right")
        assert pane.break_spec() == "shared['a key'][0].x"
        assert pane.expression() == "shared['a key'][0]['x']"
        await press(pilot, "enter")
        peeked = next(message for message in app.said if isinstance(message, Rows.Peeked))
        assert (peeked.title, peeked.value) == ("['a key'][0].x", "line\n" * 3)
        await press(pilot, "end", "up", "right", "right")
        assert pane.expression() == "shared['o'].f"
        await press(pilot, "end", "right", "right")
        assert pane.break_spec() is None, "no path leads into a set"


async def test_nothing_to_show() -> None:
    app = Alone(SharedPane(), Story().model)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert "no shared store yet" in " ".join(screen(app))


async def test_the_whole_of_a_long_value() -> None:
    async def fetch() -> str:
        return "first [word] " + "word " * 40 + "needle"

    app = Alone(SharedPane(), Story().model)
    async with app.run_test(size=(40, 20)) as pilot:
        app.push_screen(ValueScreen("text[0]", {"$": "str", "text": "first [wo", "len": 219}, fetch))
        await app.workers.wait_for_complete()
        await pilot.pause()
        lines = screen(app)
        assert "text[0] · str, 219 characters" in lines[1]
        assert "first [word] word word" in lines[2]
        await press(pilot, "slash")
        lines = await press(pilot, *"needle", "enter")
        assert [line for line in lines if "▌" in line and "needle" in line]
        await press(pilot, "escape", "escape")
        assert not isinstance(app.screen, ValueScreen)
