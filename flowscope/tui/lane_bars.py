"""A lane's time as cells: its states, and over them the names of what it did, one after another."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from flowscope.model import Span

from .widgets.rows import Parts

GLYPHS = {"r": "█", "a": "░", "y": "▒", "h": "▓", "d": "✓", "f": "✗", "c": "⊘", "u": "?", " ": " "}
"""By letter of a painted cell."""
STYLES = {
    "r": "running", "a": "awaiting", "y": "ready", "h": "held", "d": "good", "f": "bad", "c": "cancelled",
    "u": "quiet", " ": "",
}  # fmt: skip
LETTER_OF = {
    "running": "r", "awaiting": "a", "ready": "y", "held": "h", "done": "d", "failed": "f", "cancelled": "c",
    "unfinished": "u",
}  # fmt: skip

_LEVELS = " ▁▂▃▄▅▆▇█"
_LIVE = "hrya"  # of as many lanes in two states the first one is painted
_OVER = "dfcu"
_OWN = re.compile(r"\(([^()]+)\)(.*)$")  # the variable in `Summarize (tea)`, and what follows
_ATTEMPT = "attempt "
_OWN_NAME = 5  # cells before the first of what is within, in which a name of its own is told


@dataclass(frozen=True, slots=True)
class Segment:
    """Something that a lane did from one cell to before another, with its name."""

    first: int
    stop: int
    name: str


def bar(cells: str, segments: Sequence[Segment]) -> Parts:
    """The states of one lane, named where there is room; an end is painted once."""
    glyphs, styles = [], []
    before = " "
    live = len(cells.rstrip(f" {_OVER}"))  # nothing is named behind it
    for cell in cells:
        shown = " " if cell in _OVER and cell == before else cell
        glyphs.append(GLYPHS[shown])
        styles.append(STYLES[shown])
        before = cell
    for segment in segments:
        first, stop = max(segment.first, 0), min(segment.stop, live)
        room = stop - first - 1
        if room < 1:
            continue
        if segment.first >= 0 and cells[first] in _LIVE:
            glyphs[first], styles[first] = "▏", f"{STYLES[cells[first]]}-name"
        name = _cut(segment.name, room)
        for at, letter in enumerate(name, first + 1):
            if cells[at] not in _LIVE:
                break
            glyphs[at], styles[at] = letter, f"{STYLES[cells[at]]}-name"
    return _merged(glyphs, styles)


def crowd(counts: Sequence[dict[str, int]], most: int) -> Parts:
    """How many lanes lived, as heights."""
    glyphs = []
    for cell in counts:
        live = sum(cell.get(letter, 0) for letter in _LIVE)
        level = -(-live * (len(_LEVELS) - 1) // max(most, 1))
        glyphs.append(_LEVELS[min(level, len(_LEVELS) - 1)])
    return [("".join(glyphs), "quiet")]


def density(counts: Sequence[dict[str, int]]) -> Parts:
    """Many lanes in one line: the state that most of those that live are in; failures where they happen."""
    glyphs, styles = [], []
    before: dict[str, int] = {}
    for cell in counts:
        letter = max(_LIVE, key=lambda each: cell.get(each, 0))
        if not cell.get(letter):
            letter = "d" if cell and any(before.get(each) for each in _LIVE) else " "
        for ended in "cf":
            if cell.get(ended, 0) > before.get(ended, 0):
                letter = ended
        glyphs.append(GLYPHS[letter])
        styles.append(STYLES[letter])
        before = cell
    return _merged(glyphs, styles)


def segments(spans: list[Span], lane: int, cell: Callable[[int], int], width: int) -> list[Segment]:
    """What the lane did within these spans, as far as it is in view: visits, items, repeated attempts.

    `cell` gives the cell of a time. The cost is bounded by the cells.
    """
    found: list[Segment] = []
    for span in _in_view(spans, cell, width):
        # A run is named by what it did; one whose lanes are all others' bears its own name.
        is_bare = span.kind == "run" and not _children(span, lane)
        found += _within(span, lane, cell, width, span.label if is_bare else "")
    return found


def _within(span: Span, lane: int, cell: Callable[[int], int], width: int, name: str) -> Iterator[Segment]:
    first = cell(span.begin)
    stop = width if span.end is None else cell(span.end) + 1
    if stop <= 0 or first >= width:
        return
    below = [] if stop - first < 2 else _children(span, lane)
    if name and (not below or cell(below[0].begin) - first >= _OWN_NAME):
        yield Segment(first, stop if not below else cell(below[0].begin), name)
        name = ""
    for child in _in_view(below, cell, width):
        around = name if child is below[0] else ""
        between = " " if around and child.kind == "visit" else ""
        for each in _within(child, lane, cell, width, f"{around}{between}{_name(child)}"):
            yield replace(each, stop=min(each.stop, stop))


def _children(span: Span, lane: int) -> list[Span]:
    """Those with names: of a flow its visits, of a batch its items, of either its repeated attempts."""
    if span.is_flow or any(each.kind == "visit" for each in span.children[:2]):  # the first may be prep
        children = [each for each in span.children if each.kind in ("visit", "item")]
    else:
        phase = next((each for each in span.children if each.kind == "exec"), span)
        children = [each for each in phase.children if each.kind != "attempt" or (each.attempt or 1) > 1]
        children = [each for each in children if each.kind in ("item", "attempt") or _is_fallback(each)]
    return children if children and children[0].lane == lane else []


def _is_fallback(span: Span) -> bool:
    return span.kind == "fallback" and not span.inherited


def _in_view(spans: list[Span], cell: Callable[[int], int], width: int) -> Iterator[Span]:
    """One for each cell at least, those before and behind the view left out; they follow one another."""
    at = bisect_left(spans, 0, key=lambda each: width if each.end is None else cell(each.end))
    while at < len(spans) and cell(spans[at].begin) < width:
        yield spans[at]
        end = spans[at].end
        if end is None:
            return
        now = cell(end)
        at = bisect_left(spans, now, at + 1, key=lambda each: width if each.end is None else cell(each.end))


def _name(span: Span) -> str:
    if span.kind == "item":
        return f"[{span.item}]"
    if span.kind == "attempt":
        return f"{_ATTEMPT}{span.attempt}"
    return "fallback" if span.kind == "fallback" else span.name


def _cut(name: str, width: int) -> str:
    """What tells a name from others, in so many columns: `Summarize (tea)`, `tea`; `Work[2]`, `W…[2]`, `[2]`;
    `attempt 2`, `2`.

    Each cell holds one letter: wide ones are replaced.
    """
    name = "".join(c if c.isprintable() and cell_len(c) == 1 else "·" for c in name)
    if len(name) > width and (own := _OWN.search(name)):
        name = own[1] + own[2]
    if len(name) > width and name.startswith(_ATTEMPT):
        name = name.removeprefix(_ATTEMPT)
    head, bracket, index = name.partition("[")
    if len(name) <= width or not bracket:
        return name if len(name) <= width else name[: width - 1] + "…" if width > 2 else name[:width]
    room = width - len(bracket + index)
    return ((head[: room - 1] + "…" if room > 1 else "") + bracket + index)[:width]


def _merged(glyphs: list[str], styles: list[str]) -> Parts:
    parts: Parts = []
    for glyph, style in zip(glyphs, styles, strict=True):
        if not parts or parts[-1][1] != style:
            parts.append((glyph, style))
        else:
            parts[-1] = (parts[-1][0] + glyph, style)
    return parts
