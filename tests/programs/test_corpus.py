"""Programs as different authors write them: FlowScope sees what a monkeypatched PocketFlow sees, and they
notice nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from .compare import output, under_flowscope, under_python, visits

CORPUS = Path(__file__).parent / "corpus"
INPUT = "hello\nwhat did I say?\nexit\n"
CONCURRENT = ("async_parallel", "flow_in_thread")
PROGRAMS = {
    **{path.stem: [path.name] for path in sorted(CORPUS.glob("*.py"))},
    "vendored": ["vendored/main.py"],
    "vendored as a module": ["-m", "vendored.app", "--json", "x"],
    "argparse_cli": ["argparse_cli.py", "--json", "--break", "2", "-m", "Bye", "--fail", "Ada"],
    "argparse_cli, wrong": ["argparse_cli.py", "--nonsense"],
}
CODES = {
    "exit_in_flow": 3,
    "structured_output": 1,
    "uncaught": 1,
    "argparse_cli": 3,
    "argparse_cli, wrong": 2,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program(name: str, tmp_path: Path) -> None:
    command = PROGRAMS[name]
    plain, spied = under_python(command, CORPUS, tmp_path / "log", INPUT)
    assert plain.code == CODES.get(name, 0), plain.stderr.decode()
    seen, events = under_flowscope(command, CORPUS, INPUT)
    told = visits(events)
    if name in CONCURRENT:
        told, spied = sorted(told), sorted(spied)
    assert told == spied
    assert output(events, "stdout") == plain.stdout.decode()
    assert output(events, "stderr") == plain.stderr.decode()
    assert seen.code == plain.code
    assert [event["code"] for event in events if event["type"] == "exit"] == [plain.code]
