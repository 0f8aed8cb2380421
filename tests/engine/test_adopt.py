"""Whole programs, each with a PocketFlow of its own, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pocketflow
import pytest

ROOT = Path(__file__).parents[2]
SOURCE = Path(pocketflow.__file__).read_text()
PROGRAM = """
from {module} import Flow, Node, BatchNode
class Work(BatchNode):
    def prep(self, shared): return [1]
Flow(Work()).run({{}})
"""
WATCH = """
import ast, sys
from flowscope_engine import adopt, observe
class Lines:
    def begin(self, span): print(span.kind, type(span.node).__name__)
    def end(self, span): pass
adopt.adopt_modules(lambda text: print("notice:", text))
observe.install(Lines())
transform = adopt.adopt_script(lambda text: print("notice:", text))
"""
SCRIPT = """
path = sys.argv[1]
tree = transform(ast.parse(open(path).read()), path)
exec(compile(tree, path, "exec"), {"__name__": "__main__"})
"""
SPANS = [
    "run Flow",
    "prep Flow",
    "visit Work",
    "prep Work",
    "exec Work",
    "item Work",
    "attempt Work",
    "post Work",
    "post Flow",
]


def run(tmp_path: Path, script: str, how: str = SCRIPT) -> list[str]:
    (tmp_path / "script.py").write_text(script)
    result = subprocess.run(
        [sys.executable, "-c", WATCH + how, "script.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not result.stderr
    return result.stdout.splitlines()


def test_the_installed_package(tmp_path: Path) -> None:
    assert run(tmp_path, PROGRAM.format(module="pocketflow")) == SPANS


def test_a_copy_under_another_name(tmp_path: Path) -> None:
    vendor = tmp_path / "my_project" / "vendor"
    vendor.mkdir(parents=True)
    (vendor / "pf.py").write_text(SOURCE)
    assert run(tmp_path, PROGRAM.format(module="my_project.vendor.pf")) == SPANS


def test_a_copy_within_the_script(tmp_path: Path) -> None:
    program = PROGRAM.format(module="pocketflow").replace("from pocketflow import Flow, Node, BatchNode", "")
    assert [line for line in run(tmp_path, SOURCE + program) if "notice" not in line] == SPANS


@pytest.mark.parametrize(
    "how",
    [
        "run_module('script', [], transform)",
        "run_script('.', [], transform)",
        "run_script('z', [], transform)",
    ],
)
def test_a_copy_within_a_module_that_is_run(tmp_path: Path, how: str) -> None:
    program = SOURCE + PROGRAM.format(module="pocketflow").replace("from pocketflow import", "#")
    (tmp_path / "__main__.py").write_text(program)
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("__main__.py", program)
    how = f"from flowscope_engine.debug.runscript import run_module, run_script\n{how}"
    assert run(tmp_path, program, how) == SPANS


def test_a_copy_in_a_zip_file_and_one_made_in_a_function(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("pf.py", SOURCE)
        archive.writestr("other.py", "import third")
        archive.writestr("third.py", "")
    start = (
        "import sys, importlib.util\nsys.path.insert(0, 'z')\nimportlib.util.find_spec('pf')\nimport other\n"
    )
    assert run(tmp_path, start + PROGRAM.format(module="pf")) == SPANS
    made = "def make():\n" + textwrap.indent(SOURCE, "    ") + "\n    return Flow, Node, BatchNode\nmake()\n"
    program = PROGRAM.format(module="").replace("from  import Flow, Node, BatchNode", "")
    lines = run(tmp_path, made + "Flow, Node, BatchNode = make()" + program)
    assert [line for line in lines if "notice" not in line] == SPANS


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("copy.copy(self.start_node)", "self.start_node", "Flow._orch"),
        ("self._exec(p)", "self._execute(p)", "BaseNode._run"),
    ],
)
def test_a_changed_copy_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    changed = SOURCE.replace(old, new)
    if "_execute" in new:
        changed = changed.replace("def _exec(self", "def _execute(self").replace("._exec(", "._execute(")
    (tmp_path / "mine.py").write_text(changed)
    lines = run(tmp_path, PROGRAM.format(module="mine"))
    notices = [line for line in lines if line.startswith("notice")]
    assert any(told in notice for notice in notices), lines
    assert "visit Work" in lines
