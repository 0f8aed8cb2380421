"""Breakpoints as DAP sets them: on source lines, and with their options beside the spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..describe import PHASE_METHODS
from ..sources import classes_in
from .breakpoints import Breakpoint
from .emitter import place_name

_PHASES = {method: phase for phase, methods in PHASE_METHODS.items() for method in methods}


def breakpoint_at(path: str, line: int) -> Breakpoint:
    """The node, and the phase if the line is in its method, of a class at a line of a file.

    Raises ValueError, one sentence, where there is no class.
    """
    around = [found for found in classes_in(path) if found.first <= line <= found.last]
    if not around:
        raise ValueError(f"Line {line} of {path} is in no class: break on a line of a node's class.")
    found = around[-1]
    names = [name for name, (first, last) in found.methods.items() if first <= line <= last]
    phase = _PHASES.get(names[0]) if names else None
    return Breakpoint("node", node=place_name(path, found.qualname), phase=phase)


def with_options(bp: Breakpoint, given: Mapping[str, Any]) -> Breakpoint:
    """The breakpoint with DAP's condition, hitCondition and logMessage. Raises ValueError for a bad one."""
    hits = str(given.get("hitCondition") or "").strip().removeprefix("==").strip()
    if hits and not hits.isdecimal():
        raise ValueError(f"Hit count {hits!r} is not a number.")
    return replace(
        bp,
        condition=given.get("condition") or bp.condition,
        hits=int(hits) if hits else bp.hits,
        log=given.get("logMessage") or bp.log,
    )
