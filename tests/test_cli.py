"""The commands as a shell runs them: bad input gets a sentence, never a traceback of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from .patience import SECONDS
from .programs.compare import FLOWSCOPE, Seen, run

AGENT = """
from pocketflow import Flow, Node

class Decide(Node):
    def post(self, shared, prep_res, exec_res):
        shared["n"] = shared.get("n", 0) + 1
        print("decided", shared["n"])
        return "search" if shared["n"] < 3 else "answer"

class Search(Node):
    pass

class Answer(Node):
    def post(self, shared, prep_res, exec_res):
        return "done"

decide, search, answer = Decide(), Search(), Answer()
decide - "search" >> search >> decide
decide - "answer" >> answer
flow = Flow(start=decide)
if __name__ == "__main__":
    flow.run({})
"""
# More than the buffers of Python and of a pipe hold together.
STORM = AGENT.replace("< 3", "< 3000").replace('print("decided", ', 'print("decided".ljust(100), ')
WAIT = """
import sys, time
from pocketflow import Flow, Node
class Wait(Node):
    def exec(self, prep_res):
        print("begun", flush=True)
        while True:
            time.sleep(0.1)  # Python sleeps on after a signal in the moment before it sleeps
Flow(start=Wait()).run({})
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "agent.py").write_text(AGENT)
    (tmp_path / "syntax.py").write_text("x = 1\ndef f(:\n")
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "binary.py").write_bytes(bytes(range(128, 256)))
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def flowscope(*arguments: str, cwd: Path, **env: str) -> Seen:
    return run([*FLOWSCOPE, *arguments], cwd, **env)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("nothing.py", "There is no file nothing.py: name the script"),
        ("run syntax.py", "syntax.py, line 2, is not valid Python: "),
        ("run binary.py", "binary.py is not a Python script: it is no text in UTF-8."),
        ("run folder", "folder is a folder without __main__.py: name a script in it."),
        ("run pipe", "pipe is not a file: name the script"),
        ("run --python nothing agent.py", "There is no Python at nothing: give --python"),
        ("run --python /bin/ls agent.py", "/bin/ls is not a Python that works: give --python"),
        ("run --record folder agent.py", "Cannot record to folder: is a directory; choose another file"),
        ("graph empty.py", "empty.py ran no flow, and no global variable holds one"),
        ("graph nothing.flowscope", "nothing.flowscope does not exist; record one with --record"),
        ("open agent.py", "agent.py is not a recording; name a file that --record wrote."),
        ("export --to mermaid empty.py", "empty.py is empty; record it again"),
        ("run -m", "Name a script: flowscope SCRIPT"),
        ("run --nonsense agent.py", "No such option '--nonsense'."),
        ("run --break Decide-> agent.py", "'Decide->' names no action behind the arrow."),
        ("--break shared. agent.py", "'shared.'"),
        ("export --to nonsense agent.py", "'nonsense' is not one of"),
    ],
)
def test_bad_input(here: Path, command: str, sentence: str) -> None:
    seen = flowscope(*command.split(), cwd=here)
    assert seen.code == 2
    assert seen.stdout == b""
    *_, last = seen.stderr.decode().splitlines()
    assert sentence in last
    assert last.startswith(("flowscope: ", "Error: "))
    assert "Traceback" not in seen.stderr.decode()


def test_a_python_that_is_too_old(here: Path) -> None:
    old = here / "python3.8"
    old.write_text("#!/bin/sh\necho Python 3.8\n")
    old.chmod(0o755)
    seen = flowscope("run", "--python", str(old), "agent.py", cwd=here)
    assert (seen.code, seen.stdout) == (2, b"")
    assert (
        "is Python 3.8, and FlowScope needs 3.11 or newer: give --python another one." in seen.stderr.decode()
    )


def test_a_module_that_is_not_there_is_for_python_to_tell(here: Path) -> None:
    seen = flowscope("run", "-m", "nothing", cwd=here)
    assert seen.code == 1
    assert "No module named nothing" in seen.stderr.decode()


def test_without_a_flow_the_program_is_what_it_is(here: Path) -> None:
    (here / "plain.py").write_text("print('x')\nraise SystemExit(7)\n")
    seen = flowscope("plain.py", cwd=here)
    assert (seen.code, seen.stdout) == (7, b"x\n")
    assert "no flow ran: is this the program that runs it" in seen.stderr.decode()


