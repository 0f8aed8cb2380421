"""Programs on another event loop than asyncio's: what works there, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_by_hand import keep, replayed, step
from .test_lanes import Lanes, five, is_lane, lanes

pytest.importorskip("uvloop")

BODY = "for turn in 'ab':\n    print(item, turn)\n    await asyncio.sleep(0.01 * (item + 1))"


def on_uvloop(body: str, items: int) -> str:
    source = five(body, items)
    return source.replace("import asyncio", "import asyncio, uvloop").replace("asyncio.run", "uvloop.run")


async def test_lanes_are_held_and_let_go_one_by_one_and_their_order_is_followed(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/hold")
        await session.continue_(drive.lane)
        await drive.when(lambda event: event.get("item") == 2 and event.get("state") == "held")
        for item in (2, 0, 1, 1, 0, 2, 2):
            await step(drive, item)
        await session.request("flowscope/release")
        names = await drive.over()
        assert names.startswith("2 a\n0 a\n1 a\n1 b\n0 b\n2 b\n")
        assert any("event loop is not asyncio's own" in text for text in drive.notices())
        keep(tmp_path / "order.json", next(each for each in drive.seen if each["type"] == "schedule"))
        output, said = replayed(tmp_path, "order.json")
        assert output == names
        assert "followed to its end" in said

    await lanes(tmp_path, on_uvloop(BODY, 3), work)


async def test_one_lane_stops_and_another_is_cancelled_while_the_rest_goes_on(tmp_path: Path) -> None:
    async def work(drive: Lanes) -> None:
        session = drive.session
        await drive.until("stopped")
        await session.request("flowscope/stopMode", allStop=False)
        await session.continue_(drive.lane)
        await drive.until("stopped")
        await drive.when(lambda event: is_lane(event, drive.of(2)) and "status" in event)
        assert (await session.stack(drive.of(1)))[0]["name"].startswith("Work[1]")
        await session.request("flowscope/hold", lane=drive.of(1))
        await session.request("flowscope/cancel", lane=drive.of(0))
        await drive.when(lambda event: is_lane(event, drive.of(0)) and "status" in event)
        assert drive.final(0)["status"] == "cancelled"

    body = "await asyncio.sleep(30 if item == 0 else 0.01)"
    await lanes(tmp_path, on_uvloop(body, 3), work, breakpoints=["Work[1]"], exceptions=[])
