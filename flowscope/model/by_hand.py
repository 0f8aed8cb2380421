"""What the user does to lanes by hand: are new ones held, and who was let go in which order."""

from __future__ import annotations

from collections import deque

from .events import Following, Intervention, Schedule

_MOST = 1_000  # steps whose names are kept
_OF_LANES = ("hold", "release", "solo", "step")


class ByHand:
    """The hand on the lanes of one program."""

    def __init__(self) -> None:
        self.holds_new = False
        """Lanes that are yet to begin are held."""
        self.steps: deque[str] = deque(maxlen=_MOST)
        """The latest lanes that were let go for one await each, by name."""
        self.count = 0
        """How many have been."""
        self.schedule: Schedule | None = None
        """The order of all lanes, as told at the end of the latest run."""
        self.following: Following | None = None
        """How far the order has come that lanes follow; None while they follow none."""
        self.roots: dict[str, int] = {}
        """Lanes that no other began, by what they are called in orders."""
        self._others: dict[str, None] = {}  # kinds of what an order does not tell

    def follow(self, event: Following) -> None:
        """Lanes have gone on in an order, or it is over."""
        self.following = None if event.over else event

    def intervened(self, event: Intervention, name: str) -> None:
        """The user has done something, to the lane of this name."""
        if event.holds is not None:
            self.holds_new = event.holds
        if event.kind == "step":
            self.steps.append(name)
            self.count += 1
        elif event.kind not in _OF_LANES:
            self._others[event.kind] = None

    @property
    def doubts(self) -> list[str]:
        """A sentence on what no order of lanes tells."""
        kinds = ", ".join(self._others)
        return [f"What was done by hand besides is no part of the order: {kinds}."] if kinds else []
