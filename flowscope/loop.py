"""The debugger's own asyncio loop: PYTHONASYNCIODEBUG and the like are meant for the program's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`, never in debug mode, which would log what is slow over the screen."""
    return asyncio.run(work, debug=False)
