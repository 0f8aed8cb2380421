"""The program is sacred: an error of the debugger's own is told, and the program goes on."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable

from ..spans import Observer, Span


class Guard:
    """Stands between the program and its observer."""

    def __init__(self, observer: Observer, tell: Callable[[str, str], None]) -> None:
        self._observer = observer
        self._tell = tell
        self._told: set[tuple[str, int]] = set()  # file and line

    def begin(self, span: Span) -> Awaitable[None] | None:
        """A span begins."""
        try:
            return self._observer.begin(span)
        except Exception as error:
            self._failed(span, error)
            return None

    def end(self, span: Span) -> Awaitable[None] | None:
        """A span has ended."""
        try:
            return self._observer.end(span)
        except Exception as error:
            self._failed(span, error)
            return None

    def _failed(self, span: Span, error: Exception) -> None:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = (frame.filename, frame.lineno or 0)
        if place not in self._told:
            self._told.add(place)
            what = f"{type(error).__name__}: {error} ({place[0]}:{place[1]})"
            text = f"FlowScope itself failed at {span.label or span.kind}: {what}. The program goes on; "
            self._tell(text + "what is shown from here on may be incomplete.", "error")
