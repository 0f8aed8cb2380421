"""What a prep or post does with `shared`, as its source says: places read and written by constant keys.

`shared["stats"]["count"]` is the place `("stats", "count")`. What happens in functions that are called, or by
keys that are computed, is not seen: nothing is said of it.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import FunctionType

from .sources import tree_of

Place = tuple[str | int, ...]

_PHASES = ("prep", "prep_async", "post", "post_async")
_EXECS = ("exec", "exec_async")
_LOOKS_UP = ("get", "pop", "setdefault")
_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_PREP_RES, _EXEC_RES = "prep_res", "exec_res"
"""What a phase is given is known like a place that was read before."""


@dataclass(frozen=True, slots=True)
class Carry:
    """A place is read, and written later: suspended between, it works on what may be outdated."""

    place: Place
    read: int  # line
    write: int  # line
    first: int  # suspended at this line or later…
    last: int  # …up to this one, it has read and not yet written
    is_certain: bool  # it will write what it makes of what it read: nothing leads around that


@dataclass(slots=True)
class Uses:
    """Places by what is done with them, with the line where that is done first."""

    reads: dict[Place, int] = field(default_factory=dict)  # before any write
    writes: dict[Place, int] = field(default_factory=dict)
    carries: list[Carry] = field(default_factory=list)
    gives: dict[Place, int] = field(default_factory=dict)  # read by a prep, and returned
    takes: dict[Place, tuple[int, frozenset[str]]] = field(default_factory=dict)
    """Written by a post that does not read it first; what that is for certain made of: prep_res, exec_res."""
    makes: bool = False
    """Is what an exec returns for certain made of what it is given?"""


def uses_of(method: FunctionType) -> Uses:
    """What is known of a phase's method; nothing where its source cannot be read."""
    code = method.__code__
    return _uses_in(code.co_filename).get((code.co_name, code.co_firstlineno)) or Uses()


def carried(prep: Uses, exec: Uses, post: Uses) -> list[Carry]:
    """The places that a prep reads for its post to write."""
    found = []
    for place in prep.gives.keys() & post.takes.keys():
        write, given = post.takes[place]
        is_certain = _PREP_RES in given or (_EXEC_RES in given and exec.makes)
        found.append(Carry(place, prep.gives[place], write, 0, write, is_certain))
    return found


@functools.lru_cache(maxsize=256)
def _uses_in(path: str) -> dict[tuple[str, int], Uses]:
    tree = tree_of(path)
    found = {}
    for node in () if tree is None else ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in (*_PHASES, *_EXECS):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name, first] = read(node)
    return found


