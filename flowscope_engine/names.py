"""The variable names of nodes, so that two nodes of one class can be told apart.

Where nodes are connected and where a flow is run, the variables of the calling function still hold them.
"""

from __future__ import annotations

import weakref
from types import FrameType
from typing import Any

from .families import KINDS, is_node

_names: dict[int, tuple[weakref.ref[Any], str]] = {}
_POCKETFLOW = {*KINDS, "_ConditionalTransition"}


def name_of(node: Any) -> str | None:
    """The first variable or attribute name this node was seen under."""
    entry = _names.get(id(node))
    return entry[1] if entry is not None and entry[0]() is node else None


def learn_names(frame: FrameType | None, depth: int) -> None:
    """Look through the variables of a frame and of at most `depth` functions that called it."""
    for _ in range(depth):
        while frame is not None and frame.f_code.co_qualname.partition(".")[0] in _POCKETFLOW:
            frame = frame.f_back
        if frame is None:
            return
        for name, value in list(frame.f_locals.items()):
            if name == "self":
                attributes = getattr(type(value), "__dict__", None) and _attributes(value)
                for attribute, part in list((attributes or {}).items()):
                    _learn(attribute, part)
            else:
                _learn(name, value)
        if frame.f_code.co_name == "<module>":
            return
        frame = frame.f_back


def _attributes(value: Any) -> dict[str, Any]:
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return attributes if type(attributes) is dict else {}


def _learn(name: str, value: Any) -> None:
    if not name.startswith("_") and is_node(value) and name_of(value) is None:
        key = id(value)
        _names[key] = (weakref.ref(value, lambda _: _names.pop(key, None)), name)
