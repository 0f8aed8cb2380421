"""The breakpoints of a script, as the screens show and change them; kept between sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowscope.session import state
from flowscope.session.state import SavedBreakpoint
from flowscope_engine.debug import breakpoints as specs


class Breakpoints:
    """Break specs in the order they were made, each on or off; `notice` says what could not be kept."""

    def __init__(self, script: str | None, given: Sequence[str] = ()) -> None:
        self._script = script
        saved = state.load(script) if script is not None else state.Saved()
        self.notice = saved.notice
        self.all: list[SavedBreakpoint] = saved.breakpoints
        self._given = list(given)  # on the command line: not kept
        for spec in given:
            self.add(spec, keep=False)

    def enabled(self) -> list[str]:
        """The specs that are on."""
        return [each.spec for each in self.all if each.enabled]

    def find(self, spec: str) -> SavedBreakpoint | None:
        """The breakpoint with this very spec."""
        return next((each for each in self.all if each.spec == spec), None)

    def add(self, spec: str, keep: bool = True) -> None:
        """Set it, or switch it on again. Raises ValueError, one sentence, for a bad spec."""
        spec = specs.format(specs.parse(spec))
        found = self.find(spec)
        if found is None:
            self.all.append(SavedBreakpoint(spec))
        else:
            found.enabled = True
        if keep:
            self._keep()

    def toggle(self, spec: str) -> bool:
        """Set it if it is not there, else take it away; is it there now? Raises ValueError."""
        spec = specs.format(specs.parse(spec))
        if (found := self.find(spec)) is None:
            self.add(spec)
            return True
        self.remove(found)
        return False

    def remove(self, breakpoint: SavedBreakpoint) -> None:
        """Take it away."""
        self.all.remove(breakpoint)
        self._keep()

    def switch(self, breakpoint: SavedBreakpoint) -> None:
        """On or off."""
        breakpoint.enabled = not breakpoint.enabled
        self._keep()

    def of_node(self, node: Mapping[str, Any]) -> list[SavedBreakpoint]:
        """Those on this node of the graph, or on a phase, an item or an action of it."""
        names = names_of(node)
        found = []
        for each in self.all:
            bp = specs.parse(each.spec)
            if bp.node is not None and specs.matches_node(bp, names):
                found.append(each)
        return found

    def _keep(self) -> None:
        if self._script is None:
            return
        kept = [each for each in self.all if each.spec not in self._given]
        try:
            state.save(self._script, kept)
        except OSError as error:
            self.notice = f"The breakpoints could not be kept: {error.strerror or error}."


def names_of(node: Mapping[str, Any]) -> set[str]:
    """What a spec may call a node of the graph: label, class, variable, id."""
    cls = str(node.get("class", ""))
    names = {node.get("id"), node.get("label"), node.get("name"), cls, cls.rpartition(".")[2]}
    return {str(name) for name in names if name}
