"""Errors of FlowScope's own are told in a sentence; the program goes on, and so does what shows it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from types import TracebackType


class Mishaps:
    """As a context: what fails in it is told, once for each place. OSErrors are the system's, and pass."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: set[tuple[str, int | None]] = set()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, OSError):
            return False
        frame = traceback.extract_tb(trace)[-1]
        place = (frame.filename, frame.lineno)
        if place not in self._told:
            self._told.add(place)
            what = f"{type(error).__name__}: {error} ({place[0]}:{place[1]})"
            self._tell(f"FlowScope itself failed: {what}. What is shown from here on may be incomplete.")
        return True
