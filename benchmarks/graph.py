"""Layout and painting of graphs, and a step on one, in milliseconds: `python benchmarks/graph.py`.

On a busy machine the processor's time says more than the clock's.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from flowscope.graph.build import Graph, build
from flowscope.graph.layout import layout
from flowscope.graph.look import Look, Mark, NodeLook
from flowscope.graph.paint import Canvas

ROUNDS = 7
SCREEN = 160, 50
KINDS = ("Node", "AsyncNode", "BatchNode", "AsyncParallelBatchNode")


def program(count: int) -> Graph:
    """Nodes in nested flows, with branches, ways back and self loops."""
    rng = random.Random(count)
    flows = ["f0"]
    nodes: list[dict[str, Any]] = [{"id": "f0", "label": "Main", "kind": "Flow", "parent": None}]
    level: dict[str, list[str]] = {"f0": []}
    for number in range(count):
        if number and number % 12 == 0:
            parent, key = rng.choice(flows[-2:]), f"f{len(flows)}"
            nodes.append({"id": key, "label": f"Flow{key}", "kind": "Flow", "parent": parent})
            level[parent].append(key)
            level[key] = []
            flows.append(key)
        parent, key = rng.choice(flows[-2:]), f"n{number}"
        nodes.append({"id": key, "label": f"Step{number}", "kind": rng.choice(KINDS), "parent": parent})
        level[parent].append(key)
    edges = []
    for keys in level.values():
        for place, key in enumerate(keys[1:], 1):
            before = keys[max(0, place - rng.randint(1, 3))]
            action = rng.choice(("default", "search", "next"))
            edges.append({"source": before, "target": key, "action": action})
        for _ in range(len(keys) // 4):
            edges.append({"source": rng.choice(keys), "target": rng.choice(keys), "action": "again"})
    return build(nodes, edges)


def best(run: Callable[[], object]) -> str:
    """The shortest of several runs: by the clock, and of the processor."""
    clock, processor = [], []
    for _ in range(ROUNDS):
        begin = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - begin[0])
        processor.append(time.process_time() - begin[1])
    return f"{min(clock) * 1e3:8.2f} ms  {min(processor) * 1e3:8.2f} ms of the processor"


def main() -> None:
    for count in (30, 200):
        graph = program(count)
        drawing = layout(graph, size=SCREEN)
        canvas = Canvas(drawing)
        looks = [Look({f"n{n}": NodeLook(Mark.CURRENT)}) for n in (1, 2)]
        turn = iter(range(10**9))
        print(f"{count} nodes: {drawing.width}×{drawing.height} cells")
        print(f"  layout            {best(lambda: layout(graph, size=SCREEN))}")  # noqa: B023
        print(f"  a screen painted  {best(lambda: Canvas(drawing).update(Look(), 0, SCREEN[1]))}")  # noqa: B023
        print(f"  all of it         {best(lambda: Canvas(drawing).update(Look()))}")  # noqa: B023
        print(f"  a step repainted  {best(lambda: canvas.update(looks[next(turn) % 2]))}")  # noqa: B023


if __name__ == "__main__":
    main()
