"""One lane in full."""

from __future__ import annotations

from textual.containers import Vertical

from .value import ValueScreen


class LaneScreen(ValueScreen):
    """Text about a lane; Esc leads back to the lanes."""

    def _label(self) -> None:
        box = self.query_one(Vertical)
        box.border_title = self._title.replace("[", "\\[")
        box.border_subtitle = "/ search · y copy · Esc"
