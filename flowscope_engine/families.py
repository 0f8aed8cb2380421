"""Families: a PocketFlow is recognised by what its classes define, not by its name.

The engine's own classes, the installed `pocketflow` and a copy of its source under any name are each a
family: a root class and what derives from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

KINDS = (
    "AsyncParallelBatchFlow",
    "AsyncBatchFlow",
    "AsyncFlow",
    "BatchFlow",
    "Flow",
    "AsyncParallelBatchNode",
    "AsyncBatchNode",
    "AsyncNode",
    "BatchNode",
    "Node",
    "BaseNode",
)
ROOT_METHODS = ("set_params", "prep", "exec", "post", "run", "__rshift__")


@dataclass(frozen=True, slots=True)
class Traits:
    """What a class is among PocketFlow's kinds."""

    kind: str  # the PocketFlow class it is nearest to
    is_flow: bool
    is_async: bool
    is_batch: bool
    is_parallel: bool


_traits: WeakKeyDictionary[type, Traits] = WeakKeyDictionary()
_roots: WeakKeyDictionary[type, bool] = WeakKeyDictionary()  # is a class of a family
_owned: WeakKeyDictionary[type, bool] = WeakKeyDictionary()  # is a class PocketFlow's own


def is_root(cls: type) -> bool:
    """Does this class define what PocketFlow's BaseNode defines?"""
    return all(name in cls.__dict__ for name in ROOT_METHODS)


def root_of(cls: type) -> type | None:
    """The root of the family this class belongs to."""
    for base in reversed(cls.__mro__):
        if is_root(base):
            return base
    return None


def members(root: type) -> list[type]:
    """A root and every class that derives from it, as of now."""
    found: dict[type, None] = {}
    pending = [root]
    while pending:
        cls = pending.pop()
        if cls not in found:
            found[cls] = None
            pending += type.__subclasses__(cls)
    return list(found)


def is_own(cls: type) -> bool:
    """Is this one of PocketFlow's own classes, rather than a user's? Cached."""
    known = _owned.get(cls)
    if known is None:
        known = _owned[cls] = _is_own(cls)
    return known


def _is_own(cls: type) -> bool:
    root = root_of(cls)
    if root is None or cls.__name__ not in KINDS:
        return cls is root
    return cls.__module__ == root.__module__ or _package(cls) == _package(root)


def _package(cls: type) -> str:
    return cls.__module__.rpartition(".")[0] or cls.__module__


def traits(cls: type) -> Traits:
    """The traits of a class of any family, cached."""
    known = _traits.get(cls)
    if known is None:
        kind = next((base.__name__ for base in cls.__mro__ if is_own(base)), "BaseNode")
        known = _traits[cls] = Traits(
            kind=kind if kind in KINDS else "BaseNode",
            is_flow=hasattr(cls, "get_next_node") or kind.endswith("Flow"),
            is_async=kind.startswith("Async"),
            is_batch="Batch" in kind,
            is_parallel="Parallel" in kind,
        )
    return known


def is_node(value: Any) -> bool:
    """Is this an instance of a class of a family? Quick, and runs no code of the value's."""
    cls = type(value)
    known = _roots.get(cls)
    if known is None:
        known = _roots[cls] = root_of(cls) is not None
    return known
