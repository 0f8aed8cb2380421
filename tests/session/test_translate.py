"""DAP events as the model's."""

from __future__ import annotations

from flowscope.session.translate import ended, translate


def test_a_batch_is_flattened() -> None:
    events = [{"type": "begin", "id": 1}, {"type": "end", "id": 1}]
    assert translate({"event": "flowscope/events", "body": {"events": events}}) == events


def test_stopped() -> None:
    body = {
        "reason": "function breakpoint",
        "threadId": 3,
        "text": "why",
        "flowscope": {"span": 7, "at": "end", "breakpoints": ["Work"], "ts": 5},
    }
    assert translate({"event": "stopped", "body": body}) == [
        {
            "type": "stopped",
            "lane": 2,
            "span": 7,
            "at": "end",
            "reason": "breakpoint",
            "text": "why",
            "breakpoints": ["Work"],
            "ts": 5,
            "all": True,
        }
    ]


def test_continued_and_the_rest() -> None:
    (resumed,) = translate({"event": "continued", "body": {"threadId": 1}})
    assert (resumed["type"], resumed["lane"]) == ("resumed", 0)
    assert translate({"event": "thread", "body": {"reason": "started"}}) == []
    assert translate({"event": "initialized"}) == []


def test_ends() -> None:
    assert ended(3, None)["code"] == 3
    assert ended(-9, None)["signal"] == "SIGKILL"
    assert ended(-60, None)["signal"] == "signal 60"
    assert ended(1, "text")["error"] == "text"
