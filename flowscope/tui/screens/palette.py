"""Textual's palette, where a key may come before the first commands are laid out."""

from __future__ import annotations

import contextlib

from textual.command import CommandPalette


class Palette(CommandPalette):
    """Textual moves through a list by its lines on screen, and fails while there are none."""

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(LookupError):
            super()._action_command_list(action)
