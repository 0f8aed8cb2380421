"""What code does, wherever it stands in its file: tells whether it was edited, also since another run.

It is the bytecode with its names and constants; lines, comments and docstrings are no part of it. Of what a
method calls, the methods of its own class count; functions outside and values they share are not seen.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import sys
from collections.abc import Iterator
from types import CodeType, EllipsisType, FunctionType
from typing import Any

from .families import is_own
from .hiding import is_hidden

COMPILER = f"{sys.implementation.cache_tag}.{sys.flags.optimize}"
"""What bytecode can be compared with: that of the same one."""

_KIND = 0x2AC  # flags of code: takes *args, **kwargs; is a generator, a coroutine, both
_LITERALS = (type(None), bool, int, float, complex, str, bytes, EllipsisType, slice, type)
_OTHER_PHASES = {"prep", "prep_async", "post", "post_async"}  # `requests.post` is not the node's


@functools.lru_cache(maxsize=1024)
def essence(code: CodeType) -> str:
    """A digest of what it does, the same in every run of the same compiler."""
    count = code.co_argcount + code.co_kwonlyargcount + bin(code.co_flags & 0x0C).count("1")
    takes = (code.co_argcount, code.co_posonlyargcount, code.co_varnames[:count])
    steps = list(dis.get_instructions(code))
    lines = {at for at, each in enumerate(steps, -1) if each.argval == "__firstlineno__"}  # of classes in it
    does = [f"{each.opname} {_stable(each.argval)}" for at, each in enumerate(steps) if at not in lines]
    return _digest([repr(takes), repr(code.co_flags & _KIND), code.co_exceptiontable.hex(), *does])


def edition(cls: type, method: Any) -> str:
    """A digest of what a class's method does, with its decorators, and the class's methods that it calls."""
    found: dict[int, FunctionType] = {}
    names: set[str] = set()
    pending = [method]
    own = [vars(base) for base in cls.__mro__[:-1] if not is_own(base)]
    while pending:
        for function in functions_behind(pending.pop()):
            if is_hidden(function) or id(function) in found:
                continue
            found[id(function)] = function
            called = set(_names(function.__code__)) - names - _OTHER_PHASES
            names |= called
            pending += [attributes[name] for attributes in own for name in called & attributes.keys()]
    # In no order: that of a set is another in each run.
    return f"{COMPILER}:{_digest(sorted(map(_of_function, found.values())))}"


def functions_behind(value: Any) -> Iterator[FunctionType]:
    """The functions behind an attribute: below wrappers, in properties, static and class methods."""
    pending, seen = [value], set()
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, FunctionType):
            yield each
            pending += [vars(each)["__wrapped__"]] if "__wrapped__" in vars(each) else []
            pending += [] if is_hidden(each) else _enclosed(each)
        elif isinstance(each, (staticmethod, classmethod)):
            pending.append(each.__func__)
        elif isinstance(each, property):
            pending += [each.fget, each.fset, each.fdel]


def _enclosed(function: FunctionType) -> Iterator[Any]:
    """Functions that a closure holds: what a decorator without `functools.wraps` has decorated."""
    for cell in function.__closure__ or ():
        try:
            value = cell.cell_contents
        except ValueError:  # empty as yet
            continue
        if isinstance(value, FunctionType):
            yield value


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names(part)


def _of_function(function: FunctionType) -> str:
    defaults = (function.__defaults__ or (), tuple((function.__kwdefaults__ or {}).items()))
    return f"{essence(function.__code__)} {_stable(defaults)}"


def _stable(value: Any) -> str:
    """A constant as text that is the same in every run; of other values the class."""
    if isinstance(value, CodeType):
        return essence(value)
    if type(value) is tuple:
        return f"({', '.join(map(_stable, value))})"
    if type(value) is frozenset:
        return f"{{{', '.join(sorted(map(_stable, value)))}}}"
    name = type(value).__qualname__
    return f"{name} {value!r}" if type(value) in _LITERALS else name


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]
