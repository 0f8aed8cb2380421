"""Programs made up by a seed: a counter that ends too low is told, and no other one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

from ..patience import SECONDS

KEYS = "abc"
SAFE = [
    'shared["{k}"] += 1',
    'n = shared["{k}"]\nshared["{k}"] = n + 1',
    'n = shared["{k}"]\nawait pause()\nn = shared["{k}"]\nshared["{k}"] = n + 1',
    'shared["{k}"] = await pause() + shared["{k}"]',
]
LOCKED = 'async with lock:\n    n = shared["{k}"]\n    await pause()\n    shared["{k}"] = n + 1'
TORN = [
    'n = shared["{k}"]\nawait pause()\nshared["{k}"] = n + 1',
    'n = shared.get("{k}", 0)\nfor _ in range(2):\n    await pause()\nn += 1\nshared.update({k}=n)',
    'shared["{k}"] += await pause()',
    'if True:\n    n = shared["{k}"]\n    await pause()\n    shared["{k}"] = n + 1',
]
HEAD = """
import asyncio, random
from pocketflow import *

lock, rng = asyncio.Lock(), random.Random({seed})
shared = dict.fromkeys("abc", 0)

async def pause():
    for _ in range(rng.randrange(1, 4)):
        await asyncio.sleep(rng.choice([0, 0, 0.001, 0.003]))
    return 1

class Copies(AsyncParallelBatchFlow):
    async def prep_async(self, shared):
        return [{{}}] * {lanes}
"""
ACROSS = """
    async def prep_async(self, shared):
        return shared["{k}"]
    async def exec_async(self, prep_res):
        await pause()
        return prep_res + 1
"""
GATHERED = """
async def main():
    await asyncio.gather(*(AsyncFlow(start=nodes[0]).run_async(shared) for _ in range({lanes})))
"""
COPIED = """
async def main():
    await AsyncFlow(start=Copies(start=nodes[0])).run_async(shared)
"""
TAIL = """
for one, other in zip(nodes, nodes[1:]):
    one >> other
asyncio.run(main())
print(*shared.values())
"""


def program(seed: int) -> tuple[str, dict[str, int]]:
    """The source, and what its counters come to when nothing is lost."""
    rng = random.Random(seed)
    lanes, wanted = rng.randrange(2, 6), dict.fromkeys(KEYS, 0)
    ways = {key: rng.choice([SAFE, [LOCKED], [*SAFE, LOCKED, *TORN]]) for key in KEYS}
    text = HEAD.format(seed=seed, lanes=lanes)
    nodes = [f"Node{number}" for number in range(rng.randrange(1, 4))]
    for name in nodes:
        across = rng.choice([key for key in KEYS if len(ways[key]) > len(SAFE)] or [""])
        text += f"\nclass {name}(AsyncNode):\n"
        lines = ["await pause()"]
        if across:
            text += ACROSS.format(k=across)
            lines = [f'shared["{across}"] = ' + rng.choice(["exec_res", "prep_res + 1"])]
            wanted[across] += lanes
        for key in rng.choices([key for key in KEYS if key != across], k=rng.randrange(3)):
            lines += [rng.choice(ways[key]).format(k=key), "await pause()"]
            wanted[key] += lanes
        text += "    async def post_async(self, shared, prep_res, exec_res):\n"
        text += indent("\n".join(lines), " " * 8) + "\n"
    text += f"\nnodes = [{', '.join(f'{name}()' for name in nodes)}]"
    return text + rng.choice([GATHERED, COPIED]).format(lanes=lanes) + TAIL, wanted


@pytest.mark.parametrize("seed", (0, 3, 5, 11, 12, 23))
def test_what_is_lost_is_told(seed: int, tmp_path: Path) -> None:
    text, wanted = program(seed)
    script = tmp_path / "counting.py"
    script.write_text(text)
    command = [sys.executable, "-m", "flowscope.cli", "run", "--json", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    counted = "".join(event["text"] for event in events if event["type"] == "output").split()
    lost = {key for key, count in zip(KEYS, counted, strict=True) if int(count) < wanted[key]}
    found = [event["message"] for event in events if event.get("rule") == "shared-conflict"]
    told = {message.split("`")[1] for message in found}
    assert told == lost, text
