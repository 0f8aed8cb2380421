"""Adoption: every PocketFlow that the program imports is observed in place, before its classes are used.

It may be the installed package, a copy of its source under any module name, or a copy within the script.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .families import ROOT_METHODS, is_root
from .known import differences
from .observe import observe_family

Notify = Callable[[str], None]

_IMPORTLIB = (
    "<frozen importlib._bootstrap_external>"  # frames of this name are cut from import errors by Python
)
_DECORATOR = "__flowscope_adopt__"
_SHADOW = "__flowscope_exec_module__"
_adopted: set[type] = set()


def adopt_modules(notify: Notify) -> None:
    """Observe the families of the modules loaded so far, and of each one imported from now on.

    `notify` is told, in a sentence, what of a changed copy differs or is not seen.
    """
    for module in list(sys.modules.values()):
        _adopt_module(module, notify)
    sys.meta_path.insert(0, _Finder(notify))


def adopt_class(root: type, notify: Notify) -> None:
    """Observe the family of this root class."""
    if root in _adopted:
        return
    _adopted.add(root)
    observe_family(root)
    for sentence in differences(root):
        notify(sentence)


def known_classes() -> list[type]:
    """The classes of all families observed so far."""
    found: dict[int, type] = {}
    pending = list(_adopted)
    while pending:
        cls = pending.pop()
        if id(cls) not in found:
            found[id(cls)] = cls
            pending += type.__subclasses__(cls)
    return list(found.values())


def adopt_script(notify: Notify) -> Callable[[ast.Module, str], ast.Module]:
    """A transformation of a script's syntax tree that adopts a root class in it as soon as it is made."""

    def transform(tree: ast.Module, filename: str) -> ast.Module:
        roots = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and _looks_like_root(node)]
        if not roots:
            return tree

        def adopt(cls: type) -> type:
            adopt_class(cls, notify)
            return cls

        setattr(
            builtins, _DECORATOR, adopt
        )  # it stays: a function may make such a class each time it is called
        for root in roots:
            decorator = ast.Name(_DECORATOR, ast.Load())
            root.decorator_list.append(ast.copy_location(decorator, root))
        return tree

    return transform


def _looks_like_root(node: ast.ClassDef) -> bool:
    defined = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    return defined.issuperset(ROOT_METHODS)


def _adopt_module(module: ModuleType, notify: Notify) -> None:
    for value in list(getattr(module, "__dict__", {}).values()):
        if isinstance(value, type) and value.__module__ == module.__name__ and is_root(value):
            adopt_class(value, notify)


class _Finder:
    """Finds nothing itself: it lets the others find, and looks at a module once it has been executed."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                self._hook(spec.loader)
                return spec
        return None

    def _hook(self, loader: Any) -> None:
        """Shadow `exec_module` on this one loader, until it has been called."""
        if isinstance(loader, type) or not hasattr(loader, "exec_module"):
            return  # builtin and frozen modules hold no PocketFlow
        exec_module, notify = loader.exec_module, self._notify
        if getattr(exec_module, "__name__", "") == _SHADOW:
            return  # a zip file has one loader for all of its modules

        def adopting(module: ModuleType) -> None:
            loader.__dict__.pop("exec_module", None)
            exec_module(module)
            _adopt_module(module, notify)

        adopting.__name__ = _SHADOW
        adopting.__code__ = adopting.__code__.replace(co_filename=_IMPORTLIB)
        try:
            loader.exec_module = adopting
        except AttributeError:
            pass  # a loader that cannot be shadowed: a lazy one, or of an extension
