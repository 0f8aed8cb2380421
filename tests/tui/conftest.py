"""An app is idle when it has nothing left to do, not when others have the CPU, as Textual's pilot thinks."""

from __future__ import annotations

import asyncio

import pytest
from textual import app, pilot
from textual._context import active_app
from textual.app import App

_SOON = 0.02  # seconds; Textual puts some of its work off for so long


async def _idle(*_: float) -> None:
    """Until there is nothing to do, now and soon."""
    await _drained()
    loop = asyncio.get_running_loop()
    soon = loop.time() + _SOON
    if any(each.when() < soon and not each.cancelled() for each in loop._scheduled):  # type: ignore[attr-defined]
        await asyncio.sleep(_SOON)
        await _drained()


async def _drained() -> None:
    """Until no task goes on and nothing is to be laid out or drawn."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(0)
        if not loop._ready and not _drew(active_app.get()):  # type: ignore[attr-defined]
            return


def _drew(shown: App[object]) -> bool:
    """Do what the screen puts off to its next frame; was there anything?"""
    screen = shown.screen
    if not screen.is_current or shown._batch_count:
        return False
    is_stale = (
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )
    screen._on_timer_update()
    return bool(is_stale)


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (app, pilot):
        monkeypatch.setattr(module, "wait_for_idle", _idle)
