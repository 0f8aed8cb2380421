"""A source file on screen: its lines in colour, and where its methods end."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

LARGEST = 4_000_000  # bytes

Pieces = list[tuple[str, str]]
"""Texts of a line, each with the name of its colour: see NAMES; empty for plain text."""

NAMES = ("keyword", "string", "comment", "number", "defined", "builtin", "decorator")


class Code:
    """The text of a file as it was read; `problem` says in a sentence why there is none."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problem = ""
        self.text = ""
        try:
            self.text = _read(file)
        except (OSError, SyntaxError, UnicodeDecodeError, ValueError) as error:
            self.problem = f"{file} cannot be shown: {getattr(error, 'strerror', None) or error}."
        self.lines = self.text.expandtabs(4).split("\n")
        if not self.lines[-1]:
            self.lines.pop()
        self._coloured: list[Pieces] = []
        self._colouring = _coloured("\n".join(self.lines) + "\n")

    def pieces(self, at: int) -> Pieces:
        """A line, from 0; lines above it are coloured along with it, once."""
        while len(self._coloured) <= at:
            line = next(self._colouring, None)
            if line is None:
                return [(self.lines[at], "")]
            self._coloured.append(line)
        return self._coloured[at]

    def end_of(self, line: int) -> int:
        """The last line of the function or class that begins on a line, from 1; the same if none does."""
        return self._ends.get(line, line)

    @cached_property
    def _ends(self) -> dict[int, int]:
        try:
            tree = ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError):
            return {}
        ends = {}
        for each in ast.walk(tree):
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                end = each.end_lineno or each.lineno
                ends[each.lineno] = end
                ends.update((decorator.lineno, end) for decorator in each.decorator_list)
        return ends


def _read(file: str) -> str:
    path = Path(file)
    if file.startswith("<"):
        raise ValueError("it is not in a file")
    if path.stat().st_size > LARGEST:
        raise ValueError("the file is too large")
    with tokenize.open(path) as source:  # in the encoding that the file itself declares
        return source.read()


def _coloured(text: str) -> Iterator[Pieces]:
    """The lines one after another."""
    from pygments.lexers.python import PythonLexer  # when the first source is shown

    line: Pieces = []
    for kind, token in PythonLexer(stripnl=False, ensurenl=True).get_tokens(text):
        name = _name(str(kind))
        for count, piece in enumerate(token.split("\n")):
            if count:
                yield line
                line = []
            if piece:
                line.append((piece, name))


def _name(kind: str) -> str:
    """The colour for a kind of token, as pygments names it: `Token.Literal.String.Doc`."""
    for start, name in _COLOURS:
        if kind.startswith(start):
            return name
    return ""


_COLOURS = (
    ("Token.Keyword", "keyword"),
    ("Token.Operator.Word", "keyword"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Comment", "comment"),
    ("Token.Name.Class", "defined"),
    ("Token.Name.Function", "defined"),
    ("Token.Name.Builtin", "builtin"),
    ("Token.Name.Exception", "builtin"),
    ("Token.Name.Decorator", "decorator"),
)
