"""The debugger's hand on single lanes: hold, release, solo, cancel, and one await at a time.

A held lane halts at its next await, or where it is suspended; what it awaits goes on, its own timers do not.
With all lanes held, the order in which they are let go is an interleaving made by hand; it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ..lanes import Governor, Lane
from .accounts import Accounts
from .emitter import Emitter
from .schedule import Conductor
from .standing import Standing


class Holding:
    """Acts on lanes, from the adapter's thread."""

    def __init__(self, accounts: Accounts, standing: Standing, emitter: Emitter) -> None:
        self.chosen: list[str] = []  # which lane was let go for one await, in this order
        self._accounts = accounts
        self._standing = standing
        self._emitter = emitter
        self.conductor: Conductor | None = None
        accounts.on_open = self._opened
        self._holds_all = False  # those yet to begin as well
        self._held: set[int] = set()  # lanes, by the user

    def hold(self, lane: Lane | None) -> None:
        """Hold one lane; or all, and those yet to begin."""
        self._holds_all = lane is None or self._holds_all
        for one in self._lanes(lane):
            self._close(one)
        self._tell("hold", lane, "held")

    def release(self, lane: Lane | None) -> None:
        """Let one lane go, or all."""
        self._holds_all = lane is not None and self._holds_all
        for one in self._lanes(lane):
            self._open(one)
        if lane is not None and _parent(lane) is not None:
            # With the last one that was held, those yet to begin are released too.
            self._holds_all &= any(one.id in self._held for one in self._lanes(None))
        self._tell("release", lane, "released")

    def solo(self, lane: Lane) -> None:
        """Let only this lane go on."""
        self._holds_all = True
        for one in self._lanes(None):
            if one is lane or one.id == _parent(lane):
                self._open(one)
            else:
                self._close(one)
        self._tell("solo", lane, "runs alone")

    def step_await(self, lane: Lane) -> None:
        """Let a lane go on to its next await."""

        def step() -> None:
            lane.governor = _Once(lane.governor)
            lane.open()

        self.chosen.append(self._accounts.key_of(lane))
        self._standing.on_loop(lane, step)

    def cancel(self, lane: Lane) -> None:
        """CancelledError at its await; a lane that is held is let go for it."""
        task = lane.task

        def cancel() -> None:
            task.cancel()
            lane.open()

        self._tell("cancel", lane, "cancelled")
        self._standing.on_loop(lane, cancel)

    def conduct(self, steps: Sequence[str], seed: int | None, frees: bool) -> None:
        """Lanes go one at a time: in this order, then as a seed decides, or as they like."""
        self.conductor = Conductor(self._accounts, self._emitter.notice, steps, seed, frees)
        self._accounts.on_close = self._closed

    def _closed(self, lane: Lane) -> None:
        if self.conductor is not None:
            self.conductor.closed(lane)
            if lane.span.parent is None:
                self._emitter.emit({"type": "schedule", "steps": list(self.conductor.chosen)})

    def end(self) -> None:
        """The debugger is gone: nothing is held any more."""
        self._holds_all = False
        for lane in self._lanes(None):
            self._open(lane)

    def can_hold(self, lane: Lane) -> bool:
        """Is it a lane of an event loop? Other code cannot be held but at a step."""
        return lane.loop is not None and isinstance(lane.task, asyncio.Task)

    def _opened(self, lane: Lane) -> None:
        """A lane begins: where all are held, at its first await."""
        if self.can_hold(lane):
            if self._holds_all:
                lane.closed = True
                self._held.add(lane.id)
            if self.conductor is not None:
                self.conductor.opened(lane)

    def _close(self, lane: Lane) -> None:
        self._held.add(lane.id)
        lane.closed = True  # at once: its loop may be busy with it
        self._standing.on_loop(lane, lane.close)

    def _open(self, lane: Lane) -> None:
        self._held.discard(lane.id)
        if lane.id not in self._standing.stops:
            self._standing.on_loop(lane, lane.open)

    def _lanes(self, lane: Lane | None) -> list[Lane]:
        lanes = list(self._accounts.live.values()) if lane is None else [lane]
        return [one for one in lanes if self.can_hold(one)]

    def _tell(self, kind: str, lane: Lane | None, text: str) -> None:
        if lane is None:
            lanes = list(self._accounts.live.values())
            if lanes:
                self._emitter.intervened(kind, lanes[0].span, f"all lanes {text}", all=True)
        else:
            self._emitter.intervened(kind, lane.span, f"{self._accounts.key_of(lane)} {text}")


class _Once(Governor):
    """Closes the lane again when it has run up to its next await."""

    def __init__(self, before: Governor | None) -> None:
        self._before = before

    def arrived(self, lane: Lane) -> None:
        if self._before is not None:
            self._before.arrived(lane)

    def suspended(self, lane: Lane) -> None:
        lane.governor = self._before
        lane.closed = True


def _parent(lane: Lane) -> int | None:
    return None if lane.span.parent is None else lane.span.parent.lane
