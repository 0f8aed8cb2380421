"""The first connection to a debuggee that is still starting."""

from __future__ import annotations

import asyncio
import time

from .launch import Debuggee

HANDSHAKE = 30.0
"""Seconds that a starting program has to answer."""

_LIMIT = 1 << 20  # bytes read ahead


async def reach(
    debuggee: Debuggee, end: asyncio.Task[int]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """A connection to the debuggee's adapter; None when the program ends, or HANDSHAKE passes, before."""
    deadline = time.monotonic() + HANDSHAKE
    while not end.done() and time.monotonic() < deadline:
        try:
            return await asyncio.open_connection("127.0.0.1", debuggee.port, limit=_LIMIT)
        except OSError:  # it does not listen yet
            await asyncio.wait([end], timeout=0.01)
    return None
