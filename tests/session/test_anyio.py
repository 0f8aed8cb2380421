"""Lanes that are held while anyio counts their time, or cancels what is around them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from .test_lanes import Lanes, five, is_lane, lanes

pytest.importorskip("anyio")


async def test_the_time_of_a_scope_waits_with_its_lane(tmp_path: Path) -> None:
    body = """\
with anyio.move_on_after(1.4) as scope:
    await anyio.sleep(0.8)
print(item, scope.cancelled_caught)"""

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 1 and event.get("state") == "awaiting")
        await session.request("flowscope/hold", lane=drive.of(1))
        await drive.when(lambda event: is_lane(event, drive.of(0)) and "status" in event)
        await asyncio.sleep(0.8)  # its time would be over
        await session.request("flowscope/release", lane=drive.of(1))
        assert await drive.over() == "0 False\n1 False\nall: [0, 1]\n"

    await lanes(tmp_path, five(body, 2).replace("import asyncio", "import asyncio, anyio"), work)


async def test_a_lane_that_is_cancelled_from_around_stays_held_until_it_is_released(tmp_path: Path) -> None:
    source = five("try:\n    await anyio.sleep(10)\nfinally:\n    print('over', item)", 2)
    source, _, _ = source.rpartition("asyncio.run")
    source = (
        source.replace("import asyncio", "import asyncio, anyio")
        + """
async def main():
    with anyio.move_on_after(1) as scope:
        await AsyncFlow(Work()).run_async({})
    print(scope.cancelled_caught)
asyncio.run(main())
"""
    )

    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 1 and event.get("state") == "awaiting")
        await session.request("flowscope/hold", lane=drive.of(1))
        await drive.when(lambda event: drive.text() == "over 0\nTrue\n")  # the gather does not wait for it
        await session.request("flowscope/release", lane=drive.of(1))
        assert await drive.over() == "over 0\nTrue\nover 1\n"

    await lanes(tmp_path, source, work)
