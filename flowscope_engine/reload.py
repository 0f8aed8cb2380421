"""Repaired source taken over into the running program.

The functions of changed files get their new code in place: they keep their identity, and so do classes,
instances and whatever holds them. What is on the stack runs its old code to its end. Module-level statements
are not run again.
"""

from __future__ import annotations

import ast
import linecache
import sys
import sysconfig
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from .essence import essence, functions_behind
from .names import attributes_of
from .observe import observe_class
from .sources import classes_of, forget_sources
from .uses import forget_uses

_LIBRARIES = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")})


class CannotReload(Exception):
    """Source that cannot be taken over; one sentence says where and why."""


@dataclass
class Reloaded:
    """What has become of the changes."""

    changed: list[str] = field(default_factory=list)  # classes, and functions outside of them
    left: list[str] = field(default_factory=list)  # sentences on what takes a restart


def program_files() -> list[str]:
    """The source files of the program's own modules."""
    return sorted({path for path, _ in program_modules()})


def program_modules() -> list[tuple[str, Any]]:
    """The program's own modules, with their source files."""
    ours = __file__.rpartition("reload")[0]
    return [
        (path, module)
        for path, module in _modules()
        if path.endswith(".py") and "-packages" not in path
        if not path.startswith((*_LIBRARIES, ours)) and not path.startswith("<")
    ]


def _modules() -> Iterator[tuple[str, Any]]:
    for module in list(sys.modules.values()):
        path = attributes_of(module).get("__file__")
        if isinstance(path, str):
            yield path, module


def reload(paths: Iterable[str], classes: Iterable[type]) -> Reloaded:
    """Take over these files. `classes` are known beside those that modules hold. Raises CannotReload.

    All files are compiled first: where one cannot be, nothing is changed.
    """
    compiled = [(path, *_compile(path)) for path in paths]
    known = list(classes)
    result = Reloaded()
    for path, tree, code in compiled:
        linecache.checkcache(path)
        for module in [module for each, module in _modules() if each == path]:
            _Module(module, path, tree, code, result).take_over(known)
    forget_sources()
    forget_uses()
    return result


def _compile(path: str) -> tuple[ast.Module, CodeType]:
    try:
        with tokenize.open(path) as file:
            source = file.read()
        return ast.parse(source, path), compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise CannotReload(f"{path}, line {error.lineno}: {error.msg}; nothing was changed.") from None
    except (OSError, ValueError) as error:
        raise CannotReload(f"{path} cannot be read: {error}; nothing was changed.") from None


