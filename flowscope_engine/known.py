"""What a copy of PocketFlow does differently: its orchestration methods against known fingerprints."""

from __future__ import annotations

import ast
import hashlib
import sys
from types import ModuleType
from weakref import WeakKeyDictionary, WeakSet

from .families import KINDS, is_own, root_of

BOUNDARIES = {
    "Node": ("_run", "_exec", "prep", "exec", "post", "exec_fallback"),
    "Flow": ("_run", "_orch", "get_next_node"),
    "AsyncNode": ("_run_async", "_exec", "prep_async", "exec_async", "post_async", "exec_fallback_async"),
    "AsyncFlow": ("_run_async", "_orch_async"),
}

# Of pocketflow 0.0.3, its repository's main, and the engine.
KNOWN: dict[str, tuple[str, ...]] = {
    "BaseNode._exec": ("cdfbda0a",),
    "BaseNode._run": ("65eb1b7d", "22bd43d4"),
    "BaseNode.run": ("f53a70d9",),
    "Node._exec": ("37bef2c4", "6cb42ab4"),
    "BatchNode._exec": ("5f66d589", "159f5cf7"),
    "Flow.get_next_node": ("52d9f0ae",),
    "Flow._orch": ("75bc179b", "a1bfdb55"),
    "Flow._run": ("9e86e32f", "65c80de9"),
    "BatchFlow._run": ("8208269b", "493d7272"),
    "AsyncNode._exec": ("467bd347", "3fc35d57", "090dab15"),
    "AsyncNode.run_async": ("7217e687",),
    "AsyncNode._run_async": ("96221d8c", "0124ef68"),
    "AsyncNode._run": ("f625c1c2",),
    "AsyncBatchNode._exec": ("8ee9ff73", "b5ce9bc0"),
    "AsyncParallelBatchNode._exec": ("9171f45e", "92d1c939"),
    "AsyncFlow._orch_async": ("bef758a9", "8fce7a15"),
    "AsyncFlow._run_async": ("e9d0e9c0", "1e48eed1"),
    "AsyncBatchFlow._run_async": ("47362a3e", "8c523243"),
    "AsyncParallelBatchFlow._run_async": ("985d62cf", "7bf78d33"),
}


def fingerprint(method: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Eight hex digits of a method's statements, whatever its layout, annotations and docstring."""
    body = [part for part in method.body if not _is_docstring(part)]
    names = [argument.arg for argument in method.args.args]
    text = f"{type(method).__name__} {names} " + "\n".join(map(ast.unparse, body))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


_known: WeakSet[type] = WeakSet()  # roots without differences
_passing: WeakKeyDictionary[type, bool] = WeakKeyDictionary()


def differences(root: type) -> list[str]:
    """Sentences on what this family's classes change or lack; none for a PocketFlow that is known."""
    found = _differences(root)
    if not found:
        _known.add(root)
    return found


def passes_errors_on(cls: type) -> bool:
    """Will an error in what this class runs surely leave it? Where its orchestration is PocketFlow's own."""
    known = _passing.get(cls)
    if known is None:
        known = _passing[cls] = root_of(cls) in _known and all(
            is_own(next(base for base in cls.__mro__ if name in base.__dict__))
            for name in _HANDLING
            if hasattr(cls, name)  # nodes have no _orch
        )
    return known


def _differences(root: type) -> list[str]:
    family = {cls.__name__: cls for cls in _own_classes(root)}
    found = [
        f"{cls.__module__}.{name} has no {method}: what it does instead is not seen."
        for name, cls in family.items()
        for method in BOUNDARIES.get(name, ())
        if not hasattr(cls, method)
    ]
    changed = _changed_methods(root)
    if changed:
        found.append(
            f"{root.__module__} is a changed PocketFlow ({', '.join(changed)}): it is observed where it "
            "calls the methods that PocketFlow has; what it does beside them is not seen."
        )
    return found


def _own_classes(root: type) -> list[type]:
    found, pending = [], [root]
    while pending:
        cls = pending.pop()
        if cls not in found and is_own(cls):
            found.append(cls)
            pending += type.__subclasses__(cls)
    return found


def _changed_methods(root: type) -> list[str]:
    try:
        tree = ast.parse(_source(sys.modules[root.__module__]))
    except (KeyError, AttributeError, ImportError, OSError, SyntaxError, TypeError, ValueError):
        return ["its source cannot be read"]
    return [
        f"{cls.name}.{method.name}"
        for cls in tree.body
        if isinstance(cls, ast.ClassDef) and cls.name in KINDS
        for method in cls.body
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef))
        and method.name in _ORCHESTRATION
        and fingerprint(method) not in KNOWN.get(f"{cls.name}.{method.name}", ())
    ]


def _source(module: ModuleType) -> str | bytes:
    """The source of a module, be it a file or in a zip file. Raises what the loader does."""
    try:
        with open(module.__file__ or "", "rb") as source:
            return source.read()
    except OSError:
        name = module.__spec__.name if module.__spec__ else module.__name__
        text: str = module.__loader__.get_source(name)  # type: ignore[union-attr]
        return text


_HANDLING = ("_exec", "_run", "_orch", "_run_async", "_orch_async")
_ORCHESTRATION = {name.partition(".")[2] for name in KNOWN}


def _is_docstring(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
