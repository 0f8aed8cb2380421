from __future__ import annotations

from typing import Any

from flowscope_engine.debug.history import History, Thinned
from flowscope_engine.snapshot import freeze
from flowscope_engine.spans import Span


def fill(history: History, steps: int, size: int) -> list[Span]:
    """A loop of visits, each of which replaces a text of this size."""
    shared: dict[str, Any] = {}
    run = Span("run", object(), None)
    now = freeze(shared)
    history.begin(run, now)
    visits = []
    for number in range(steps):
        visit = Span("visit", object(), run)
        history.begin(visit, now)
        visits.append(visit)
        shared["text"] = f"{number}" * size
        now = freeze(shared, now)
        visit.status = "ok"
        history.leave(visit)
    return visits


def test_memory_stays_within_the_budget_and_thinning_is_told() -> None:
    told: list[Thinned] = []
    history = History(told.append, budget=1_000_000)
    visits = fill(history, 2_000, 3_000)
    assert history.bytes <= 1_000_000
    kept = [visit for visit in visits if visit.before is not None]
    assert sum(each.steps for each in told) >= len(visits) - len(kept) > 0
    assert kept[-20:] == visits[-20:]  # the newest are all there
    assert len([visit for visit in kept if visit.id < visits[1_000].id]) > 5  # of the oldest, some


def test_a_long_loop_forgets_its_oldest_steps() -> None:
    told: list[Thinned] = []
    history = History(told.append, most=1_000)
    visits = fill(history, 5_000, 1)
    assert len(history.spans) <= 1_001
    assert visits[-1].id in history.spans and visits[0].id not in history.spans
    assert sum(each.steps for each in told) >= 4_000