def read(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Uses:
    """What is known of a parsed method: an exec is given `prep_res`, others `shared` and what came before."""
    return _Reader(method).uses


def forget_uses() -> None:
    """Sources have changed."""
    _uses_in.cache_clear()


@dataclass(slots=True)
class _Read:
    """A place that was read on the way to where we are in the source."""

    line: int
    first: int  # the line from which on it has been read
    names: set[str]  # that hold it, or what was made of it
    is_straight: bool = True  # nothing since leads elsewhere
    is_combined: bool = False  # what the names hold was made of it and of something else


_Known = dict[Place | str, _Read]


class _Reader:
    """Goes through a method statement by statement, with what has been read for certain on the way."""

    def __init__(self, method: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.uses = Uses()
        _, *names = [arg.arg for arg in (*method.args.posonlyargs, *method.args.args)] or [""]
        self._shared = "" if method.name in _EXECS or not names else names.pop(0)
        stores = (node.id for node in ast.walk(method) if isinstance(node, ast.Name) and _is_store(node))
        if self._shared in stores:
            return
        known: _Known = {
            given: _Read(method.lineno, method.lineno, {name})
            for given, name in zip((_PREP_RES, _EXEC_RES), names, strict=False)
        }
        self._block(method.body, known)
        if (
            method.name in _EXECS
            and isinstance(last := method.body[-1], ast.Return)
            and last.value is not None
        ):
            given = known.get(_PREP_RES)
            returns = sum(isinstance(node, ast.Return) for node in ast.walk(method))
            self.uses.makes = given is not None and returns == 1 and _is_made_of(last.value, given)

    def _block(self, statements: Iterable[ast.stmt], known: _Known) -> None:
        for statement in statements:
            if isinstance(statement, _DEFINES):
                continue
            if isinstance(statement, (ast.With, ast.AsyncWith)):
                for item in statement.items:
                    self._note(item.context_expr, self._reads(item.context_expr), known)
                self._block(statement.body, known)
            elif bodies := list(_bodies(statement)):
                for expression in _heads(statement):
                    self._note(expression, self._reads(expression), known)
                for body in bodies:
                    inner = {
                        place: replace(read, names=set(read.names), is_straight=False)
                        for place, read in known.items()
                    }
                    self._block(body, inner)
            else:
                self._simple(statement, known)
            if any(isinstance(node, _LEAVES) for node in ast.walk(statement)):
                for read in known.values():
                    read.is_straight = False

    def _note(self, at: ast.stmt | ast.expr, reads: list[tuple[Place, ast.expr]], known: _Known) -> None:
        for place, node in reads:
            if place not in self.uses.writes:
                self.uses.reads.setdefault(place, node.lineno)
            first = at.lineno if isinstance(at, ast.stmt) and _awaits_after(at, node) else 0
            known[place] = _Read(node.lineno, first or (node.end_lineno or node.lineno) + 1, set())

    def _simple(self, statement: ast.stmt, known: _Known) -> None:
        reads = self._reads(statement)
        written = set()
        for place, made in self._writes(statement):
            written.add(place)
            self._write(statement, place, made, reads, known)
            self.uses.writes.setdefault(place, statement.lineno)
        value = getattr(statement, "value", None)
        names = {target.id for target in _targets(statement) if isinstance(target, ast.Name)}
        for read in known.values():
            if isinstance(statement, ast.AugAssign):
                read.is_combined |= not read.names.isdisjoint(names)
            elif value is not None and _mentions(value, read.names):
                read.is_combined |= _combines(value, read.names)
                read.names |= names
            else:
                read.names -= names
        self._note(statement, [read for read in reads if read[0] not in written], known)
        for place, node in reads:
            if place in known and value is not None:
                known[place].names |= names
                known[place].is_combined |= _combines(value, (), node)
        if isinstance(statement, ast.Return) and value is not None:
            given = {place for place, _ in reads}
            given |= {
                place
                for place, read in known.items()
                if isinstance(place, tuple) and _mentions(value, read.names)
            }
            for place in given:
                self.uses.gives.setdefault(place, known[place].line)

    def _write(
        self,
        statement: ast.stmt,
        place: Place,
        value: ast.expr,
        reads: list[tuple[Place, ast.expr]],
        known: _Known,
    ) -> None:
        line, last = statement.lineno, statement.end_lineno or statement.lineno
        own = next((node for read, node in reads if read == place), None)
        before = known.pop(place, None)
        if isinstance(statement, ast.AugAssign) or own is not None:
            at: ast.expr = own or next(_targets(statement))
            if place not in self.uses.writes:
                self.uses.reads.setdefault(place, at.lineno)
            if _awaits_after(statement, at):
                is_made = isinstance(statement, ast.AugAssign) or _combines(value, (), own)
                self.uses.carries.append(Carry(place, at.lineno, line, line, last, is_made))
        elif before is not None:
            is_made = before.is_straight and _is_made_of(value, before)
            self.uses.carries.append(Carry(place, before.line, line, before.first, last, is_made))
        elif place not in self.uses.reads:
            self.uses.takes.setdefault(place, (line, frozenset(_made_of(value, known))))

    def _reads(self, node: ast.AST) -> list[tuple[Place, ast.expr]]:
        """The places that are read here; of `shared["a"]["b"]` the inner one alone."""
        place = self._place(node)
        if place is not None and isinstance(node, ast.expr):
            return [] if _is_store(node) else [(place, node)]
        if isinstance(node, _DEFINES):
            return []
        return [read for child in ast.iter_child_nodes(node) for read in self._reads(child)]

    def _place(self, node: ast.AST) -> Place | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            inner = self._container(node.func.value)
            return _with(inner, node.args[0]) if node.func.attr in _LOOKS_UP else None
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return _with(self._container(node.comparators[0]), node.left)
        return _with(self._container(node.value), node.slice) if isinstance(node, ast.Subscript) else None

    def _container(self, node: ast.expr) -> Place | None:
        """The place of what is looked into: `shared` itself, or something in it."""
        if isinstance(node, ast.Name):
            return () if node.id == self._shared else None
        return self._place(node) if isinstance(node, ast.Subscript) else None

    def _writes(self, statement: ast.stmt) -> Iterator[tuple[Place, ast.expr]]:
        value = getattr(statement, "value", None)
        for target in _targets(statement):
            place = self._place(target) if isinstance(target, ast.Subscript) else None
            if place is not None and value is not None:
                yield place, value
        if isinstance(statement, ast.Expr) and isinstance(value, ast.Call):
            yield from self._updates(value)

    def _updates(self, call: ast.Call) -> Iterator[tuple[Place, ast.expr]]:
        function = call.func
        if not isinstance(function, ast.Attribute) or function.attr != "update":
            return
        inner = self._container(function.value)
        if inner is None:
            return
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield (*inner, keyword.arg), keyword.value
        for given in call.args:
            for key, value in (
                zip(given.keys, given.values, strict=True) if isinstance(given, ast.Dict) else ()
            ):
                if key is not None and (place := _with(inner, key)) is not None:
                    yield place, value


def _with(inner: Place | None, key: ast.expr) -> Place | None:
    if inner is None or not isinstance(key, ast.Constant) or type(key.value) not in (str, int):
        return None
    return (*inner, key.value)  # type: ignore[arg-type]


def _is_store(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


def _bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks within a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        if block := getattr(statement, name, None):
            yield block
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _heads(statement: ast.stmt) -> Iterator[ast.expr]:
    """What a compound statement looks at before it goes into a block."""
    for name in ("test", "iter", "subject"):
        if (expression := getattr(statement, name, None)) is not None:
            yield expression


def _targets(statement: ast.stmt) -> Iterator[ast.expr]:
    targets = list(getattr(statement, "targets", ()))
    if isinstance(statement, (ast.AugAssign, ast.AnnAssign)):
        targets.append(statement.target)
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from target.elts
        else:
            yield target


def _awaits_after(statement: ast.AST, node: ast.expr) -> bool:
    """Does the statement await something once this part of it is evaluated?"""
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return any(
        isinstance(other, ast.Await) and (other.lineno, other.col_offset) >= end
        for other in ast.walk(statement)
    )


def _mentions(value: ast.expr, names: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(value))


def _is_made_of(value: ast.expr, read: _Read) -> bool:
    return _mentions(value, read.names) and (read.is_combined or _combines(value, read.names))


def _made_of(value: ast.expr, known: _Known) -> Iterator[str]:
    """What a phase was given, that this is for certain made of; an exec_res may be handed on as it is."""
    for given in (_PREP_RES, _EXEC_RES):
        read = known.get(given)
        if read is not None and read.is_straight:
            is_itself = given is _EXEC_RES and isinstance(value, ast.Name) and value.id in read.names
            if is_itself or _is_made_of(value, read):
                yield given


def _combines(value: ast.expr, names: Iterable[str], read: ast.expr | None = None) -> bool:
    """Is one of these names, or what was read, part of a sum, a new list, dict or text?"""
    parts: list[ast.expr] = []
    for node in ast.walk(value):
        if isinstance(node, ast.BinOp):
            parts += (node.left, node.right)
        elif isinstance(node, (ast.Starred, ast.FormattedValue)):
            parts.append(node.value)
        elif isinstance(node, ast.Dict):
            parts += (part for key, part in zip(node.keys, node.values, strict=True) if key is None)
    return any(part is read or (isinstance(part, ast.Name) and part.id in names) for part in parts)
