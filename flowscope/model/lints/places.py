"""How places of `shared`, and the lanes that write them, are told: with values, lines and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..events import Path
from ..patch import Value
from ..spans import Span
from ..values import preview

if TYPE_CHECKING:
    from ..model import Model

_WIDTH = 30  # of a value


def written(value: Value, line: int | None) -> str:
    """A value, and where it was written: `'done' (line 12)`."""
    return preview(value, _WIDTH) + ("" if line is None else f" (line {line})")


def line_of(model: Model, span: Span, path: Path) -> int | None:
    """The line at which a phase's source writes this place; None where that is not known."""
    return _find(_uses(model, span, span.kind, "writes"), path)


def reads_first(model: Model, span: Span, path: Path) -> bool:
    """Does the phase read the place before it writes it, or get it handed on by its prep?"""
    if _find(_uses(model, span, span.kind, "reads"), path) is not None:
        return True
    return span.kind == "post" and _find(_uses(model, span, "prep", "gives"), path) is not None


def _uses(model: Model, span: Span, phase: str, what: str) -> Any:
    """Places by constant keys, with their lines, as the engine read them in the source."""
    found: Any = model.nodes.get(span.node)
    for key in ("shared", phase, what):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _find(uses: Any, path: Path) -> int | None:
    for use in uses if isinstance(uses, list) else ():
        match use:
            case [[*place], int(line)] if place and all(a == b for a, b in zip(place, path, strict=False)):
                return line
    return None


def names(first: Span, second: Span) -> tuple[str, str]:
    """`Summarize.post in Each[2]`; of runs beside each other `Summarize.post in Flow`, or on which lane."""
    one, other = _name(first), _name(second)
    if one == other:
        roots = first.path()[-1].label, second.path()[-1].label
        if roots[0] != roots[1]:
            return f"{one} in {roots[0]}", f"{other} in {roots[1]}"
        return f"{one} on lane {first.lane}", f"{other} on lane {second.lane}"
    return one, other


def _name(span: Span) -> str:
    outer = next((each for each in span.path() if each.kind == "item" and each.visit is not span.visit), None)
    return span.place if outer is None else f"{span.visit.label}.{span.kind} in {outer.name}"
