"""An error of the debugger's own is none of the program's."""

from __future__ import annotations

from flowscope_engine.debug.guard import Guard
from flowscope_engine.spans import Span


class Broken:
    def begin(self, span: Span) -> None:
        raise RuntimeError("ours")

    def end(self, span: Span) -> None:
        raise KeyboardInterrupt


def test_it_is_told_once_and_an_interrupt_is_let_pass() -> None:
    told: list[tuple[str, str]] = []
    guard = Guard(Broken(), lambda text, level: told.append((text, level)))
    span = Span("run", None, None)
    assert guard.begin(span) is guard.begin(span) is None
    assert [level for _, level in told] == ["error"]
    assert told[0][0].startswith("FlowScope itself failed at run: RuntimeError: ours (")
    try:
        guard.end(span)
    except KeyboardInterrupt:
        return
    raise AssertionError("the program has not got its interrupt")
