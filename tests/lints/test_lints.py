"""Each rule finds what it is for in a real run, and nothing in one that is nearly the same but right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowscope import lint_choice
from flowscope.model import RULES

from ..patience import SECONDS

PROGRAMS = Path(__file__).parent / "programs"


def run(program: str, *options: str, args: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The events of a program, as `flowscope run --json` writes them."""
    command = [
        sys.executable,
        "-m",
        "flowscope.cli",
        "run",
        "--json",
        *options,
        str(PROGRAMS / program),
        *args,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["type"] == "exit", done.stderr
    return events


def lints(program: str, *options: str, args: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [event for event in run(program, *options, args=args) if event["type"] == "lint"]


def conflicts(program: str, case: str) -> list[dict[str, Any]]:
    events = run(program, args=(case,))
    assert events[-1]["code"] == 0
    return [event for event in events if event.get("rule") == "shared-conflict"]


CASES = {
    "shared_conflict.py": ["shared-conflict"],
    "loop_blocked.py": ["loop-blocked"],
    "loop_blocked_first.py": ["loop-blocked"],
    "serial_parallel.py": ["serial-parallel"],
    "never_awaited.py": ["never-awaited"],
    "dead_end_action.py": ["dead-end-action", "unreached-node"],
    "no_progress_loop.py": ["no-progress-loop"],
    "shared_retries.py": ["early-fallback", "lost-failure"],
    "unreached_node.py": ["unreached-node"],
    "shared_conflict_near_miss.py": [],
    "loop_blocked_near_miss.py": [],
    "loop_blocked_one_by_one.py": ["never-awaited", "serial-parallel"],
    "serial_parallel_near_miss.py": [],
    "never_awaited_near_miss.py": [],
    "dead_end_action_near_miss.py": [],
    "no_progress_loop_near_miss.py": [],
    "retries_near_miss.py": [],
    "unreached_node_near_miss.py": [],
}


OTHERS = {
    "dead_end_action_near_miss.py": {"unreached-node"},
    "serial_parallel.py": {"loop-blocked", "never-awaited"},
}
"""What is rightly found beside what the program is for."""


def test_a_loop_blocked_before_the_others_have_begun_names_them_all() -> None:
    blocked = next(event for event in run("loop_blocked_first.py") if event["type"] == "blocked")
    assert (blocked["count"], blocked["waiting"]) == (9, [])


def test_why_lanes_never_overlapped_is_said_as_it_was() -> None:
    said = {}
    for program in ("serial_parallel.py", "loop_blocked_one_by_one.py"):
        found = next(lint for lint in lints(program) if lint["rule"] == "serial-parallel")
        said[program] = found["message"].rpartition(": ")[2]
    assert said == {
        "serial_parallel.py": "none of them awaited.",
        "loop_blocked_one_by_one.py": "each began when the one before had ended.",
    }


@pytest.mark.parametrize("program", CASES)
def test_a_program(program: str) -> None:
    found = lints(program)
    assert sorted({lint["rule"] for lint in found} - OTHERS.get(program, set())) == CASES[program], found


def test_a_lint_names_both_writers_and_their_spans() -> None:
    events = run("shared_conflict.py")
    (lint,) = [event for event in events if event["type"] == "lint"]
    assert (
        "`summary` was written by Summarize.post in Pages[0] and by Summarize.post in Pages[1]"
        in lint["message"]
    )
    begun = {event["id"]: event for event in events if event["type"] == "begin"}
    assert [begun[span]["kind"] for span in lint["spans"]] == ["post", "post"]


LOST = {
    "Equal": 'had read 0 before that (count = shared["count"]): both wrote 1 (shared["count"] = count + 1)',
    "Twice": "`count` was written by Twice.post in Copies[0] and by Twice.post in Copies[1], which had read",
    "Different": '10 (shared["total"] = total) was lost to 20 (shared["total"] = total)',
    "InOne": 'both wrote 1 (shared["count"] += await asyncio.sleep(0, 1)), one update is lost',
    "Across": 'had read 0 before that (return shared["count"]): both wrote 1 (shared["count"] = prep_res + 1',
    "Through": 'both wrote 1 (shared["count"] = exec_res), one update is lost',
    "Replaced": 'had read it before that (pages = shared["pages"]): what the first one wrote is lost',
    "Checked": "'lane 1' (shared[\"first\"] = f\"lane {self.params['n']}\") was lost to 'lane 2' (shared",
    "Late": "`latest` was written by Late.post in Copies[0] and by Late.post in Copies[1], which ran at",
    "InExec": "`latest` was written by InExec.exec in Copies[0] and by InExec.exec in Copies[1]",
    "Items": "`latest` was written by Items[0].exec and by Items[1].exec",
    "threads": 'had read 0 before that (return shared["count"]): 2 (',
    "gathered-Equal": 'both wrote 1 (shared["count"] = count + 1), one update is lost',
    "gathered-Across": 'both wrote 1 (shared["count"] = prep_res + 1), one update is lost',
    "gathered-Named": "by Named.post on lane 0 and by Named.post on lane ",
}
"""What is said of each case of lost_updates.py, a line's source in place of its number."""


@pytest.mark.parametrize("case", LOST)
def test_an_update_that_is_lost(case: str) -> None:
    (lint,) = conflicts("lost_updates.py", case)
    lines = (PROGRAMS / "lost_updates.py").read_text().splitlines()
    message = re.sub(r"(?<=\()line (\d+)", lambda found: lines[int(found[1]) - 1].strip(), lint["message"])
    assert LOST[case] in message


WELL = """
Keys Locked OneByOne Latest AtOnce Said Maximum InPlace Failing Told Helped OnThread sequential runs dicts
"""


@pytest.mark.parametrize("case", WELL.split())
def test_lanes_that_share_well(case: str) -> None:
    assert conflicts("well_shared.py", case) == []


def test_a_rule_is_switched_off() -> None:
    assert lints("dead_end_action.py", "--no-lint", "dead-end-action", "--no-lint", "unreached-node") == []


def test_a_program_that_ends_badly_has_no_unreached_nodes() -> None:
    assert lints("unreached_node_near_miss.py", args=("--fail",)) == []


def test_rules_are_switched_off_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = tmp_path / "no-lints.json"
    monkeypatch.setattr(lint_choice, "path", lambda: stored)
    assert lint_choice.chosen_off(["lost-failure"]) == ({"lost-failure"}, [])
    stored.write_text('["loop-blocked", "bad-luck"]')
    off, problems = lint_choice.chosen_off(["lost-failure"])
    assert off == {"lost-failure", "loop-blocked"}
    assert len(problems) == 1 and "There is no lint bad-luck" in problems[0]
    stored.write_text("{")
    off, problems = lint_choice.chosen_off()
    assert not off and "is not used" in problems[0]


def test_every_rule_explains_itself() -> None:
    assert len(RULES) == 9
    assert all(text.endswith(".") and len(text) < 100 for text in RULES.values())
