"""Lints: small named rules over the model, each about something that is probably not meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable
from typing import TYPE_CHECKING, Any

from ..events import Blocked, Change
from ..spans import Span
from .loop import LoopBlocked, NeverAwaited, SerialParallel
from .retries import EarlyFallback, LostFailure
from .routes import DeadEndAction, NoProgressLoop, UnreachedNode
from .rule import Lint, Rule
from .shared_conflict import SharedConflict

if TYPE_CHECKING:
    from ..model import Model

__all__ = ["RULES", "Lint", "Lints", "Rule"]

_RULES: tuple[type[Rule], ...] = (
    SharedConflict,
    LoopBlocked,
    SerialParallel,
    NeverAwaited,
    DeadEndAction,
    NoProgressLoop,
    LostFailure,
    EarlyFallback,
    UnreachedNode,
)
RULES = {rule.name: rule.explanation for rule in _RULES}
"""Every rule's name, and its explanation in one line."""


class Lints:
    """What the rules found, oldest first; of several alike the first one stands for all."""

    def __init__(self, model: Model, off: Collection[str] = ()) -> None:
        self.found: list[Lint] = []
        self.off = set(off)
        """Rules that are not wanted: nothing of what they find is told."""
        self._all: list[Lint] = []
        self.repeats: Counter[Lint] = Counter()
        """How often each was found again, elsewhere."""
        self._keys: dict[Hashable, Lint] = {}
        rules = [rule(model, self._report) for rule in _RULES]
        self._began = _told(rules, "began")
        self._ended = _told(rules, "ended")
        self._changed = _told(rules, "changed")
        self._blocked = _told(rules, "blocked")
        self._finished = _told(rules, "finished")

    def __len__(self) -> int:
        return len(self.found)

    def counts(self) -> dict[str, int]:
        """How often each rule found something, by name; only those that did."""
        counts: Counter[str] = Counter()
        for lint in self.found:
            counts[lint.rule] += 1 + self.repeats[lint]
        return dict(counts)

    def switch(self, name: str) -> None:
        """This rule is not wanted, or it is wanted again, with all that it has found."""
        self.off ^= {name}
        self.found = [lint for lint in self._all if lint.rule not in self.off]

    def of(self, span: Span) -> list[Lint]:
        """The lints about this span or something below it in its visit."""
        ids = {below.id for below in span.own()}
        return [lint for lint in self.found if not ids.isdisjoint(lint.spans)]

    def _report(self, key: Hashable, lint: Lint) -> None:
        if (first := self._keys.get(key)) is not None:
            self.repeats[first] += 1
            return
        self._keys[key] = lint
        self._all.append(lint)
        if lint.rule not in self.off:
            self.found.append(lint)

    def began(self, span: Span) -> None:
        """A span has begun."""
        for tell in self._began:
            tell(span)

    def ended(self, span: Span) -> None:
        """A span has ended."""
        for tell in self._ended:
            tell(span)

    def changed(self, change: Change, span: Span) -> None:
        """`shared` has changed."""
        for tell in self._changed:
            tell(change, span)

    def blocked(self, event: Blocked, span: Span) -> None:
        """A lane kept the loop."""
        for tell in self._blocked:
            tell(event, span)

    def finished(self) -> None:
        """The program has ended."""
        for tell in self._finished:
            tell()


def _told(rules: list[Rule], what: str) -> list[Callable[..., Any]]:
    """Those that want to be told of this."""
    return [getattr(rule, what) for rule in rules if getattr(type(rule), what) is not getattr(Rule, what)]
