"""The README's commands are ones that work."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from .programs.compare import FLOWSCOPE, run

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^\.venv/bin/flowscope (.+)$", README, re.MULTILINE)


def test_the_commands_of_the_tour(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    assert len(COMMANDS) > 5
    for command in COMMANDS:
        seen = run([*FLOWSCOPE, *shlex.split(command)], tmp_path)
        assert seen.code == 0, (command, seen.stderr.decode())


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_what_is_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text()
    paths = {
        *re.findall(r"\]\(([^):]+)\)", text),
        *re.findall(r"(?:examples|benchmarks|tests|docs)/[\w./-]+", text),
    }
    missing = {path for path in paths if not (ROOT / path.rstrip(".")).exists()}
    assert not missing
