"""Which panes there are, and where on the screen they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .widgets.console import ConsolePane
from .widgets.graph import GraphPane
from .widgets.lanes import LanesPane
from .widgets.node import NodePane
from .widgets.pane import AnyPane
from .widgets.shared import SharedPane
from .widgets.source import SourcePane
from .widgets.timeline import TimelinePane


@dataclass(frozen=True)
class PaneSpec:
    """A pane: `name` is its id and its command's, `place` one of graph, detail, activity."""

    name: str
    key: str
    title: str
    place: str
    factory: Callable[..., AnyPane]

    def make(self) -> AnyPane:
        """A new one."""
        return self.factory(id=self.name)


PANES: tuple[PaneSpec, ...] = (
    PaneSpec("graph", "g", "Graph", "graph", GraphPane),
    PaneSpec("shared", "v", "Shared", "detail", SharedPane),
    PaneSpec("node", "x", "Node", "detail", NodePane),
    PaneSpec("source", "w", "Source", "detail", SourcePane),
    PaneSpec("timeline", "m", "Timeline", "activity", TimelinePane),
    PaneSpec("lanes", "l", "Lanes", "activity", LanesPane),
    PaneSpec("console", "k", "Console", "activity", ConsolePane),
)
