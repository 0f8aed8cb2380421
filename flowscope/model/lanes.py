"""Lanes: each one line of sequential execution, with the states it goes through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import events
from .events import Stopped
from .holds import Holds
from .paint import LETTERS, STATES, Strip
from .spans import Span

if TYPE_CHECKING:
    from .regions import Member

LANE_STATUS = {"ok": "done"}
"""What a lane is called whose outermost span ended so; any other status is called as it is."""


@dataclass(slots=True, eq=False)
class Lane:
    """One line of sequential execution."""

    id: int
    parent: int | None = None  # the lane it started from
    span: Span | None = None  # the latest span that began this lane
    item: int | None = None  # of a batch, when the lane runs one
    status: str = ""  # done, failed, cancelled or unfinished; empty while it lives
    current: Span | None = field(default=None, repr=False)  # innermost open span
    stop: Stopped | None = None  # while the debugger holds it
    told: str | None = None  # running, awaiting, ready or held, when the engine tells
    since: int | None = None  # ts at which the state began
    on: str | None = None  # what it awaits
    behind: int | None = None  # the lane that keeps the loop busy while this one is ready
    cancelling: bool = False  # by the user, as soon as it goes on
    turn: bool = False  # it is held until its turn in the order that is followed
    running: int | None = None  # nanoseconds in each state, when the engine tells them
    awaiting: int | None = None
    ready: int | None = None
    held: int | None = None
    waited: int = 0  # of held: its code waited for the debugger, not for the user
    blocked: int = 0  # nanoseconds that this lane kept the loop from lanes that were ready
    still: Holds | None = field(default=None, repr=False)  # not the program's, on the clock of its stops
    member: Member | None = field(default=None, repr=False)  # its part in the region it runs in
    strip: Strip = field(default_factory=Strip, repr=False)  # its states over time

    @property
    def state(self) -> str:
        """running, awaiting, ready, held, done, failed, cancelled or unfinished."""
        if self.stop is not None:
            return "held"
        return self.status or self.told or "running"

    @property
    def why(self) -> str:
        """Why it is not running, in a few words; empty when it is, or when nobody knows."""
        state = self.state
        if self.cancelling:
            return "will be cancelled"
        if state == "held":
            if self.stop is not None:
                return f"held: {self.stop.reason}"
            what = "waits its turn" if self.turn else "held by you"
            return f"{what} at {self.on}" if self.on else what
        if state == "awaiting":
            return f"awaits {self.on}" if self.on else "awaits something"
        if state == "ready":
            return "the loop is busy" if self.behind is None else f"behind lane {self.behind}"
        return ""

    def tell(self, event: events.Lane) -> None:
        """The engine tells of this lane; what it does not tell stays as it was."""
        if event.item is not None:
            self.item = event.item
        for name in ("running", "awaiting", "ready", "held"):
            if (ns := getattr(event, name)) is not None:
                setattr(self, name, ns)
        self.waited = max(self.waited, event.waited)
        ended = self.since if self.status else None
        for ts, letter in event.states:
            if letter in STATES:
                self.paint(ts, letter)
        self.cancelling = event.cancelling and event.status is None
        if event.state in LETTERS and event.status is None and not self.status:
            self.told, self.since, self.on, self.behind = event.state, event.since, event.on, event.behind
            self.turn = event.turn
            if event.since is not None:
                self.paint(event.since, LETTERS[event.state])
        if event.status is not None:
            self.finish(LANE_STATUS.get(event.status, event.status), ended)
        elif ended is not None:
            self.finish(self.status, ended)

    def paint(self, ts: int, letter: str) -> None:
        """From `ts` on this is its state."""
        moves = self.strip.add(ts, letter)
        if self.member is not None:
            self.member.paint(moves)

    def count(self) -> None:
        """Its state or its times have changed."""
        if self.member is not None:
            self.member.count()

    def rest(self, at: int) -> None:
        """It stands still from then on, on the clock of the program's stops, if it did not already."""
        if self.still is None:
            self.still = Holds()
        begun = self.still.begin(at)
        if begun is not None and self.member is not None:
            self.member.rest(begun)

    def wake(self, at: int) -> None:
        """It does not stand still any more."""
        ended = None if self.still is None else self.still.end(at)
        if ended is not None and self.member is not None:
            self.member.wake(ended)

    def still_within(self, begin: int, end: int) -> int:
        """Nanoseconds between two times of that clock that it stood still."""
        return 0 if self.still is None else self.still.within(begin, end)

    def go_on(self, ts: int | None) -> None:
        """The debugger lets it go; its true state is told next."""
        self.stop = None
        if self.told == "held":
            self.told = None
        if ts is not None and not self.status:
            self.paint(ts, "r")

    def finish(self, status: str, ts: int | None) -> None:
        """The lane has ended at `ts`, or goes on to nothing that is known."""
        self.status, self.told, self.on, self.behind = status, None, None, None
        if ts is not None:
            self.since = ts
            self.paint(ts, LETTERS.get(status, "u"))
