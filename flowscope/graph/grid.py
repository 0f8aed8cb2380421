"""Rows of characters with the names of their styles; a row takes room once something is written there."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len

Span = tuple[str, str]
"""A text and the name of its style: several names, the later ones over the earlier."""


class Grid:
    """Cells to write on, and to read row by row."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._rows: dict[int, tuple[list[str], list[str]]] = {}

    def put(self, x: int, y: int, text: str, style: str) -> None:
        """Write a text whose cells are all on the grid."""
        if (row := self._rows.get(y)) is None:
            row = self._rows[y] = [" "] * self._width, [""] * self._width
        chars, styles = row
        if _is_narrow(text):
            end = x + len(text)
            chars[x:end], styles[x:end] = text, [style] * len(text)
            return
        for char in text:
            width = cell_len(char)
            if width == 0:
                if x > 0:
                    chars[x - 1] += char
                continue
            chars[x], styles[x] = char, style
            if width == 2:
                chars[x + 1], styles[x + 1] = "", style
            x += width

    def spans(self, y: int, x0: int, x1: int) -> list[Span]:
        """What stands in the columns from x0 up to x1 of a row; they may lie beyond the grid."""
        if y not in self._rows or x1 <= x0:
            return [(" " * max(0, x1 - x0), "")]
        found: list[Span] = []
        before, after = max(0, -x0), max(0, x1 - max(self._width, x0))
        chars, styles = self._rows[y]
        text, style = " " * min(before, x1 - x0), ""
        last = min(x1, self._width)
        for x in range(max(0, x0), last):
            char = chars[x]
            if char == "":  # the second half of a wide character
                if x > x0:
                    continue
                char = " "
            elif x + 1 == last and last < self._width and chars[x + 1] == "":
                char = " "  # the first half, cut
            if styles[x] != style:
                if text:
                    found.append((text, style))
                text, style = "", styles[x]
            text += char
        if style and after:
            found.append((text, style))
            text, style = "", ""
        text += " " * after
        if text:
            found.append((text, style))
        return found

    def text(self, y: int) -> str:
        """A row as plain text."""
        return "".join(self._rows[y][0]).rstrip() if y in self._rows else ""


@lru_cache(4096)
def _is_narrow(text: str) -> bool:
    """Whether each character takes one cell."""
    return text.isascii() or all(cell_len(char) == 1 for char in text)
