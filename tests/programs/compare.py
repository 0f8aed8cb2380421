"""One program in two processes: under python, with a spy in its PocketFlow, and under FlowScope."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..patience import SECONDS

HERE = Path(__file__).parent
FLOWSCOPE = [sys.executable, "-m", "flowscope.cli"]


@dataclass
class Seen:
    """What a process did."""

    stdout: bytes
    stderr: bytes
    code: int


def run(command: Sequence[str], cwd: Path, stdin: str = "", **env: str) -> Seen:
    """Run a command to its end."""
    clean = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**clean, "PYTHONPATH": str(HERE.parents[1]), **env},
        input=stdin.encode(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return Seen(done.stdout, done.stderr, done.returncode)


def under_python(command: Sequence[str], cwd: Path, log: Path, stdin: str = "") -> tuple[Seen, list[str]]:
    """The program as it is, and what a monkeypatched PocketFlow saw of its visits."""
    spy = f"{HERE / 'spy'}{os.pathsep}{HERE.parents[1]}"
    seen = run([sys.executable, *command], cwd, stdin, SPY_LOG=str(log), PYTHONPATH=spy)
    return seen, log.read_text().splitlines() if log.exists() else []


def under_flowscope(command: Sequence[str], cwd: Path, stdin: str = "") -> tuple[Seen, list[dict[str, Any]]]:
    """The program under `flowscope run --json`, and the events."""
    seen = run([*FLOWSCOPE, "run", "--python", sys.executable, "--json", *command], cwd, stdin)
    return seen, [json.loads(line) for line in seen.stdout.splitlines()]


def visits(events: Sequence[dict[str, Any]]) -> list[str]:
    """The visits among events, in the spy's words."""
    lines = []
    classes: dict[str, str] = {}
    begun: dict[int, str] = {}
    for event in events:
        if event["type"] == "graph":
            classes |= {node["id"]: node["class"].rpartition(".")[2] for node in event["nodes"]}
        elif event["type"] == "begin" and event["kind"] == "visit":
            begun[event["id"]] = classes[event["node"]]
            lines.append(f"begin {begun[event['id']]}")
        elif event["type"] == "end" and event["id"] in begun and event["status"] == "ok":
            lines.append(f"end {begun[event['id']]} {event['action']!r}")
    return lines


def output(events: Sequence[dict[str, Any]], stream: str) -> str:
    """All that the program wrote to a stream."""
    texts = (event["text"] for event in events if event["type"] == "output" and event["stream"] == stream)
    return "".join(texts)
