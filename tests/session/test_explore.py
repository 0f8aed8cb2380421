"""Interleavings of real programs: found, shrunk, kept in a file, and followed again."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from flowscope.explore import read_schedule
from flowscope.session.launch import LaunchError

from ..patience import SECONDS

COUNT = """
import asyncio
from pocketflow import AsyncFlow, AsyncParallelBatchNode

class Count(AsyncParallelBatchNode):
    async def prep_async(self, shared):
        self.shared, self.lock = shared, asyncio.Lock()
        return [0, 1, 2]
    async def exec_async(self, item):
        for _ in range(3 * item):  # by themselves they come one after the other
            await asyncio.sleep(0)
        {add}
    async def post_async(self, shared, prep_res, exec_res):
        print("count", shared["count"])

asyncio.run(AsyncFlow(Count()).run_async({{"count": 0}}))
"""
RACE = """\
seen = self.shared["count"]
        await asyncio.sleep(0)
        self.shared["count"] = seen + 1"""
SAFE = """\
async with self.lock:
            seen = self.shared["count"]
            await asyncio.sleep(0)
            self.shared["count"] = seen + 1"""


def flowscope(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flowscope.cli", *arguments]
    return subprocess.run(command, cwd=path, capture_output=True, text=True, timeout=SECONDS)


def test_a_lost_update_is_found_and_its_schedule_shows_it_again(tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text(textwrap.dedent(COUNT.format(add=RACE)))
    arguments = ("--explore", "6", "--seed", "1", "--schedule", "lost.json", "count.py")
    done = flowscope(tmp_path, "run", *arguments)
    assert done.returncode == 1, done.stderr
    assert "shared: different in" in done.stdout
    assert "actions: the same in all" in done.stdout
    steps = json.loads((tmp_path / "lost.json").read_text())["steps"]
    assert steps[0] == "AsyncFlow"
    assert set(steps[1:]) <= {"(wait)", *(f"AsyncFlow/Count[{item}]" for item in range(3))}
    again = flowscope(tmp_path, "run", "--schedule", "lost.json", "count.py")
    assert again.stdout in ("count 1\n", "count 2\n")
    assert flowscope(tmp_path, "run", "count.py").stdout == "count 3\n"


def test_a_program_that_locks_comes_to_the_same_in_every_order(tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text(textwrap.dedent(COUNT.format(add=SAFE)))
    done = flowscope(tmp_path, "run", "--explore", "4", "count.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("the same in all") == 4


def test_where_objects_stand_and_how_sets_are_ordered_is_no_difference(tmp_path: Path) -> None:
    keeps = "shared.update(lock=self.lock, words={'a', 'b', 'c', 'd'})"
    told = 'print(shared["lock"], shared["words"])'
    program = COUNT.format(add=SAFE).replace("return [0, 1, 2]", f"{keeps}; return [0, 1, 2]")
    program = program.replace('print("count", shared["count"])', told)
    (tmp_path / "count.py").write_text(textwrap.dedent(program))
    done = flowscope(tmp_path, "run", "--explore", "2", "count.py")
    assert done.stdout.count("the same in all") == 4, done.stdout


def test_an_error_in_every_order_is_named(tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text(textwrap.dedent(COUNT.format(add="raise ValueError('all')")))
    done = flowscope(tmp_path, "run", "--explore", "1", "count.py")
    assert "errors: the same in all\n  AsyncFlow: ValueError: all; exit code 1\n" in done.stdout


def test_a_schedule_that_does_not_fit_is_told_and_given_up(tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text(textwrap.dedent(COUNT.format(add=SAFE)))
    (tmp_path / "other.json").write_text('{"version": 1, "steps": ["AsyncFlow", "Other[7]"]}')
    done = flowscope(tmp_path, "run", "--schedule", "other.json", "count.py")
    assert done.stdout == "count 3\n"
    assert "does not fit this run: its step 2, Other[7]" in done.stderr


@pytest.mark.parametrize("text", ["", "[]", '{"version": 9, "steps": []}', '{"version": 1, "steps": [1]}'])
def test_a_file_that_is_no_schedule_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "file.json").write_text(text)
    with pytest.raises(LaunchError, match="is not a schedule"):
        read_schedule(tmp_path / "file.json")
