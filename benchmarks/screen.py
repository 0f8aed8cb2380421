"""The screen: time to the first painted stop, and from a key to the next stop, through a real terminal.

    python -m benchmarks.screen

The first is a ratio to `python -c "import textual.app"` in the same run, a terminal emulator in this process
included; a step is timed until it is written to the terminal.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.terminal import FLOWSCOPE, Terminal

ROUNDS = 7
STEPS = 120

PROGRAM = """
from pocketflow import Flow, Node
class Left(Node):
    def post(self, shared, prep_res, exec_res):
        shared["turns"] += 1
        shared["log"] = [*shared["log"][-20:], "x" * 50]
class Right(Node):
    def post(self, shared, prep_res, exec_res):
        shared["turns"] += 1
left, right = Left(), Right()
left >> right >> left
Flow(left).run({"turns": 0, "log": []})
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "program.py")
        script.write_text(PROGRAM)
        imports, starts, drawn = [], [], []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
            imports.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            with Terminal(FLOWSCOPE, str(script), columns=160, lines=50, XDG_STATE_HOME=folder) as screen:
                screen.until("entry: before Left")
                starts.append(time.perf_counter() - begin)
                screen.until(lambda text: "Right" in text)
                drawn.append(time.perf_counter() - begin)
        base, start = statistics.median(imports), statistics.median(starts)
        print(f"import textual.app   {base * 1e3:7.0f} ms")
        print(f"first painted stop   {start * 1e3:7.0f} ms   {start / base:.2f}×")
        graph = statistics.median(drawn)
        print(f"… with its graph      {graph * 1e3:7.0f} ms   {graph / base:.2f}×")
        for columns, lines in ((80, 24), (160, 50)):
            times = _steps(script, columns, lines, folder)
            p95 = statistics.quantiles(times, n=20)[-1]
            print(
                f"key to stop {columns}×{lines}: median {statistics.median(times) * 1e3:.1f} ms, "
                f"p95 {p95 * 1e3:.1f} ms of {len(times)} steps"
            )


def _steps(script: Path, columns: int, lines: int, folder: str) -> list[float]:
    times = []
    with Terminal(FLOWSCOPE, str(script), columns=columns, lines=lines, XDG_STATE_HOME=folder) as screen:
        screen.until("entry: before Left")
        for step in range(STEPS):
            node = ("Right", "Left")[step % 2]
            number = step // 2 + 1 + (node == "Left")
            wanted = f"before {node}#{number} " if number > 1 else f"before {node} "
            begin = time.perf_counter()
            screen.press("n")
            screen.until_written(wanted)
            times.append(time.perf_counter() - begin)
    return times


if __name__ == "__main__":
    main()
