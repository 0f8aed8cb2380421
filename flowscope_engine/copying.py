"""One `copy.copy` per visit, without its detour through `__reduce_ex__` where a class copies by default.

PocketFlow spends most of a trivial visit in `copy.copy`. A class that changes nothing about how it is copied
can be copied by a new instance and an update of its `__dict__`, which is what `copy.copy` ends in.
"""

from __future__ import annotations

import copy
import copyreg
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement
_HOOKS = ("__copy__", "__setstate__", "__getnewargs__", "__getnewargs_ex__", "__getattr__")
_DEFAULTS = ("__reduce_ex__", "__reduce__", "__getstate__", "__new__", "__getattribute__")

_copies_by_default: WeakKeyDictionary[type, bool] = WeakKeyDictionary()


def shallow_copy(node: T) -> T:
    """What `copy.copy(node)` returns, faster. How a class is copied is looked up once, at its first copy."""
    cls = type(node)
    by_default = _copies_by_default.get(cls)
    if by_default is None:
        by_default = _copies_by_default[cls] = _has_default_copying(cls)
    if not by_default:
        return copy.copy(node)
    twin = cls.__new__(cls)
    twin.__dict__.update(node.__dict__)
    return twin


def _has_default_copying(cls: type) -> bool:
    if cls in copyreg.dispatch_table or any(hasattr(cls, hook) for hook in _HOOKS):
        return False
    if any(getattr(cls, name) is not getattr(object, name) for name in _DEFAULTS):
        return False
    for base in cls.__mro__[:-1]:
        slots = base.__dict__.get("__slots__", ())
        names = (slots,) if isinstance(slots, str) else tuple(slots)
        if not base.__flags__ & _HEAP_TYPE or set(names) - {"__dict__", "__weakref__"}:
            return False
    return bool(cls.__dictoffset__)  # a class of slots alone has no `__dict__` to copy
