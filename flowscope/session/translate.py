"""DAP events as the events that the model folds. Pure."""

from __future__ import annotations

import signal
import time
from typing import Any

Event = dict[str, Any]

_REASONS = {"function breakpoint": "breakpoint", "instruction breakpoint": "breakpoint"}


def translate(message: dict[str, Any]) -> list[Event]:
    """The events that one DAP event stands for; none where others tell the same."""
    body = message.get("body") or {}
    name = message.get("event")
    if name == "flowscope/events":
        events: list[Event] = body.get("events", [])
        return events
    if name == "stopped":
        return [_stopped(body)]
    if name == "continued":
        return [{"type": "resumed", "lane": _lane(body), "ts": _now(body)}]
    return []


def ended(returncode: int, error: str | None) -> Event:
    """The exit event of a process: `returncode` is negative for the signal that killed it."""
    name = None
    if returncode < 0:
        try:
            name = signal.Signals(-returncode).name
        except ValueError:  # a real-time signal has no name of its own
            name = f"signal {-returncode}"
    return {"type": "exit", "code": returncode, "signal": name, "error": error, "ts": time.monotonic_ns()}


def _stopped(body: dict[str, Any]) -> Event:
    more = body.get("flowscope") or {}
    reason = str(body.get("reason", "pause"))
    return {
        "type": "stopped",
        "lane": _lane(body),
        "span": more.get("span"),
        "at": more.get("at", "begin"),
        "reason": _REASONS.get(reason, reason),
        "text": body.get("text") or "",
        "breakpoints": more.get("breakpoints", []),
        "ts": _now(body),
        "all": bool(body.get("allThreadsStopped", True)),
    }


def _lane(body: dict[str, Any]) -> int:
    return int(body.get("threadId", 1)) - 1


def _now(body: dict[str, Any]) -> int:
    """The adapter's time; else ours: the monotonic clock is the machine's, not the process's."""
    ts = (body.get("flowscope") or {}).get("ts")
    return ts if isinstance(ts, int) else time.monotonic_ns()