def test_options_behind_the_script_are_the_scripts(here: Path) -> None:
    (here / "tell.py").write_text("import sys; print(sys.argv[1:])")
    rest = ["--json", "-m", "x", "--break", "(", "--help", "-h", "--version", "--", "--record"]
    lines = (["run", "tell.py"], ["-m", "tell"], ["debug", "tell.py"], ["run", "--json", "-m", "tell"])
    for line in lines:
        seen = flowscope(*line, *rest, cwd=here)
        assert seen.code == 0, seen.stderr.decode()
        assert f"{rest}\n" in (seen.stdout + seen.stderr).decode()


@pytest.mark.parametrize("name", ["with a space.py", "über/die Brücke 猫.py", "-v.py", "it's.py"])
def test_names(here: Path, name: str) -> None:
    script = here / name
    script.parent.mkdir(exist_ok=True)
    script.write_text(AGENT)
    seen = flowscope("run", "--", name, cwd=here)
    assert (seen.code, seen.stdout) == (0, b"decided 1\ndecided 2\ndecided 3\n")


def test_the_log_without_a_terminal(here: Path) -> None:
    seen = flowscope("agent.py", cwd=here)
    assert (seen.code, seen.stdout) == (0, b"decided 1\ndecided 2\ndecided 3\n")
    log = seen.stderr.decode()
    assert "\x1b" not in log
    for line in ("✓ Decide#3 → answer", "1 run, 6 visits", "exit code 0"):
        assert line in log


def test_graphs(here: Path) -> None:
    flowscope("run", "--record", "run.flowscope", "agent.py", cwd=here)
    for form in ("text", "mermaid", "dot", "svg", "json"):
        seen = flowscope("graph", "--format", form, "agent.py", cwd=here)
        assert seen.code == 0, seen.stderr.decode()
        assert b"Decide" in seen.stdout and b"search" in seen.stdout and b"decided" not in seen.stdout
        of_recording = ("graph", "--format") if form == "text" else ("export", "--to")
        told = flowscope(*of_recording, form, "run.flowscope", cwd=here)
        assert told.code == 0, told.stderr.decode()
        assert form == "json" or told.stdout == seen.stdout  # ids of spans are in there


LAZY = """
import sys, types
class Lazy(types.ModuleType):
    def __getattribute__(self, name):
        raise ImportError(f"{self!r} is not to be imported for {name}")
sys.modules["lazy"] = Lazy("lazy")
"""


def test_the_graphs_of_several_flows(here: Path) -> None:
    """Each once, whether a run or only a variable tells of it; a node of two flows is drawn in both."""
    held = "later = Flow(start=search)\nalone = Flow(start=Answer())\n"
    runs = "    for each in (alone, alone, later, Flow(start=Answer())):\n        each.run({'n': 9})\n"
    (here / "flows.py").write_text(AGENT.replace("if __name__", held + "if __name__") + runs)
    flowscope("run", "--record", "run.flowscope", "flows.py", cwd=here)
    for source in ("flows.py", "run.flowscope"):
        graph = json.loads(flowscope("graph", "--format", "json", source, cwd=here).stdout)
        flows = {node["id"]: node["label"] for node in graph["nodes"] if node["parent"] is None}
        assert sorted(flows.values()) == ["Flow (alone)", "Flow (flow)", "Flow (later)"]
        inside = sorted((flows[node["parent"]], node["label"]) for node in graph["nodes"] if node["parent"])
        nodes = {
            name: [node for flow, node in inside if flow == f"Flow ({name})"] for name in ("flow", "later")
        }
        assert nodes["flow"] == nodes["later"] == ["Answer", "Decide", "Search"]
        assert len(graph["edges"]) == 2 * 3
    (here / "none.py").write_text(LAZY + AGENT.replace("flow.run({})", "pass"))
    seen = flowscope("graph", "none.py", cwd=here)
    assert "Search" in seen.stdout.decode() and not seen.stderr


def test_a_recording_tells_what_run_told(here: Path) -> None:
    ran = flowscope("run", "--record", "run.flowscope", "agent.py", cwd=here)
    opened = flowscope("open", "run.flowscope", cwd=here)
    assert opened.code == 0
    lines = opened.stdout.decode().splitlines()
    assert [line for line in lines if not line.startswith("> ")] == ran.stderr.decode().splitlines()
    assert [line[2:] for line in lines if line.startswith("> ")] == ran.stdout.decode().splitlines()
    told = flowscope("run", "--json", "--record", "json.flowscope", "agent.py", cwd=here)
    recorded = (here / "json.flowscope").read_bytes().splitlines()
    assert recorded[1:] == told.stdout.splitlines()
    refused = flowscope("run.flowscope", cwd=here)
    assert refused.code == 2
    assert b"run.flowscope is a recording: see it with flowscope open run.flowscope." in refused.stderr


