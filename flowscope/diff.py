"""`flowscope diff`: where two recordings part ways, as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .model import Model
from .model.parting import Comparison, compare_models
from .recording import read


def diff(one: Path, other: Path) -> tuple[bool, str]:
    """Whether the recorded programs did the same, and what to say of it. Raises RecordingError."""
    comparison = compare_models(_model(one), _model(other))
    return not comparison.partings, "\n".join(_lines(comparison, one.name, other.name))


def _model(path: Path) -> Model:
    model = Model()
    for event in read(path):
        if event.get("type") == "header" and model.runs:  # the program was restarted: the last run counts
            model = Model()
        model.apply(event)
    model.cut()
    return model


def _lines(comparison: Comparison, one: str, other: str) -> Iterator[str]:
    visits = "1 visit" if comparison.alike == 1 else f"{comparison.alike:,} visits"
    if not comparison.partings:
        yield f"No difference: {visits}, with the same values, actions and ends."
        return
    yield f"The same for {visits}."
    width = max(len(one), len(other))
    for parting in comparison.partings:
        yield ""
        yield f"First different {parting.kind}: {parting.where}"
        yield f"  {one:<{width}}  {parting.one}"
        yield f"  {other:<{width}}  {parting.other}"
