"""`flowscope dap` driven by npm's `@vscode/debugadapter-testsupport`, where node is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "testsupport"


@pytest.fixture(scope="module")
def node() -> str:
    """The node executable, with the package installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node or npm is not installed")
    if not (HERE / "node_modules").is_dir():
        try:
            subprocess.run([npm, "ci"], cwd=HERE, check=True, capture_output=True, timeout=120)
        except (subprocess.SubprocessError, OSError) as error:
            pytest.skip(f"npm cannot install the package: {error}")
    return node


def test_a_client_that_is_not_ours(node: str) -> None:
    flowscope = Path(sys.executable).with_name("flowscope")
    done = subprocess.run(
        [node, "--test", "adapter.test.js"],
        cwd=HERE,
        env={**os.environ, "FLOWSCOPE": str(flowscope)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
