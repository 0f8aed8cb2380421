"""The variable names of nodes, so that two nodes of one class can be told apart.

Where nodes are connected and where a flow is run, the variables of the calling function still hold them.
"""

from __future__ import annotations

import weakref
from types import FrameType
from typing import Any

from .families import KINDS, is_node
from .hiding import HIDDEN_FILE

_names: dict[int, tuple[weakref.ref[Any], str]] = {}
_POCKETFLOW = {*KINDS, "_ConditionalTransition"}
_MOST = 200  # nodes of a list or dict


def name_of(node: Any) -> str | None:
    """The first variable or attribute name this node was seen under."""
    entry = _names.get(id(node))
    return entry[1] if entry is not None and entry[0]() is node else None


def learn_names(frame: FrameType | None, depth: int) -> None:
    """Look through the variables of a frame and of at most `depth` functions that called it."""
    frames: list[FrameType] = []
    while frame is not None and len(frames) < depth:
        code = frame.f_code
        if code.co_filename != HIDDEN_FILE and code.co_qualname.partition(".")[0] not in _POCKETFLOW:
            frames.append(frame)
            if code.co_name == "<module>":
                break
        frame = frame.f_back
    for around in reversed(frames):  # a parameter says less than the variable that was handed over
        for name, value in list(around.f_locals.items()):
            if name == "self":
                for attribute, part in list(attributes_of(value).items()):
                    learn(attribute, part)
            else:
                learn(name, value)


def attributes_of(value: Any) -> dict[str, Any]:
    """What it holds by name; no code of its own runs, and a lazy module stays what it is."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return attributes if type(attributes) is dict else {}


def learn(name: str, value: Any) -> None:
    """Note the name of a node, or of the nodes in a container that begins with one."""
    if name.startswith("_"):
        return
    cls = type(value)
    if cls is dict or cls is list or cls is tuple:
        if not 0 < len(value) <= _MOST or not is_node(next(iter(value.values() if cls is dict else value))):
            return
        for key, part in list(value.items() if cls is dict else enumerate(value)):
            if type(key) in (str, int):
                _name(part, f"{name}[{key!r}]")
    else:
        _name(value, name)


def _name(value: Any, name: str) -> None:
    if is_node(value) and name_of(value) is None:
        key = id(value)
        _names[key] = (weakref.ref(value, lambda _: _names.pop(key, None)), name)
