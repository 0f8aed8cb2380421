"""How the parts of a drawing look just now: what the program did with them so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from .drawing import EdgeKey


class Mark(Enum):
    """What became of a node so far; the value names its style."""

    NONE = "node"
    VISITED = "visited"
    RUNNING = "running"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CURRENT = "current"


class Use(Enum):
    """What became of an edge so far; the value names its style."""

    PLAIN = "edge"  # nothing has run
    NEVER = "never"
    TAKEN = "taken"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class NodeLook:
    mark: Mark = Mark.NONE
    count: int = 0
    failed: bool = False
    breakpoint: bool | None = None
    """Is it on? None where there is none."""
    selected: bool = False
    note: str = ""
    """What its lanes do: `12/40 done, 3 failed`."""


@dataclass(frozen=True, slots=True)
class EdgeLook:
    use: Use = Use.PLAIN
    count: int = 0


class AnyLook(Protocol):
    """Asked for the parts that are shown, and for no others."""

    def node(self, key: str) -> NodeLook: ...

    def edge(self, key: EdgeKey) -> EdgeLook: ...


@dataclass(slots=True)
class Look:
    """A look told in advance. Nodes and edges that are not named look plain."""

    nodes: dict[str, NodeLook] = field(default_factory=dict)
    edges: dict[EdgeKey, EdgeLook] = field(default_factory=dict)

    def node(self, key: str) -> NodeLook:
        return self.nodes.get(key, _PLAIN_NODE)

    def edge(self, key: EdgeKey) -> EdgeLook:
        return self.edges.get(key, _PLAIN_EDGE)


_PLAIN_NODE = NodeLook()
_PLAIN_EDGE = EdgeLook()