class _Module:
    """One module, and the new source of its file."""

    def __init__(
        self, module: ModuleType, path: str, tree: ast.Module, code: CodeType, result: Reloaded
    ) -> None:
        self._module = module
        self._path = path
        self._codes = dict(_functions(code))
        self._defaults = dict(_signatures(tree, ""))
        self._decorated = {name for name, node in self._defaults.items() if node.decorator_list}
        self._classes = {lines.qualname for lines in classes_of(tree)}
        self._result = result

    def take_over(self, classes: Iterable[type]) -> None:
        """Give functions their new code, and classes their new methods."""
        held = [value for value in list(vars(self._module).values()) if isinstance(value, type)]
        pending = [cls for cls in (*held, *classes) if cls.__module__ == self._module.__name__]
        found: dict[int, type] = {}
        while pending:
            cls = pending.pop(0)
            if id(cls) not in found:
                found[id(cls)] = cls
                prefix = cls.__qualname__ + "."
                inner = [value for value in vars(cls).values() if isinstance(value, type)]
                pending += [value for value in inner if value.__qualname__.startswith(prefix)]
                if cls.__qualname__ in self._classes:
                    self._class(cls)
        self._module_functions()
        for name in sorted(self._classes - {cls.__qualname__ for cls in found.values()}):
            if "." not in name:
                self._result.left.append(f"The new class {name} is there after a restart.")

    def _class(self, cls: type) -> None:
        prefix = cls.__qualname__ + "."
        found: set[str] = set()
        changed = False
        for name, value in list(vars(cls).items()):
            for function in functions_behind(value):
                qualname = function.__code__.co_qualname
                if function.__code__.co_filename == self._path and qualname.startswith(prefix):
                    found.add(qualname)
                    if qualname in self._codes:
                        changed = self._replace(function, cls) or changed
                    elif qualname == prefix + name:
                        type.__delattr__(cls, name)
                        changed = True
        for qualname in self._codes:
            name = qualname.removeprefix(prefix)
            if qualname.startswith(prefix) and "." not in name and qualname not in found:
                changed = self._add(cls, name, qualname) or changed
        if changed:
            self._result.changed.append(cls.__qualname__)

    def _add(self, cls: type, name: str, qualname: str) -> bool:
        if qualname in self._decorated:
            self._result.left.append(f"{qualname} is new and has a decorator: it is there after a restart.")
            return False
        function = self._make(qualname, cls)
        if function is None:
            return False
        type.__setattr__(cls, name, function)
        observe_class(cls)
        return True

    def _make(self, qualname: str, cls: type | None) -> FunctionType | None:
        code = self._codes[qualname]
        if set(code.co_freevars) - {"__class__"}:
            self._result.left.append(f"{qualname} uses variables of a function around it: restart for it.")
            return None
        closure = tuple(CellType(cls) for _ in code.co_freevars) or None
        function = FunctionType(code, vars(self._module), qualname.rpartition(".")[2], None, closure)
        function.__qualname__, function.__module__ = qualname, self._module.__name__
        self._set_defaults(function)
        return function

    def _module_functions(self) -> None:
        for value in list(vars(self._module).values()):
            if isinstance(value, type):
                continue
            for function in functions_behind(value):
                code = function.__code__
                is_ours = code.co_filename == self._path and "." not in code.co_qualname
                if is_ours and code.co_qualname in self._codes and self._replace(function, None):
                    self._result.changed.append(code.co_qualname)
        for qualname in self._codes:
            if "." not in qualname and qualname not in vars(self._module):
                if qualname in self._decorated:
                    self._result.left.append(f"{qualname} is new and has a decorator: restart for it.")
                elif (made := self._make(qualname, None)) is not None:
                    vars(self._module)[qualname] = made
                    self._result.changed.append(qualname)

    def _replace(self, function: FunctionType, cls: type | None) -> bool:
        """Whether there was more to it than another line number."""
        new, old = self._codes[function.__code__.co_qualname], function.__code__
        before = (function.__defaults__, function.__kwdefaults__)
        if new.co_freevars == old.co_freevars:
            function.__code__ = new
            self._set_defaults(function)
            return essence(new) != essence(old) or before != (
                function.__defaults__,
                function.__kwdefaults__,
            )
        if (
            cls is not None
            and set(new.co_freevars) <= {"__class__"}
            and new.co_qualname not in self._decorated
        ):
            return self._add(cls, function.__name__, new.co_qualname)  # `super()` came or went
        self._result.left.append(
            f"{new.co_qualname} uses other variables around it than before: restart for it."
        )
        return False

    def _set_defaults(self, function: FunctionType) -> None:
        node = self._defaults.get(function.__code__.co_qualname)
        if node is None:
            return
        args = node.args
        known = function.__defaults__ or ()
        old = [*known] if len(known) == len(args.defaults) else [None] * len(args.defaults)
        defaults = tuple(map(self._value, args.defaults, old)) or None
        before = function.__kwdefaults__ or {}
        names = zip(args.kwonlyargs, args.kw_defaults, strict=True)
        keywords = {arg.arg: self._value(value, before.get(arg.arg)) for arg, value in names if value} or None
        if repr(defaults) != repr(function.__defaults__):
            function.__defaults__ = defaults
        if repr(keywords) != repr(function.__kwdefaults__):
            function.__kwdefaults__ = keywords

    @staticmethod
    def _value(node: ast.expr, old: Any) -> Any:
        """A default that is written out; any other stays what it was, as its expression is not run again."""
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError):
            return old


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The functions that a module's code makes, at any depth of classes and functions, by qualified name."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if part.co_flags & 0x01 and not part.co_name.startswith("<"):  # optimized: not a class's
                yield part.co_qualname, part
            yield from _functions(part)


_Def = ast.FunctionDef | ast.AsyncFunctionDef


def _signatures(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Def]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Def):
            yield prefix + child.name, child
            yield from _signatures(child, f"{prefix}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _signatures(child, f"{prefix}{child.name}.")
        else:
            yield from _signatures(child, prefix)