def test_a_damaged_recording_is_shown_up_to_the_damage(here: Path) -> None:
    flowscope("run", "--record", "run.flowscope", "agent.py", cwd=here)
    lines = (here / "run.flowscope").read_bytes().splitlines(keepends=True)
    middle = len(lines) // 2
    (here / "run.flowscope").write_bytes(b"".join([*lines[:middle], b"\x00\xff nonsense\n", *lines[middle:]]))
    seen = flowscope("open", "run.flowscope", cwd=here)
    assert seen.code == 2
    assert f"run.flowscope is damaged at line {middle + 1}; " in seen.stderr.decode()
    assert "✓ Decide → search" in seen.stdout.decode()
    assert "Traceback" not in seen.stderr.decode()
    (here / "run.flowscope").write_bytes(b"".join(lines[:middle])[:-5])  # as after kill -9
    seen = flowscope("open", "run.flowscope", cwd=here)
    assert seen.code == 0
    assert "The recording ends in the middle of an event" in seen.stdout.decode()
    seen = flowscope("graph", "run.flowscope", cwd=here)
    assert seen.code == 0 and b"Search" in seen.stdout
    assert b"flowscope: run.flowscope ends before its program did" in seen.stderr


def shell(line: str, cwd: Path) -> Seen:
    """A line of bash in which `flowscope` and `python` are ours."""
    functions = f'flowscope() {{ {" ".join(FLOWSCOPE)} "$@"; }}; python() {{ {sys.executable} "$@"; }}; '
    return run(["bash", "-c", functions + line], cwd)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the lines are bash's")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_nobody_reads(here: Path, unbuffered: str) -> None:
    (here / "storm.py").write_text(STORM)
    end = " | head -n 1; echo ${PIPESTATUS[0]}"
    env = f"export PYTHONUNBUFFERED={unbuffered}; "
    plain = shell(f"{env} python storm.py {end}", here)
    seen = shell(f"{env} flowscope run storm.py {end}", here)
    assert seen.stdout == plain.stdout
    assert seen.stdout.split() == [b"decided", b"1", b"1"]
    assert _traceback(seen) == _traceback(plain)
    shell("flowscope run --json --record run.flowscope storm.py >output", here)
    for command in ("run --json storm.py", "open run.flowscope"):
        seen = shell(f"{env} flowscope {command} {end}", here)
        assert seen.stdout.splitlines()[-1] == b"141"
        assert b"BrokenPipe" not in seen.stderr
    seen = shell(f"{env} flowscope run storm.py 2>&1 >output {end}", here)
    assert seen.stdout.splitlines()[-1] == b"141"
    assert seen.stderr == b""


def _traceback(seen: Seen) -> list[str]:
    lines = seen.stderr.decode().splitlines()
    return [line for line in lines if re.match(r"  File |Traceback|\w*Error:|Exception ignored", line)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that takes nothing is Linux's")
def test_a_full_disk(here: Path) -> None:
    flowscope("run", "--record", "run.flowscope", "agent.py", cwd=here)
    for command in ("run --json agent.py", "open run.flowscope", "export --to json run.flowscope"):
        seen = shell(f"flowscope {command} >/dev/full", here)
        assert seen.code == 2
        assert seen.stderr.decode().splitlines()[-1].endswith("the system refused: no space left on device.")
        assert b"Traceback" not in seen.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="the line is bash's")
def test_a_recording_that_finds_no_more_room_ends_alone(here: Path) -> None:
    (here / "storm.py").write_text(STORM)
    seen = shell("ulimit -f 64; flowscope run --record run.flowscope storm.py", here)
    assert seen.code == 0
    assert seen.stdout.split()[-2:] == [b"decided", b"3000"]
    assert seen.stderr.decode().count("error: Cannot record to run.flowscope: file too large; ") == 1
    assert "its events stop here" in flowscope("open", "run.flowscope", cwd=here).stdout.decode()


def test_recorded_twice(here: Path) -> None:
    for _ in range(2):
        seen = flowscope("run", "--record", "run.flowscope", "agent.py", cwd=here)
        assert seen.code == 0
    assert "info: run.flowscope held a recording: it is run.1.flowscope now." in seen.stderr.decode()
    for option in (["run"], ["run", "--json"], []):
        seen = flowscope(*option, "--record", "agent.py", "agent.py", cwd=here)
        assert (seen.code, seen.stdout) == (2, b"")
        assert (here / "agent.py").read_text() == AGENT


