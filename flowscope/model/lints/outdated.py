"""Updates that are lost: a lane writes what it made of a value that another has replaced meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..events import Change, Outdated, Path
from ..spans import Span
from ..values import preview
from .places import line_of, written

if TYPE_CHECKING:
    from ..model import Model

_WIDTH = 30  # of a value


@dataclass(slots=True)
class Update:
    """What a lane is about to write, outdated by what another wrote."""

    told: Outdated
    change: Change  # that outdates it
    author: Span  # of that
    is_known: bool  # it was this one
    span: Span  # that writes; until then the visit that will
    own: Change | None = None  # what came of it

    @property
    def place(self) -> Path:
        """Where."""
        return self.told.path

    def what(self, model: Model) -> str:
        """What happened, as the end of a sentence."""
        told, change, own = self.told, self.change, self.own
        if change.path != told.path or (own is not None and own.path != told.path):
            return f"which had read it before that (line {told.read}): what the first one wrote is lost"
        before = f" {preview(change.old, _WIDTH)}" if change.op != "add" else " it"
        text = f"which had read{before} before that (line {told.read})"
        if own is None:
            return f"{text}: both wrote {written(change.new, told.write)}, one update is lost"
        first = written(change.new, line_of(model, self.author, told.path))
        return f"{text}: {first} was lost to {written(own.new, told.write)}"


class Updates:
    """Those that are outdated and not yet written, by the id of the phase or visit that will write them."""

    def __init__(self) -> None:
        self._open: dict[int, list[Update]] = {}

    def changed(self, change: Change, span: Span, is_known: bool) -> bool:
        """Is this change an update that was outdated? `is_known`: it is certain that this span made it."""
        for told in change.outdates:
            self._open.setdefault(told.span, []).append(Update(told, change, span, is_known, span))
        found = False
        for key in (span.id, span.visit.id):
            for update in self._open.get(key, ()):
                place = update.place
                if change.path[: len(place)] == place and is_known:
                    update.own = update.own or change
                    found = found or update.is_known
        return found

    def ended(self, span: Span) -> list[Update]:
        """What is now known to be lost."""
        if not self._open:
            return []
        found = self._open.pop(span.id, [])
        if span.kind == "post":
            found += self._open.pop(span.visit.id, [])
        if span.status != "ok" or span.kind not in ("prep", "post"):
            return []
        for update in found:
            update.span = span
        return [update for update in found if update.is_known and (update.own or update.told.certain)]
