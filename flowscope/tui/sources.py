"""Source files of the program, and which of them were saved since they were last looked at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class Sources:
    """Looks at modification times, no more often than it is asked to."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def saved(self, files: Iterable[str]) -> list[str]:
        """Those that were saved since the last call that named them."""
        found = []
        for file in files:
            try:
                now = Path(file).stat().st_mtime_ns
            except OSError:
                continue  # editors replace a file: for a moment there is none
            if self._seen.setdefault(file, now) != now:
                self._seen[file] = now
                found.append(file)
        return found
