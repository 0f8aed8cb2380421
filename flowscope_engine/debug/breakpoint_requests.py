"""The adapter's requests for breakpoints, and what it tells of those whose node the program does not have."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from . import breakpoints as specs
from .breakpoints import Breakpoint
from .controller import Controller
from .emitter import Emitter
from .places import breakpoint_at, with_options
from .variables import Handles

Body = dict[str, Any]

FILTERS = {
    "raised": "Errors raised in a phase",
    "attempt": "Failing attempts that a retry or a fallback follows",
    "uncaught": "Errors that leave the run",
}


class BreakpointRequests:
    """Part of the adapter."""

    _controller: Controller
    _emitter: Emitter
    _handles: Handles

    def __init__(self) -> None:
        self._breakpoints: dict[str, list[Breakpoint]] = {}  # by where they were set: functions, data, a file
        self._next_id = 1

    def event(self, name: str, body: Body | None = None) -> None:
        """Send an event."""
        raise NotImplementedError

    def _on_setFunctionBreakpoints(self, arguments: Body) -> Body:
        return self._set("functions", arguments, lambda given: specs.parse(str(given.get("name", ""))))

    def _on_setDataBreakpoints(self, arguments: Body) -> Body:
        return self._set("data", arguments, lambda given: specs.parse(str(given.get("dataId", ""))))

    def _on_setBreakpoints(self, arguments: Body) -> Body:
        path = os.path.abspath(str((arguments.get("source") or {}).get("path", "")))
        return self._set(path, arguments, lambda given: breakpoint_at(path, int(given.get("line", 0))))

    def _set(self, where: str, arguments: Body, parse: Callable[[Body], Breakpoint]) -> Body:
        kept, answers = [], []
        known = self._emitter.known_names()
        for given in arguments.get("breakpoints", []):
            try:
                bp = self._numbered(with_options(parse(given), given))
            except ValueError as error:
                answers.append({"verified": False, "message": str(error)})
                continue
            kept.append(bp)
            if bp.node is not None and known:
                bp.placed = specs.unknown_name(bp, known) is None
            answers.append({**_told(bp, known), **({"line": given["line"]} if "line" in given else {})})
        self._breakpoints[where] = kept
        self._apply()
        return {"breakpoints": answers}

    def _numbered(self, bp: Breakpoint) -> Breakpoint:
        bp.id, self._next_id = self._next_id, self._next_id + 1
        return bp

    def _apply(self) -> None:
        self._controller.set_breakpoints(bp for bps in self._breakpoints.values() for bp in bps)

    def _tell_unknown(self) -> None:
        """On the program's thread, there being a new graph: which have a node after all, which have none?"""
        everywhere = [bp for bps in list(self._breakpoints.values()) for bp in bps]
        waiting = [bp for bp in everywhere if bp.node is not None and not bp.placed]
        known = self._emitter.known_names() if waiting else set()
        for bp in waiting:
            was, bp.placed = bp.placed, specs.unknown_name(bp, known) is None
            if bp.placed == (was is not False):
                continue  # as it was told
            told = _told(bp, known)
            self.event("breakpoint", {"reason": "changed", "breakpoint": told})
            if not bp.placed and not _is_line(bp):
                self._emitter.notice(f"Breakpoint {specs.format(bp)!r}: {told['message']}")

    def _on_setExceptionBreakpoints(self, arguments: Body) -> None:
        unknown = set(arguments.get("filters", [])) - set(FILTERS)
        if unknown:
            raise ValueError(f"Unknown exception filters: {', '.join(map(str, unknown))}.")
        self._controller.set_filters(arguments.get("filters", []))

    def _on_dataBreakpointInfo(self, arguments: Body) -> Body:
        name = str(arguments.get("name", ""))
        if reference := arguments.get("variablesReference"):
            name = self._handles.expression(int(reference), name) or ""
        try:
            bp = specs.parse(name)
        except ValueError:
            bp = None
        if bp is None or bp.kind != "shared":
            return {"dataId": None, "description": "Only what is below shared can be watched."}
        return {"dataId": specs.format(bp), "description": specs.format(bp), "accessTypes": ["write"]}


def _told(bp: Breakpoint, known: set[str]) -> Body:
    """A breakpoint as DAP tells it. Before the first graph any name may be right."""
    if bp.placed is not False:
        return {"id": bp.id, "verified": True}
    if _is_line(bp):
        text = "The class of this line is no node's."
    else:
        name = specs.unknown_name(bp, known) or ""
        meant = specs.suggest(name, known)
        family = next((each for each in sorted(known) if each.endswith(f".{name}")), None)
        which = "so" if name == bp.node else name
        text = f"no node is called {which}" + (f"; did you mean {meant}?" if meant else " yet.")
        if family is not None:
            text = f"no node is of class {name} itself; {family} means those of its subclasses."
    return {"id": bp.id, "verified": False, "message": text}


def _is_line(bp: Breakpoint) -> bool:
    return os.path.isabs(bp.node or "")
