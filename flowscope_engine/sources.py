"""Where classes and their methods stand in the source: one parse of a file answers for all of its classes."""

from __future__ import annotations

import ast
import functools
import sys
import tokenize
from dataclasses import dataclass, field


@dataclass
class ClassLines:
    """The lines of a class and of the methods it defines, first and last, from 1."""

    qualname: str
    first: int
    last: int
    methods: dict[str, tuple[int, int]] = field(default_factory=dict)


@functools.lru_cache(maxsize=8)
def tree_of(path: str) -> ast.Module | None:
    """A source file, parsed; None where it cannot be read or parsed."""
    try:
        with tokenize.open(path) as source:
            return ast.parse(source.read())
    except (OSError, SyntaxError, ValueError):
        return None


@functools.lru_cache(maxsize=256)
def classes_in(path: str) -> tuple[ClassLines, ...]:
    """The classes of a source file, outer ones first; none where it cannot be read or parsed."""
    tree = tree_of(path)
    return () if tree is None else tuple(classes_of(tree))


def forget_sources() -> None:
    """Files have changed."""
    tree_of.cache_clear()
    classes_in.cache_clear()


def classes_of(tree: ast.Module) -> list[ClassLines]:
    """The classes of parsed source, outer ones first."""
    found: list[ClassLines] = []
    _collect(tree, "", found)
    return found


def class_line(cls: type) -> int | None:
    """The line of the `class` statement, None where it is not known."""
    path = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if not path:
        return None
    return next((found.first for found in classes_in(path) if found.qualname == cls.__qualname__), None)


def _collect(node: ast.AST, prefix: str, found: list[ClassLines]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            lines = ClassLines(prefix + child.name, child.lineno, child.end_lineno or child.lineno)
            found.append(lines)
            for part in child.body:
                if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    first = min([part.lineno, *(decorator.lineno for decorator in part.decorator_list)])
                    lines.methods[part.name] = (first, part.end_lineno or part.lineno)
            _collect(child, f"{prefix}{child.name}.", found)
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            _collect(child, f"{prefix}{child.name}.<locals>.", found)
        else:
            _collect(child, prefix, found)
