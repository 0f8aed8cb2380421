"""Code is told from edited code, and from nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from flowscope_engine.describe import exec_editions

CLASS = """
import functools
from pocketflow import Node
def plain(function):
    def wrapper(*args):
        return function(*args)
    return wrapper
def wrapped(function):
    return functools.wraps(function)(lambda *args: function(*args))
class Base(Node):
    def exec(self, item, limit=3):
        "What it does."
        class Part: size = 1
        if item in {"a", "b", "c"}:
            return [self.worked(part) for part in item]
        return limit
    def worked(self, part):
        return part * 2
    def post(self, shared, prep_res, exec_res):
        return "done"
class Work(Base):
    pass
"""


def edition(source: str) -> str:
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(source, namespace)
    return exec_editions(namespace["Work"])["exec"]


FIRST = edition(CLASS)


def test_another_process_comes_to_the_same() -> None:
    tell = "from flowscope_engine.describe import exec_editions; print(exec_editions(Work)['exec'])"
    command = [sys.executable, "-c", CLASS + tell]
    assert subprocess.run(command, capture_output=True, text=True).stdout == f"{FIRST}\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Base", "# moved\n\nclass Base"),
        ("What it does.", "What it does, in other words."),
        ('"What it does."', "# nothing"),
        ('"a", "b", "c"', '"c", "a", "b"'),
        ('"done"', '"over"'),
        ("class Work(Base)", "class Between(Base): pass\nclass Work(Between)"),
    ],
)
def test_what_is_no_edit(old: str, new: str) -> None:
    assert edition(CLASS.replace(old, new)) == FIRST


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"a", "b", "c"', '"a", "b", "d"'),
        ("limit=3", "limit=4"),
        ("[self.worked(part) for", "[part for"),
        ("part * 2", "part * 3"),
        ("pass", "def exec(self, item): return super().exec(item)"),
    ],
)
def test_what_is_an_edit(old: str, new: str) -> None:
    assert edition(CLASS.replace(old, new)) != FIRST


@pytest.mark.parametrize("decorator", ["plain", "wrapped"])
def test_a_decorated_exec(decorator: str) -> None:
    decorated = CLASS.replace("    def exec", f"    @{decorator}\n    def exec")
    assert len({FIRST, edition(decorated), edition(decorated.replace("return limit", "return 9"))}) == 3
