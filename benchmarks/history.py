"""Going to any step of a long run, and what its past costs: `python benchmarks/history.py [STEPS]`."""

from __future__ import annotations

import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

from flowscope.model import Model, Step

Event = dict[str, Any]


def agent(steps: int) -> Iterator[Event]:
    """A run with 1,000 keys, a chat that grows to 1,000 messages, and a changing leaf of a nested value."""
    ids = iter(range(2, 10**9))
    ts = iter(range(10**9))
    shared = {f"key {at}": at for at in range(1_000)} | {"chat": [], "deep": {"a": {"b": list(range(1_000))}}}
    yield {"type": "begin", "id": 1, "kind": "run", "node": "f1", "ts": next(ts)}
    yield {"type": "change", "span": 1, "path": [], "op": "set", "value": shared}
    chat = 0
    for visit in range(steps // 8):
        outer = next(ids)
        yield {"type": "begin", "id": outer, "parent": 1, "kind": "visit", "node": "n1", "ts": next(ts)}
        for kind in ("prep", "exec", "post"):
            span = next(ids)
            yield {"type": "begin", "id": span, "parent": outer, "kind": kind, "node": "n1", "ts": next(ts)}
            if kind == "post":
                path = ["deep", "a", "b", visit % 1_000]
                yield {
                    "type": "change",
                    "span": span,
                    "path": path,
                    "op": "set",
                    "value": f"v{visit}",
                    "old": 0,
                }
                if chat < 1_000:
                    message = {"role": "user", "content": f"message {chat} " * 40}
                    yield {
                        "type": "change",
                        "span": span,
                        "path": ["chat", chat],
                        "op": "add",
                        "value": message,
                    }
                    chat += 1
            yield {"type": "end", "id": span, "ts": next(ts)}
        yield {"type": "end", "id": outer, "action": "again", "ts": next(ts)}


def fold(events: list[Event]) -> tuple[Model, float]:
    """The model of these events, and the seconds it took."""
    model = Model()
    begin = time.perf_counter()
    for event in events:
        model.apply(event)
    return model, time.perf_counter() - begin


def main(steps: int) -> None:
    events = list(agent(steps))
    model, seconds = fold(events)
    history = model.history
    print(
        f"{len(history):,} steps, {len(model.changes):,} changes: {seconds / len(events) * 1e6:.1f} µs each"
    )
    found: list[Step] = [step for at in range(len(history)) if (step := history.at(at)) is not None]
    random.Random(1).shuffle(found)
    times = []
    for step in found[:2_000]:
        begin = time.perf_counter()
        history.shared(step, 1)
        times.append((time.perf_counter() - begin) * 1e3)
    print(f"to any step: median {statistics.median(times):.3f} ms, longest {max(times):.3f} ms")
    begin = time.perf_counter()
    changes = history.compare(found[0], found[1], 1)
    print(f"two steps compared: {(time.perf_counter() - begin) * 1e3:.2f} ms, {len(changes)} changes")
    begin = time.perf_counter()
    next(history.search(1, ("chat",), "message 900 "), None)
    print(f"searched for a text: {(time.perf_counter() - begin) * 1e3:.1f} ms")
    tracemalloc.start()
    kept, _ = fold(events)
    size, _ = tracemalloc.get_traced_memory()
    print(f"memory without the values of the events: {size / len(kept.history):,.0f} bytes a step")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
