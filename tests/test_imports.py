"""What a module pulls in: arrows point one way, and nobody pays for what is not shown."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest


def _imported(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in run.stdout.split()} | set(run.stdout.split())


def test_the_engine_is_of_the_standard_library_alone() -> None:
    installed = {dist.name.replace("-", "_").lower() for dist in metadata.distributions()}
    found = _imported("import flowscope_engine, flowscope_engine.debug.debuggee") - _imported("pass")
    assert not (installed | {"flowscope"}) & found


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import flowscope.cli", {"textual", "networkx", "rich"}),
        ("import flowscope.model", {"textual", "rich", "socket", "subprocess", "flowscope.session"}),
        ("import flowscope.recording", {"textual", "rich", "flowscope.session", "flowscope.tui"}),
        ("import flowscope.session.session", {"textual", "rich", "flowscope.model", "flowscope.tui"}),
        ("import flowscope.tui.debugger", {"textual", "rich"}),
    ],
)
def test_nothing_unwanted_is_imported(statement: str, unwanted: set[str]) -> None:
    assert not unwanted & _imported(statement)
