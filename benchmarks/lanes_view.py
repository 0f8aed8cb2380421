"""The lanes pane with 10,000 live lanes: frames a second, and from a key to the frame that shows it.

    python -m benchmarks.lanes_view [LANES]

The whole screen is painted, into a terminal that is not there. 5,000 times a second a lane changes its state.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual import events
from textual._compositor import CompositorUpdate

import flowscope.tui
from flowscope.tui.app import FlowScope
from flowscope.tui.breakpoints import Breakpoints
from flowscope.tui.debugger import Debugger, Event
from flowscope.tui.widgets.lanes import LanesPane

SECONDS = 6.0
PER_SECOND = 5_000
KEYS = ("down", "down", "pagedown", "space", "down", "space", "plus", "right", "left", "0", "up", "pageup")
STATES = (("running", None), ("awaiting", "sleep"), ("ready", None), ("awaiting", "Semaphore"))


class Source(Debugger):
    """Lanes that live as long as they are looked at."""

    def __init__(self, lanes: int) -> None:
        super().__init__(None, Breakpoints(None))
        self._lanes = lanes
        self.ready = asyncio.Event()

    @property
    def phase(self) -> str:
        return "running"

    async def pump(self, recorded: Iterable[Event] = ()) -> None:
        tell = self._tell
        tell("header", version=1)
        nodes = [
            {"id": "f", "label": "Flow", "kind": "AsyncFlow"},
            {"id": "w", "label": "Work", "parent": "f"},
        ]
        tell("graph", run=1, nodes=nodes, edges=[])
        for id, parent, kind in ((1, None, "run"), (2, 1, "visit"), (3, 2, "exec")):
            node, label = ("f", "Flow") if kind == "run" else ("w", "Work")
            tell("begin", id=id, parent=parent, kind=kind, node=node, label=label, lane=0)
        for at in range(self._lanes):
            tell("begin", id=at + 4, parent=3, kind="item", node="w", label="Work", lane=at + 1, item=at)
            if at % 500 == 0:
                await asyncio.sleep(0)
        self.ready.set()
        chance = random.Random(1)
        done = time.monotonic()
        while True:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            for _ in range(int((now - done) * PER_SECOND)):
                state, on = chance.choice(STATES)
                ts = time.monotonic_ns()
                lane = chance.randrange(self._lanes) + 1
                tell("lane", id=lane, parent=0, state=state, since=ts, on=on, states=[])
            done = now

    def _tell(self, type: str, **fields: Any) -> None:
        self._fold({"type": type, "ts": time.monotonic_ns(), **fields})


class Watched(FlowScope):
    """Notes when it paints."""

    CSS_PATH = Path(flowscope.tui.__file__).parent / "app.tcss"

    def __init__(self, debugger: Debugger) -> None:
        super().__init__(debugger)
        self.frames: list[float] = []
        self.painted = asyncio.Event()

    def _display(self, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(self.console)
            self.frames.append(time.perf_counter())
            self.painted.set()


async def measure(lanes: int, size: tuple[int, int], sort: bool) -> None:
    source = Source(lanes)
    app = Watched(source)
    async with app.run_test(size=size) as pilot:
        await source.ready.wait()
        while not isinstance(app.focused, LanesPane):  # the panes come after the first painting
            await pilot.press("l")
            await asyncio.sleep(0.1)
        if sort:
            await pilot.press("S", "S")
        begin, cpu = time.perf_counter(), time.process_time()
        app.frames.clear()
        waits = []
        chance = random.Random(2)
        at = 0
        while time.perf_counter() - begin < SECONDS:
            await asyncio.sleep(chance.uniform(0.02, 0.08))
            app.painted.clear()
            pressed = time.perf_counter()
            key = KEYS[at % len(KEYS)]
            at += 1
            app.post_message(events.Key(key, None))
            await app.painted.wait()
            waits.append(time.perf_counter() - pressed)
        spent = time.perf_counter() - begin
        gaps = [after - before for before, after in zip(app.frames, app.frames[1:], strict=False)]
        by = " by state" if sort else ""
        print(
            f"{lanes:,} lanes {size[0]}×{size[1]}{by}: {len(app.frames) / spent:.1f} frames/s "
            f"(longest gap {max(gaps) * 1e3:.0f} ms), key median {statistics.median(waits) * 1e3:.1f} ms, "
            f"p95 {statistics.quantiles(waits, n=20)[-1] * 1e3:.1f} ms of {len(waits)}, "
            f"CPU {(time.process_time() - cpu) / spent:.0%}"
        )


def main() -> None:
    """Print a line for each size of the screen."""
    lanes = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for size in ((80, 24), (160, 50)):
        asyncio.run(measure(lanes, size, sort=False))
    asyncio.run(measure(lanes, (160, 50), sort=True))


if __name__ == "__main__":
    main()
