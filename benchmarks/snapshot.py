"""The cost of keeping every step, against `copy.deepcopy` in the same run: `python benchmarks/snapshot.py`.

For each kind of `shared`: processor time and bytes kept of a step, one thing changed by each, and the time
of a look that finds all as it was: there are two or three of those for each that finds a change.
"""

from __future__ import annotations

import copy
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from flowscope_engine.debug.history import History
from flowscope_engine.debug.rewind import way_to
from flowscope_engine.snapshot import Frozen, freeze
from flowscope_engine.spans import Span
from flowscope_engine.thaw import thaw

STEPS = 200


class Array:
    """100 MB by reference, as numpy's are: its data is no Python object."""

    def __init__(self) -> None:
        self.data = bytearray(100_000_000)

    def __deepcopy__(self, memo: Any) -> Array:
        twin = object.__new__(Array)
        twin.data = bytearray(self.data)
        return twin


Array.__module__ = "numpy"  # not of the program's own classes: opaque


def keys(count: int) -> tuple[Any, Callable[[Any, int], None]]:
    """Short strings by key; one is set at each step."""

    def step(shared: Any, number: int) -> None:
        shared[f"key{number % count}"] = f"value {number}"

    return {f"key{number}": f"value {number}" for number in range(count)}, step


def chat() -> tuple[Any, Callable[[Any, int], None]]:
    """A chat history that grows to 1,000 messages."""

    def step(shared: Any, number: int) -> None:
        for part in range(1_000 // STEPS):
            shared["messages"].append({"role": "user", "content": f"message {number} {part} " * 20})

    return {"messages": [], "question": "why"}, step


def nested() -> tuple[Any, Callable[[Any, int], None]]:
    """10 MB in lists in dicts; one leaf changes."""
    rows = [{"id": row, "text": "x" * 960, "tags": ["a", "b", row]} for row in range(10_000)]
    shared = {"tables": {f"t{at}": rows[at * 100 : at * 100 + 100] for at in range(100)}}

    def step(shared: Any, number: int) -> None:
        shared["tables"][f"t{number % 100}"][number % 100]["id"] = -number

    return shared, step


def array() -> tuple[Any, Callable[[Any, int], None]]:
    """An array of 100 MB beside one number that changes."""

    def step(shared: Any, number: int) -> None:
        shared["n"] = number

    return {"array": Array(), "n": 0}, step


CASES = {
    "10 keys": (lambda: keys(10), 10 * STEPS),
    "1,000 keys": (lambda: keys(1_000), STEPS),
    "chat to 1,000 messages": (chat, STEPS),
    "10 MB nested, a leaf": (nested, 20),
    "100 MB array": (array, 5),
}


def measure(
    make: Callable[[], Any], keep: Callable[[Any, Any], Any], steps: int
) -> tuple[float, float, float]:
    """Seconds and bytes a step, and seconds of a look where nothing has changed."""
    shared, step = make()
    kept = [keep(shared, keep(shared, None))]  # as in a session, where the first step is one of many
    taken = 0.0
    for number in range(steps):
        step(shared, number)
        begin = time.process_time()
        kept.append(keep(shared, kept[-1]))
        taken += time.process_time() - begin
    begin = time.process_time()
    for _ in range(20):
        keep(shared, kept[-1])
    idle = (time.process_time() - begin) / 20
    kept.clear()
    shared, step = make()
    last = keep(shared, keep(shared, None))
    tracemalloc.start()
    held = [last]
    count = min(steps, 20)
    before = tracemalloc.get_traced_memory()[0]
    for number in range(count):
        step(shared, number)
        held.append(keep(shared, held[-1]))
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / steps, size / count, idle


def long_history(steps: int = 10_000) -> tuple[list[float], History]:
    """Seconds to find and restore a step of a long loop, for steps all over it."""
    history = History(lambda count: None)
    shared: dict[str, Any] = {"turn": 0, "log": []}
    run = Span("run", object(), None)
    run.shared, run.is_flow = shared, True
    now: Frozen = freeze(shared)
    history.begin(run, now)
    visits = []
    for number in range(steps):
        visit = Span("visit", object(), run)
        visit.visit = visit
        history.begin(visit, now)
        visits.append(visit)
        shared["turn"] = number
        if number % 10 == 0:
            shared["log"].append(f"turn {number}")
        now, before = freeze(shared, now), now
        history.changed(run, visit, before, now)
        if number < steps - 1:
            visit.status = "ok"
            history.leave(visit)
    times = []
    for visit in visits[:: steps // 100]:
        begin = time.process_time()
        way = way_to(visit, visits[-1], [visits[-1]])
        thaw(way.restored(now, history.changes[run.id]).shared, now)
        now = freeze(shared, now)
        times.append(time.process_time() - begin)
        assert shared["turn"] == max(0, visits.index(visit) - 1)
    return times, history


def main() -> None:
    """Print one line for each case."""
    head = ("snapshot", "deepcopy", "ratio", "unchanged", "keeps", "deepcopy")
    print(f"{'a step':26}{head[0]:>12}{head[1]:>12}{head[2]:>8}{head[3]:>12}{head[4]:>12}{head[5]:>14}")
    for name, (make, steps) in CASES.items():
        mine, bytes_mine, idle = measure(make, lambda value, before: freeze(value, before), steps)
        copied, bytes_copied, _ = measure(make, lambda value, before: copy.deepcopy(value), steps)
        print(
            f"{name:26}{mine * 1e6:9.1f} µs{copied * 1e6:9.1f} µs{copied / mine:8.1f}{idle * 1e6:9.1f} µs"
            f"{bytes_mine:10,.0f} B{bytes_copied:12,.0f} B"
        )
    times, history = long_history()
    print(
        f"any step of 10,000: {max(times) * 1e3:.1f} ms at most, {sum(times) / len(times) * 1e3:.1f} ms "
        f"on average; the history holds about {history.bytes / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main()
