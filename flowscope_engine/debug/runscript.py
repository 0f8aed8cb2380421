"""Runs a script or a module as `python` would, in a `__main__` of its own.

Exceptions are left to the interpreter, which exits and prints as it always does; `without_ours` takes our
frames off them first.
"""

from __future__ import annotations

import ast
import builtins
import os
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any
from zipimport import ZipImportError, zipimporter

from ..hiding import cut, is_ours

Transform = Callable[[ast.Module, str], ast.Module]


def run_script(path: str, args: list[str], transform: Transform) -> None:
    """Run a script file, or a folder or zip file with a `__main__.py`, as `python PATH ARG…` does.

    `transform` may change the script's syntax tree. Raises whatever the program does, SystemExit included.
    """
    sys.argv[:] = [path, *args]
    absolute = os.path.abspath(path)
    if not os.path.isfile(absolute) or _is_zip(absolute):
        sys.path.insert(0, path)
        _new_main()
        _run_module("__main__", False, transform)
        return
    if not sys.flags.safe_path:
        sys.path.insert(0, os.path.dirname(os.path.realpath(absolute)))
    main = _new_main()
    main.__file__ = absolute
    main.__loader__ = SourceFileLoader("__main__", absolute)
    main.__dict__["__cached__"] = None
    with open(absolute, "rb") as file:
        source = file.read()
    exec(_compiled(source, absolute, transform), main.__dict__)


def _is_zip(path: str) -> bool:
    """As the interpreter finds out, whatever the file is called."""
    try:
        zipimporter(path)
    except ZipImportError:
        return False
    return True


def _compiled(source: str | bytes, path: str, transform: Transform) -> CodeType:
    tree: Any = compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    code: CodeType = compile(transform(tree, path), path, "exec", dont_inherit=True)
    return code


def run_module(name: str, args: list[str], transform: Transform) -> None:
    """Run a module as `python -m NAME ARG…` does. Raises whatever the program does."""
    sys.argv[:] = ["-m", *args]
    if not sys.flags.safe_path:
        sys.path.insert(0, os.getcwd())
    _new_main()
    _run_module(name, True, transform)


def _run_module(name: str, alter_argv: bool, transform: Transform) -> None:
    import runpy  # what the interpreter itself does for -m

    find: Any = runpy._get_module_details  # type: ignore[attr-defined]

    def find_and_transform(*args: Any) -> tuple[str, ModuleSpec, CodeType]:
        runpy._get_module_details = find  # type: ignore[attr-defined]
        try:
            found, spec, code = find(*args)
            source = spec.loader.get_source(found)
        except BaseException as error:  # of a package around the module
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            raise
        return found, spec, code if source is None else _compiled(source, code.co_filename, transform)

    runpy._get_module_details = find_and_transform  # type: ignore[attr-defined]
    runpy._run_module_as_main(name, alter_argv)  # type: ignore[attr-defined]


def _new_main() -> ModuleType:
    main = ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __annotations__={})
    _kept.append(sys.modules["__main__"])  # its functions still run
    sys.modules["__main__"] = main
    return main


_kept: list[ModuleType] = []


def without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame on that is the program's own; empty for an error before that."""
    while traceback is not None and is_ours(traceback.tb_frame.f_code.co_filename):
        traceback = traceback.tb_next
    return cut(traceback)


def hide_frames() -> None:
    """Leave our frames out of the stacks that the program prints of itself."""
    import traceback

    walk_stack = traceback.walk_stack

    def walk(f: FrameType | None) -> Iterator[tuple[FrameType, int]]:
        if f is None:  # the standard function counts its own callers
            f = sys._getframe(1)
            while f is not None and f.f_globals.get("__name__") == "traceback":
                f = f.f_back
        return ((at, line) for at, line in walk_stack(f) if not is_ours(at.f_code.co_filename))

    traceback.walk_stack = walk
