"""What a suspended lane awaits, and where a busy one is, as a user would say it."""

from __future__ import annotations

import asyncio
import os
import sysconfig
from types import CodeType, FrameType
from typing import Any

from ..hiding import HIDDEN_FILE
from ..lanes import Lane
from ..rules import RULES

_LIBRARIES = tuple(
    {os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_OURS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")


def awaited(lane: Lane) -> str | None:
    """`sleep`, `Event.wait`, `Queue.get`: the first call of a library's on the way to what it awaits."""
    inner: Any = lane.coroutine
    while inner is not None:
        code = getattr(inner, "cr_code", None) or getattr(inner, "gi_code", None)
        if code is None:
            break
        if is_library(code.co_filename) and code.co_name not in RULES:
            return _called(inner, code)
        inner = inner.cr_await if hasattr(inner, "cr_await") else inner.gi_yieldfrom
    return _future(lane.future)


def line_in(lane: Lane, code: CodeType) -> int | None:
    """The line at which this code of a suspended lane awaits; None where it is not in it."""
    inner: Any = lane.coroutine
    while inner is not None:
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
        if frame is None:
            return None
        if frame.f_code is code:
            return int(frame.f_lineno)
        inner = inner.cr_await if hasattr(inner, "cr_await") else inner.gi_yieldfrom
    return None


def user_place(frame: FrameType | None) -> tuple[str, int] | None:
    """File and line of the innermost frame that is not a library's; None where that is one of ours."""
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    name = _OURS if frame is None else frame.f_code.co_filename
    return None if frame is None or name.startswith((_OURS, HIDDEN_FILE)) else (name, frame.f_lineno)


def is_library(path: str) -> bool:
    """Is this a file of the standard library's, or of an installed package?"""
    return path.startswith((*_LIBRARIES, "<frozen ")) and path != HIDDEN_FILE


def _called(made: Any, code: CodeType) -> str:
    """`Queue.get`; what is entered or left by `async with` is called by its class, `Semaphore`."""
    if code.co_name not in ("__aenter__", "__aexit__"):
        return str(code.co_qualname)
    frame = getattr(made, "cr_frame", None)
    return str(code.co_qualname) if frame is None else type(frame.f_locals.get("self")).__name__


def _future(future: Any) -> str | None:
    children = getattr(future, "_children", None)  # of a gather
    if isinstance(children, list):
        return f"gather of {len(children)}"
    if isinstance(future, asyncio.Task):
        return f"task {future.get_name()}"
    return None if future is None else type(future).__name__
