"""The table of commands: what is made of it, and what users may change in it."""

from __future__ import annotations

import inspect
from pathlib import Path

from flowscope.tui.actions import Actions
from flowscope.tui.commands import COMMANDS, FOOTERS, FORBIDDEN, WHENS, key_text, keys_markdown, remapped

DOCS = Path(__file__).parents[2] / "docs" / "keys.md"


def test_every_command_does_something_and_has_keys_of_its_own() -> None:
    keys = [key for command in COMMANDS for key in command.keys]
    assert len(keys) == len(set(keys))
    assert not FORBIDDEN & set(keys)
    for command in COMMANDS:
        assert inspect.iscoroutinefunction(getattr(Actions, f"do_{command.id}")), command.id
        assert command.when in WHENS


def test_what_the_footers_name_is_there() -> None:
    assert {id for ids in FOOTERS.values() for id in ids} <= {command.id for command in COMMANDS}


def test_the_docs_are_made_of_the_table() -> None:
    assert DOCS.read_text().endswith(keys_markdown()), "run: python -m flowscope.tui.commands > docs/keys.md"


def test_keys_of_the_users_own() -> None:
    commands, problems = remapped(
        COMMANDS,
        {"next": "ctrl+n", "step_in": ["ctrl+g", "f11"], "nothing": "y", "quit": "ctrl+m", "help": "c"},
    )
    keys = {command.id: command.keys for command in commands}
    assert keys["next"] == ("ctrl+n",)
    assert keys["step_in"] == ("ctrl+g", "f11")
    assert keys["quit"] == ("q",)
    assert keys["help"] == ()
    assert keys["continue"] == ("c", "f5")
    assert [problem.partition(" ")[2] for problem in problems] == [
        "there is no command 'nothing'.",
        "quit cannot have 'ctrl+m'.",
        "'c' is both continue and help; continue has it.",
    ]


def test_key_names() -> None:
    assert [
        key_text(key) for key in ("n", "f10", "shift+f11", "exclamation_mark", "ctrl+z", "backspace")
    ] == [
        "n",
        "F10",
        "Shift+F11",
        "!",
        "Ctrl+Z",
        "Backspace",
    ]
