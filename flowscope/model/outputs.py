"""What the program wrote, newest kept: an endless print loop must not fill the debugger's memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MAX_CHUNKS = 50_000
MAX_CHARACTERS = 8_000_000


@dataclass(frozen=True, slots=True)
class Output:
    """One piece of text, as it was written: a part of a line, a line, or many."""

    lane: int
    span: int | None
    label: str  # of the node that wrote it; empty outside of every run
    stream: str  # stdout or stderr
    text: str
    ts: int


class Outputs:
    """The latest pieces of output, and how many older ones were dropped."""

    def __init__(self, chunks: int = MAX_CHUNKS, characters: int = MAX_CHARACTERS) -> None:
        self._kept: deque[Output] = deque()
        self._chunks = chunks
        self._characters = characters
        self._size = 0
        self.dropped = 0
        """Pieces no longer kept, all older than those that are."""

    def append(self, output: Output) -> None:
        """Keep this piece; the oldest make room for it."""
        self._kept.append(output)
        self._size += len(output.text)
        while len(self._kept) > 1 and (len(self._kept) > self._chunks or self._size > self._characters):
            self._size -= len(self._kept.popleft().text)
            self.dropped += 1

    def since(self, total: int) -> list[Output]:
        """The pieces after the first `total` ever written, as far as they are kept."""
        new = min(max(self.total - total, 0), len(self._kept))
        return list(islice(reversed(self._kept), new))[::-1]

    @property
    def total(self) -> int:
        """Pieces ever written."""
        return self.dropped + len(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Output]:
        return iter(self._kept)
