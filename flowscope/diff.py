"""`flowscope diff`: two recordings read for comparing, and where they part ways, as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from .model import Model
from .model.comparison import Comparison, compare
from .model.sides import Side
from .model.text import counted
from .model.verdict import remarks, verdict
from .recording import RecordingError, read

Event = dict[str, Any]


class Recorded:
    """A recording that is folded piece by piece."""

    def __init__(self, path: Path, name: str) -> None:
        """Raises RecordingError when this is none."""
        self.name = name
        self.damage: RecordingError | None = None
        """Why what follows could not be read."""
        events = read(path)
        headers = list(islice(events, 2))  # the one that was there from the start, and the program's own
        self._events = chain(headers, events)
        self.has_whole = any(header.get("exact") is True for header in headers)
        """Does it hold results whole that are only shown in part?"""
        self.takes_whole = False
        self._model = Model()
        self._starts = 0

    def fold(self) -> Iterator[None]:
        """Event by event. A damaged line is the end."""
        try:
            for event in self._events:
                if event.get("type") == "header" and self._model.runs:  # started again: the last one counts
                    self._model, self._starts = Model(), self._starts + 1
                self._model.apply(_whole(event) if self.takes_whole else event)
                yield
        except RecordingError as error:
            self.damage = error
        self._model.cut()

    @property
    def side(self) -> Side:
        """What there is to compare."""
        notes = [] if self.damage is None else [str(self.damage)]
        if self._starts:
            starts = self._starts + 1
            notes.append(f"{self.name} holds {starts} starts of its program: the last one is compared.")
        return Side.whole(self.name, self._model, tuple(notes))


def recordings(one: Path, other: Path) -> tuple[Recorded, Recorded]:
    """Two that are compared with each other, by whole results where both have them. Raises RecordingError."""
    found = tuple(Recorded(path, name) for path, name in zip((one, other), named(one, other), strict=True))
    for each in found:
        each.takes_whole = all(either.has_whole for either in found)
    return found[0], found[1]


def _whole(event: Event) -> Event:
    exact = event.get("exact")
    if exact is None or (isinstance(exact, dict) and exact.get("$") == "opaque"):
        return event
    return {**event, "result" if event.get("type") == "end" else "value": exact}


def named(one: Path, other: Path) -> tuple[str, str]:
    """What to call two recordings: by their names, where these are not the same."""
    return (one.name, other.name) if one.name != other.name else (str(one), str(other))


def code_of(comparison: Comparison) -> int:
    """The exit code: 0 where nothing is different; 1 where something is, or may be behind what is known."""
    return 0 if comparison.is_same and comparison.is_whole else 1


def diff(one: Path, other: Path, say: Callable[[str], None]) -> int:
    """Tell it; the exit code. Raises RecordingError, at a damaged line after all that is before it."""
    sides = recordings(one, other)
    for each in sides:
        for _ in each.fold():
            pass
    comparison = compare(sides[0].side, sides[1].side)
    damage = [each.damage for each in sides if each.damage is not None]
    for line in _lines(comparison, {str(error) for error in damage}):
        say(line)
    if damage:
        raise damage[0]
    return code_of(comparison)


def _lines(comparison: Comparison, told: set[str]) -> Iterator[str]:
    one, other = comparison.one, comparison.other
    yield from (remark for remark in remarks(one, other) if remark not in told)
    if not comparison.partings:
        yield verdict(comparison)
        return
    yield f"The same for {counted(comparison.alike, 'visit')}."
    width = max(len(one.name), len(other.name))
    for parting in comparison.partings:
        yield ""
        yield f"First different {parting.kind}: {parting.where}"
        yield f"  {one.name:<{width}}  {parting.one}"
        yield f"  {other.name:<{width}}  {parting.other}"