BROKEN = """
from flowscope.cli import main
from flowscope.model import Model
apply = Model.apply
def broken(self, event):
    if event["type"] == "change":
        raise KeyError("ours")
    return apply(self, event)
Model.apply = broken
main()
"""


def test_an_error_of_ours_ends_neither_the_program_nor_its_recording(here: Path) -> None:
    for number, command in enumerate((["run"], ["run", "--json"])):
        name = f"{number}.flowscope"
        arguments = [*command, "--record", name, "agent.py"]
        seen = run([sys.executable, "-c", BROKEN, *arguments], here)
        assert seen.code == 0
        assert b"decided 3\n" in (seen.stderr if number else seen.stdout)
        assert seen.stderr.decode().count("flowscope: FlowScope itself failed: KeyError: 'ours' (") == 1
        assert b"Traceback" not in seen.stderr
        assert b'"exit"' in (here / name).read_bytes().splitlines()[-1]
        seen = run([sys.executable, "-c", BROKEN, "open", name], here)
        assert seen.code == 0 and b"decided 3" in seen.stdout
        assert seen.stderr.count(b"FlowScope itself failed") == 1


def test_what_python_is_told_for_the_program_is_not_for_ours(here: Path) -> None:
    tell = (
        "import asyncio, flowscope.loop\nasync def debug(): return asyncio.get_running_loop().get_debug()\n"
    )
    line = [sys.executable, "-c", f"{tell}print(flowscope.loop.run(debug()), asyncio.run(debug()))"]
    assert run(line, here, PYTHONASYNCIODEBUG="1").stdout == b"False True\n"
    seen = flowscope("run", "agent.py", cwd=here, PYTHONWARNINGS="error", PYTHONSAFEPATH="1", LC_ALL="C")
    assert (seen.code, seen.stdout) == (0, b"decided 1\ndecided 2\ndecided 3\n")


def test_closed_streams(here: Path) -> None:
    for line in (
        "run agent.py >&-",
        "run --json agent.py <&- >&-",
        "agent.py <&- >&- 2>&-",
        "graph agent.py >&-",
    ):
        seen = shell(f"flowscope {line}", here)
        assert seen.code == 0, seen.stderr.decode()
        assert b"Traceback" not in seen.stderr


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize("handled", [False, True])
def test_ctrl_c_is_the_programs(here: Path, options: list[str], handled: bool) -> None:
    source = WAIT
    if handled:
        *begin, last = WAIT.splitlines()
        source = "\n".join([*begin, "try:", f"    {last}", "except KeyboardInterrupt:", "    sys.exit(5)"])
    (here / "wait.py").write_text(source)
    process = subprocess.Popen(
        [*FLOWSCOPE, "run", *options, "wait.py"],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    while b"begun" not in process.stdout.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == (5 if handled else 130)
    assert not re.search(rb"flowscope_engine/debug|<flowscope|flowscope/cli", output)  # no frame of ours
    assert (b'"type":"exit"' if options else b"Wait" if handled else b"killed by SIGINT") in output


def test_a_killed_command_leaves_no_program_behind(here: Path) -> None:
    (here / "wait.py").write_text(WAIT.replace('"begun"', '"begun", __import__("os").getpid()'))
    process = subprocess.Popen([*FLOWSCOPE, "run", "wait.py"], cwd=here, stdout=subprocess.PIPE)
    assert process.stdout is not None
    pid = int(process.stdout.readline().split()[1])
    process.kill()
    process.communicate(timeout=SECONDS)  # stdout ends when the program does
    with pytest.raises(ProcessLookupError):
        while True:
            os.kill(pid, 0)
            os.sched_yield()


def test_colours_are_for_terminals(here: Path) -> None:
    for env in ({"FORCE_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"TERM": "dumb"}):
        log = flowscope("run", "agent.py", cwd=here, **env).stderr.decode()
        coloured = re.search(r"\x1b\[[\d;]*3[0-7]m", log) is not None
        assert coloured == (env == {"FORCE_COLOR": "1"})


def test_json_is_json_whatever_the_program_prints(here: Path) -> None:
    (here / "odd.py").write_text(
        textwrap.dedent(r"""
        import sys
        sys.stdout.reconfigure(errors="surrogateescape")
        print("\udcff \x00 \u2028")
        """)
    )
    seen = flowscope("run", "--json", "odd.py", "\udcfe", cwd=here)
    events = [json.loads(line) for line in seen.stdout.splitlines()]
    assert events[0]["argv"] == ["\udcfe"]
    assert [event["text"] for event in events if event["type"] == "output"] == ["\udcff \x00 \u2028\n"]
