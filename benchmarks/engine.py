"""The cost of a trivial visit, as ratios to bare PocketFlow in one run: `python benchmarks/engine.py`."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pocketflow

import flowscope_engine
from flowscope_engine import observe

VISITS = 5_000
ROUNDS = 9


def loop(pf: ModuleType) -> Callable[[], object]:
    """A flow of one node that goes round VISITS times."""

    class Trivial(pf.Node):  # type: ignore[misc,name-defined]
        def post(self, shared: Any, prep_res: Any, exec_res: Any) -> str:
            shared["visits"] += 1
            return "again" if shared["visits"] < VISITS else "end"

    node = Trivial()
    node - "again" >> node
    flow = pf.Flow(node)
    return lambda: flow.run({"visits": 0})


def best(rounds: list[Callable[[], object]]) -> list[float]:
    """The shortest time of each, taken in turns, in seconds."""
    times = [float("inf")] * len(rounds)
    for _ in range(ROUNDS):
        for number, run in enumerate(rounds):
            begin = time.perf_counter()
            run()
            times[number] = min(times[number], time.perf_counter() - begin)
    return times


def session() -> Callable[[], object]:
    """The same flow under the debugger's own observer, events taken away as a session does."""
    from flowscope_engine.adopt import adopt_class
    from flowscope_engine.debug.controller import Controller
    from flowscope_engine.debug.emitter import Emitter

    emitter = Emitter()
    adopt_class(flowscope_engine.BaseNode, print)
    run = loop(flowscope_engine)
    emitter.close()  # the queue has no other end here

    def observed() -> None:
        observe.install(Controller(emitter, print))
        run()
        observe.install(None)
        emitter.take()

    return observed


def main() -> None:
    """Print one line for each way to run."""
    warnings.simplefilter("ignore")
    bare, engine = best([loop(pocketflow), loop(flowscope_engine)])
    again, observed = best([loop(pocketflow), session()])
    print(f"pocketflow          1.00  ({bare / VISITS * 1e6:.2f} µs a visit)")
    print(f"engine, unobserved  {engine / bare:.2f}")
    print(f"engine, debugged    {observed / again:.2f}")


if __name__ == "__main__":
    main()
