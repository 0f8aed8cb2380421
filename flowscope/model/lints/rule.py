"""What a rule is: it is told of what the model folds, and reports what looks wrong."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..events import Blocked, Change
from ..spans import Span

if TYPE_CHECKING:
    from ..model import Model


@dataclass(frozen=True, slots=True)
class Lint:
    """A warning: which rule, one sentence, and the ids of the spans it is about."""

    rule: str
    message: str
    spans: tuple[int, ...]


Report = Callable[[Hashable, Lint], None]
"""Takes a lint, and what tells it from others: of several alike, the first one stands for all."""


class Rule:
    """Overrides what it needs to be told. Each call does work that does not grow with the run."""

    name: str
    explanation: str
    """One line: what it finds."""

    def __init__(self, model: Model, report: Report) -> None:
        self.model = model
        self._report = report

    def report(self, key: Hashable, message: str, *spans: Span) -> None:
        """Say what looks wrong; once for each key."""
        self._report((self.name, key), Lint(self.name, message, tuple(span.id for span in spans)))

    def began(self, span: Span) -> None:
        """A span has begun."""

    def ended(self, span: Span) -> None:
        """A span has ended; its children, changes and result are complete."""

    def changed(self, change: Change, span: Span) -> None:
        """`shared` has changed, as was found at the end of this span, which is still open."""

    def blocked(self, event: Blocked, span: Span) -> None:
        """A lane kept the loop for long, in this span."""

    def finished(self) -> None:
        """The program has ended."""
