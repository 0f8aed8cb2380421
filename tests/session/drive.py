"""Drives real programs through a real session, for tests."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from flowscope.session.launch import LaunchSpec
from flowscope.session.session import Session

from ..patience import SECONDS

Event = dict[str, Any]


class Drive:
    """A session, and what it has told so far."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seen: list[Event] = []
        self._events = session.events()

    async def until(self, *kinds: str) -> Event:
        """The next event of these types; an exit instead is an error."""
        async with asyncio.timeout(SECONDS):
            async for event in self._events:
                self.seen.append(event)
                assert not event.get("text", "").startswith("FlowScope itself failed"), event["text"]
                if event["type"] in kinds:
                    return event
                assert event["type"] != "exit", self.text()
        raise AssertionError("the stream of events has ended")

    async def restart(self) -> None:
        """End the program and start it anew, up to its header."""
        await self.session.restart()
        async with asyncio.timeout(SECONDS):
            async for event in self._events:
                self.seen.append(event)
                if event["type"] == "header":
                    return

    async def stop(self) -> str:
        """Where the program stops next: reason and frames, innermost first."""
        event = await self.until("stopped")
        frames = await self.session.stack(event["lane"])
        return f"{event['reason']} " + " < ".join(frame["name"] for frame in frames)

    async def go(self, command: Callable[[int], Awaitable[None]]) -> str:
        """Let it go on where it stands, to the next stop."""
        await command(self.lane)
        return await self.stop()

    @property
    def lane(self) -> int:
        """The lane that stopped last."""
        return int(next(event["lane"] for event in reversed(self.seen) if event["type"] == "stopped"))

    def text(self) -> str:
        """What the program wrote."""
        return "".join(event["text"] for event in self.seen if event["type"] == "output")

    def notices(self) -> list[str]:
        return [event["text"] for event in self.seen if event["type"] == "notice"]


async def driving(
    path: Path,
    source: str,
    work: Callable[[Drive], Awaitable[None]],
    breakpoints: Sequence[str] = (),
    exceptions: Sequence[str] = (),
    stop_on_entry: bool = True,
    interleaving: dict[str, Any] | None = None,
) -> None:
    """Start this program, do the work, and end it whatever happens."""
    script = path / "program.py"
    script.write_text(textwrap.dedent(source))
    session = Session(
        LaunchSpec(script=str(script), interleaving=interleaving),
        breakpoints=breakpoints,
        exceptions=exceptions,
        stop_on_entry=stop_on_entry,
    )
    await session.start()
    try:
        await work(Drive(session))
    finally:
        await session.close()
