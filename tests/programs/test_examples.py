"""The examples, as a newcomer runs them: under python, then under FlowScope."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .compare import output, under_flowscope, under_python, visits

EXAMPLES = Path(__file__).parents[2] / "examples"
INPUT = "hello there\nhow are you?\nexit\n"
CONCURRENT = ("sequential_vs_parallel.py", "parallel_batch_flow.py", "mixed_sync_async.py")


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_an_example(name: str, tmp_path: Path) -> None:
    plain, spied = under_python([name], EXAMPLES, tmp_path / "log", INPUT)
    seen, events = under_flowscope([name], EXAMPLES, INPUT)
    assert plain.code == 0, plain.stderr.decode()
    assert seen.code == 0, seen.stderr.decode()
    assert plain.stderr == b""
    told = visits(events)
    stdout, plain_stdout = output(events, "stdout"), plain.stdout.decode()
    if name in CONCURRENT:  # what overlaps may end in another order, and no two runs take the same time
        told, spied = sorted(told), sorted(spied)
        stdout, plain_stdout = _sorted(stdout), _sorted(plain_stdout)
    assert stdout == plain_stdout
    assert told == spied
    assert told


def test_half_of_them_show_pocketflow_itself() -> None:
    texts = [path.read_text() for path in EXAMPLES.glob("*.py")]
    assert sum("from pocketflow import" in text for text in texts) == len(texts) // 2
    assert sum("from flowscope_engine import" in text for text in texts) == len(texts) // 2


def _sorted(text: str) -> str:
    return "\n".join(sorted(re.sub(r"\d+\.\d\d s", "? s", text).splitlines()))
