"""Terminals that cannot show our drawings: what is written to them becomes the characters that they have.

Panes, borders and bars all draw in Unicode. Only the last step before the terminal knows better.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING
from unicodedata import normalize

from rich.cells import cell_len

from flowscope.graph.glyphs import ASCII, UNICODE

if TYPE_CHECKING:
    from textual.driver import Driver

_PAIRS = (
    ("■●○◌•▶◀▸▾◂▲▼»✓✗✘×⊘↶⏹⚠⌨µ", "#@oo*><>v<^v:+xxx/<#!ku"),
    ("→←↑↓…·│╵▏▎▍▌▋▊▉▐▕", "><^v~.|'|||||||||"),
    ("▁▂▃▄▅▆▇█▔▀░▒▓", "_.:-=+*#-=.:%"),
)
_COERCED = {"C.UTF-8", "C.utf8", "UTF-8"}
"""What Python itself sets LC_CTYPE to, in the C locale."""


def terminal_encoding(env: Mapping[str, str], own: str) -> str:
    """The encoding that the locale tells of, where `own` is that of Python's stream.

    In the C locale Python writes UTF-8 all the same; a user who chose that locale by name does not want it.
    """
    named = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if not env.get("LC_ALL") and named in _COERCED and env.get("LANG") in ("C", "POSIX"):
        named = "C"
    codes = named.partition("@")[0].partition(".")[2]
    is_utf = codes.lower().replace("-", "") == "utf8" if codes else named not in ("C", "POSIX")
    return own if is_utf or not _is_utf(own) else "ascii"


def _is_utf(encoding: str) -> bool:
    return encoding.lower().replace("-", "").startswith("utf")


class _Table(dict[int, str]):
    """For str.translate: what each character becomes, found out when it is first met."""

    def __init__(self, encoding: str) -> None:
        super().__init__(_LOOKALIKES)
        self._encoding = encoding

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if not _fits(char, self._encoding):
            base = normalize("NFKD", char)[0]
            width = cell_len(char)
            char = base if width == 1 and _fits(base, self._encoding) else "?" * width
        self[code] = char
        return char


def _fits(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _lookalikes() -> dict[int, str]:
    table = {"🔎": "> "}
    for chars, others in _PAIRS:
        table |= dict(zip(chars, others, strict=True))
    for ours, theirs in ((UNICODE.borders, ASCII.borders), (UNICODE.lines, ASCII.lines)):
        for style, glyphs in ours.items():
            for char, other in zip(glyphs, theirs[style], strict=True):
                table.setdefault(char, other)
    table |= dict(zip(UNICODE.crossings, ASCII.crossings, strict=True))
    return {ord(char): other for char, other in table.items() if ord(char) > 127}


_LOOKALIKES = _lookalikes()


def plain_driver(stream: IO[str] | None = None) -> type[Driver] | None:
    """A driver of Textual's for this terminal; None where its own will do."""
    own = getattr(stream or sys.__stderr__, "encoding", None) or "utf-8"
    encoding = terminal_encoding(os.environ, own)
    if _is_utf(encoding):
        return None
    from textual.drivers.linux_driver import LinuxDriver

    table = _Table(encoding)

    class PlainDriver(LinuxDriver):
        """Writes what the terminal can show."""

        def write(self, data: str) -> None:
            """Each character as this terminal has it."""
            super().write(data.translate(table))

    return PlainDriver
