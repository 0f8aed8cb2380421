"""What is beside the way of a rewind: the copies and lanes whose doing stays, and those that begin again.

Where the call of a fan-out is made again, what had ended well is answered as it was; what had not begins
anew. All of them work on one `shared`: only what is to happen again is taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..families import traits
from ..snapshot import Frozen
from ..spans import Span
from ..thaw import without


class Done(NamedTuple):
    """Who led `shared` from what to what."""

    span: Span
    before: Frozen
    after: Frozen
    at: int
    """The id of the latest span that had begun."""


class Restored(NamedTuple):
    """What `shared` is to be after a rewind."""

    shared: Frozen
    left: list[tuple[Any, ...]]
    """Paths that stay as they are: others have changed them since."""
    taken: list[Done]
    """What is taken back."""


def siblings(path: Iterable[Span]) -> tuple[list[Span], list[Span]]:
    """The items beside those that a way leads down through: the answered ones, and those that begin anew."""
    answered: list[Span] = []
    anew: list[Span] = []
    for step in path:
        if step.kind == "item" and step.parent is not None and traits(type(step.node)).is_parallel:
            for other in step.parent.steps or ():
                if other.kind == "item" and other is not step:
                    (answered if other.status == "ok" else anew).append(other)
    return answered, anew


def restored(
    target: Span, catcher: Span, path: Sequence[Span], now: Frozen, changes: Sequence[Done], is_alone: bool
) -> Restored:
    """What `shared` is to be at the begin of `target`; `is_alone`: no lane goes on beside the catcher.

    Just as it was then, where nobody else has done anything since; or else as it is `now`, without what is to
    happen again.
    """
    answered, anew = siblings(path)

    def is_beside(span: Span) -> bool:
        return not is_inside(span, catcher) or any(is_inside(span, other) for other in answered)

    def is_anew(span: Span) -> bool:
        return any(is_inside(span, other) for other in anew)

    since = [done for done in changes if done.at >= target.id or is_anew(done.span)]
    taken = [done for done in since if not is_beside(done.span)]
    if is_alone and len(taken) == len(since) and all(done.at >= target.id for done in since):
        return Restored(target.before, [], taken)
    left: list[tuple[Any, ...]] = []
    for done in reversed(taken):
        now, paths = without(now, done.before, done.after)
        left += paths
    return Restored(now, left, taken)


def is_inside(span: Span, outer: Span) -> bool:
    """Is this span the outer one, or below it?"""
    inner: Span | None = span
    while inner is not None and inner.depth > outer.depth:
        inner = inner.parent
    return inner is outer
