"""One pane on a screen of its own, and what is to be read there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

import flowscope.tui
from flowscope.model import Model
from flowscope.tui.focus import Focus
from flowscope.tui.theme import DARK
from flowscope.tui.widgets.pane import AnyPane

from ..patience import SECONDS

STYLES = (Path(flowscope.tui.__file__).parent / "app.tcss").read_text()


class Alone(App[None]):
    """Shows one pane of a model; `said` are the messages it sent that are not Textual's own."""

    CSS = STYLES

    def __init__(self, pane: AnyPane, model: Model) -> None:
        super().__init__()
        self.pane = pane
        self.place = Focus(model)
        self.said: list[Message] = []

    def compose(self) -> ComposeResult:
        """The pane."""
        yield self.pane

    def on_mount(self) -> None:
        """As the app shows it."""
        self.register_theme(DARK)
        self.theme = DARK.name
        self.pane.sync(self.place, {"all"})
        self.pane.focus()

    async def _on_message(self, message: Message) -> None:
        if type(message).__module__.startswith("flowscope"):
            self.said.append(message)
        await super()._on_message(message)

    def sync(self, *dirty: str) -> None:
        """The model has changed, or the focus."""
        self.pane.sync(self.place, {*dirty, *self.place.model.take_dirty()})


def screen(app: App[None]) -> list[str]:
    """The lines on screen, without the spaces at their ends."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def press(pilot: Pilot[None], *keys: str) -> list[str]:
    """Press keys; the lines on screen after that."""
    await pilot.press(*keys)
    await pilot.pause()
    return screen(pilot.app)


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> list[str]:
    """Wait for a state, however slow the machine is; the lines on screen then."""
    async with asyncio.timeout(SECONDS):
        while not holds():
            await pilot.pause(0.02)
    return screen(pilot.app)
