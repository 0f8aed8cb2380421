"""What observing lanes costs, as ratios to bare PocketFlow in one run: `python benchmarks/lanes.py`."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pocketflow

from flowscope_engine import observe
from flowscope_engine.adopt import adopt_class
from flowscope_engine.debug.controller import Controller
from flowscope_engine.debug.emitter import Emitter

ROUNDS = 7
CASES = {
    "10,000 items, one sleep(0)": (10_000, 1, 0.0),
    "1,000 items, ten sleep(0)": (1_000, 10, 0.0),
    "1,000 items, ten sleep(1 ms)": (1_000, 10, 0.001),
}


def program(items: int, awaits: int, seconds: float) -> Callable[[], object]:
    """A flow of one parallel node; the class is new, so that it is bare until its family is adopted."""

    class Work(pocketflow.AsyncParallelBatchNode):  # type: ignore[misc]
        async def prep_async(self, shared: Any) -> range:
            return range(items)

        async def exec_async(self, item: int) -> int:
            for _ in range(awaits):
                await asyncio.sleep(seconds)
            return item

    return lambda: asyncio.run(pocketflow.AsyncFlow(Work()).run_async({}))


def best(run: Callable[[], object]) -> float:
    """The shortest time in seconds."""
    shortest = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        begin = time.perf_counter()
        run()
        shortest = min(shortest, time.perf_counter() - begin)
    return shortest


@contextmanager
def session() -> Iterator[None]:
    """The debugger's own observer; a thread takes the events away, as the one that sends them does."""
    emitter = Emitter()
    done = threading.Event()

    def drain() -> None:
        while not done.wait(0.02):
            emitter.take()

    thread = threading.Thread(target=drain)
    thread.start()
    adopt_class(pocketflow.BaseNode, print)
    observe.install(Controller(emitter, print))
    yield
    observe.install(None)
    emitter.close()
    done.set()
    thread.join()


def main() -> None:
    """Print a line for each case. Bare first: adoption cannot be taken back."""
    bare = {name: best(program(*case)) for name, case in CASES.items()}
    with session():
        for name, case in CASES.items():
            seconds = best(program(*case))
            print(f"{name:30} {seconds / bare[name]:.2f}  (bare {bare[name] * 1e3:.1f} ms)")


if __name__ == "__main__":
    main()
