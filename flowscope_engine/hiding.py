"""Frames of ours that the user of a program never wants to see."""

from __future__ import annotations

import functools
import os
from collections.abc import Awaitable, Callable, Generator
from types import CodeType, FunctionType, TracebackType, coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
E = TypeVar("E", bound=BaseException)

_DEBUG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "debug") + os.sep
HIDDEN_FILE = "<flowscope importlib._bootstrap>"
"""The file name of our frames: `warnings` and `logging` skip such frames when they look for the caller."""


def hidden(function: Callable[P, T]) -> Callable[P, T]:
    """The function, its frames ours by their file name."""
    assert isinstance(function, FunctionType)
    function.__code__ = _hide(function.__code__)
    return function


def hidden_coroutine(function: Callable[P, Generator[Any, Any, T]]) -> Callable[P, Awaitable[T]]:
    """The generator as something to await, its frames hidden."""
    return coroutine(hidden(function))


def is_hidden(function: FunctionType) -> bool:
    """Is this a function of ours?"""
    return function.__code__.co_filename == HIDDEN_FILE


def forget_frames(error: E) -> E:
    """Take our frames, the outermost so far, off the traceback; a bare `raise` does not put them back."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == HIDDEN_FILE:
        traceback = traceback.tb_next
    error.__traceback__ = cut(traceback)
    return error


def is_ours(filename: str) -> bool:
    """Is this the file of a frame that a user of the program never wants to see?"""
    return filename == HIDDEN_FILE or filename.startswith(_DEBUG)


def cut(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback up to where an interrupt hit what we do for the program, such as taking its output."""
    last = traceback
    while last is not None and last.tb_next is not None:
        if last.tb_next.tb_frame.f_code.co_filename.startswith(_DEBUG):
            last.tb_next = None
        last = last.tb_next
    return traceback


@functools.cache
def _hide(code: CodeType) -> CodeType:
    return code.replace(co_filename=HIDDEN_FILE)
