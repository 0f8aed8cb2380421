"""What observing lanes costs, as ratios to bare PocketFlow in one run: `python benchmarks/lanes.py`.

Processor time of the whole process, so that the thread which takes the events away is in it.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pocketflow

from flowscope_engine import observe
from flowscope_engine.adopt import adopt_class
from flowscope_engine.debug.controller import Controller
from flowscope_engine.debug.emitter import Emitter

ROUNDS = 9
CASES = {
    "10,000 items, one sleep(0)": (10_000, 1, 0.0),
    "1,000 items, ten sleep(0)": (1_000, 10, 0.0),
    "1,000 items, ten sleep(1 ms)": (1_000, 10, 0.001),
}


def untouched() -> ModuleType:
    """A second PocketFlow, which nobody adopts."""
    spec = importlib.util.spec_from_file_location("untouched", pocketflow.__file__)
    assert spec is not None and spec.loader is not None
    module = sys.modules["untouched"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def program(pf: ModuleType, items: int, awaits: int, seconds: float) -> Callable[[], object]:
    """A flow of one parallel node."""

    class Work(pf.AsyncParallelBatchNode):  # type: ignore[misc,name-defined]
        async def prep_async(self, shared: Any) -> range:
            return range(items)

        async def exec_async(self, item: int) -> int:
            for _ in range(awaits):
                await asyncio.sleep(seconds)
            return item

    return lambda: asyncio.run(pf.AsyncFlow(Work()).run_async({}))


class Session:
    """The debugger's own observer; a thread takes the events away, as the one that sends them does."""

    def __init__(self) -> None:
        self._emitter = Emitter()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._drain)
        self._thread.start()
        observe.install(Controller(self._emitter, print))

    def _drain(self) -> None:
        while not self._done.wait(0.02):
            self._emitter.take()

    def close(self) -> None:
        observe.install(None)
        self._emitter.close()
        self._done.set()
        self._thread.join()


def cost(run: Callable[[], object]) -> float:
    """Seconds of processor time."""
    gc.collect()
    begin = time.process_time()
    run()
    return time.process_time() - begin


def observed(run: Callable[[], object]) -> float:
    """The same, under a session."""
    session = Session()
    try:
        return cost(run)
    finally:
        session.close()


def main() -> None:
    """Print a line for each case: the best of each way to run, taken in turns."""
    bare = untouched()
    adopt_class(pocketflow.BaseNode, print)
    for name, case in CASES.items():
        plain, seen = program(bare, *case), program(pocketflow, *case)
        costs = [(cost(plain), observed(seen)) for _ in range(ROUNDS)]
        best = [min(column) for column in zip(*costs, strict=True)]
        print(f"{name:30} {best[1] / best[0]:.2f}  (bare {best[0] * 1e3:.1f} ms)")


if __name__ == "__main__":
    main()
