"""Pieces of output as the lines they are: continued, overwritten, and gone over again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rich.style import Style

from flowscope.model import Output

MOST = 50_000
"""Lines kept; the oldest make room, a tenth at a time."""

Settled = tuple[str, list[tuple[int, int, Style]]]
"""Text, and from where to where parts of it have a style of their own."""

_LONGEST = 100_000  # characters of one line
_WIDEST = 5_000  # columns of a line with escape codes
_REACH = 60  # own lines back to which a program can go up
_UP = re.compile(r"\x1b\[(\d*)A")
_CODES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(slots=True)
class Line:
    """A line of one stream and lane, and the first node that wrote to it."""

    label: str
    stream: str
    raw: str = ""  # with its escape codes
    _known: tuple[str, Settled] = ("", ("", []))  # what a raw text settled to

    def settled(self) -> Settled:
        """Its text as a terminal would show it, and the styles of parts of it."""
        if self._known[0] != self.raw:
            is_plain = _CODES.search(self.raw) is None
            self._known = (self.raw, (self.raw.expandtabs(8), []) if is_plain else _emulated(self.raw))
        return self._known[1]


@dataclass(slots=True)
class _Writer:
    """Where one stream of one lane stands in its own lines."""

    lines: list[int] = field(default_factory=list)  # the latest ones, by number
    at: int = 0  # index in lines; their count: at the beginning of a new one
    again: bool = False  # the line was left and has been come back to


class Lines:
    """All lines, numbered from the first ever written."""

    def __init__(self) -> None:
        self.kept: list[Line] = []
        self.first = 0
        """Number of the oldest line kept."""
        self._writers: dict[tuple[str, int], _Writer] = {}

    @property
    def end(self) -> int:
        """The number that the next line will have."""
        return self.first + len(self.kept)

    def __getitem__(self, number: int) -> Line:
        return self.kept[number - self.first]

    def feed(self, output: Output) -> int:
        """Add a piece of output; the number of the first line that is new or another one now."""
        writer = self._writers.setdefault((output.stream, output.lane), _Writer())
        changed = self.end
        for count, piece in enumerate(output.text.replace("\r\n", "\n").split("\n")):
            if count:
                if writer.at == len(writer.lines):
                    self._begin(writer, output)
                writer.at += 1
                writer.again = writer.at < len(writer.lines)
            changed = min(changed, self._write(writer, output, piece))
        self._trim()
        return max(changed, self.first)

    def _write(self, writer: _Writer, output: Output, text: str) -> int:
        """Write a text without line ends; the number of the first line that it changes."""
        changed = self.end
        for count, part in enumerate(_UP.split(text)):
            if count % 2:
                writer.at = max(writer.at - int(part or 1), 0)
                writer.again = writer.at < len(writer.lines)
            elif part:
                if writer.at == len(writer.lines):
                    self._begin(writer, output)
                number = writer.lines[writer.at]
                if number >= self.first:
                    changed = min(changed, number)
                    line = self[number]
                    line.label = line.label or output.label
                    line.raw = _joined(line.raw, ("\r" if writer.again else "") + part)
                writer.again = False
        return changed

    def _begin(self, writer: _Writer, output: Output) -> None:
        writer.lines.append(self.end)
        if len(writer.lines) > _REACH:
            del writer.lines[0]
            writer.at -= 1
        self.kept.append(Line(output.label, output.stream))

    def _trim(self) -> None:
        if len(self.kept) > MOST:
            gone = len(self.kept) - MOST + MOST // 10
            del self.kept[:gone]
            self.first += gone


def _joined(raw: str, more: str) -> str:
    """Of a line that is written over again and again, only the last two layers are needed."""
    raw += more
    if "\r" in more:
        raw = "\r".join(raw.rsplit("\r", 2)[-2:])
    return raw if len(raw) <= _LONGEST else raw[:_LONGEST] + "…"


def _emulated(raw: str) -> Settled:
    import pyte  # only programs that use escape codes pay for it

    columns = min(len(raw) + 8, _WIDEST)
    shown = pyte.Screen(columns, 1)
    pyte.Stream(shown).feed(raw)
    cells = [shown.buffer[0][column] for column in range(columns)]
    text = ""
    styles: list[tuple[int, int, Style]] = []
    for cell in cells:
        at, text = len(text), text + cell.data
        plain = (cell.fg, cell.bg) == ("default", "default") and not (
            cell.bold or cell.italics or cell.underscore or cell.reverse or cell.strikethrough
        )
        if cell.data and not plain:
            style = _style(cell)
            if styles and styles[-1][1] == at and styles[-1][2] == style:
                styles[-1] = (styles[-1][0], len(text), style)
            else:
                styles.append((at, len(text), style))
    return text.rstrip(), styles


def _style(cell: Any) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold or None,
        italic=cell.italics or None,
        underline=cell.underscore or None,
        strike=cell.strikethrough or None,
        reverse=cell.reverse or None,
    )


def _colour(name: str) -> str | None:
    """pyte's name of a colour as Rich has it."""
    if name == "default":
        return None
    if re.fullmatch(r"[0-9a-fA-F]{6}", name):
        return f"#{name}"
    name = name.replace("brown", "yellow").replace("bfightmagenta", "brightmagenta")
    return name.replace("bright", "bright_")
