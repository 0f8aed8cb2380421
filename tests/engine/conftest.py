from __future__ import annotations

from collections.abc import Iterator

import pocketflow
import pytest

from flowscope_engine import observe, rules
from flowscope_engine.adopt import adopt_class
from flowscope_engine.spans import Span


class Recorder:
    """An observer that keeps the spans, and writes each as a line indented by its depth."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def begin(self, span: Span) -> None:
        self.spans.append(span)

    def end(self, span: Span) -> None: ...

    def lines(self, *kinds: str) -> list[str]:
        return [line(span) for span in self.spans if not kinds or span.kind in kinds]


def line(span: Span) -> str:
    number = {"item": span.item, "attempt": span.attempt}.get(span.kind)
    text = f"{span.kind}{'' if number is None else number} {type(span.node).__name__}"
    return "  " * span.depth + text + ("" if span.status == "ok" else f" {span.status}")


@pytest.fixture(autouse=True)
def free_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that another test has left open occupy no lane."""
    monkeypatch.setattr(rules, "_thread", rules._Thread())


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """Installed for the length of a test, and pocketflow adopted."""
    adopt_class(pocketflow.BaseNode, pytest.fail)
    found = Recorder()
    observe.install(found)
    yield found
    observe.install(None)
