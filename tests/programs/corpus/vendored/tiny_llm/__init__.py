"""The 100 lines of PocketFlow, copied (MIT, Zachary Huang), as many projects do."""

from .core import AsyncFlow, AsyncNode, Flow, Node

__all__ = ["AsyncFlow", "AsyncNode", "Flow", "Node"]
