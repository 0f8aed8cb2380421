"""The events of docs/protocol.md, typed. What an event lacks has a default, what is new is ignored."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field


class _Event(Struct, frozen=True, tag_field="type", tag=str.lower):
    pass


class Header(_Event, frozen=True):
    """What is debugged: script, arguments, folder, and the version of its Python."""

    version: int = 1
    script: str | None = None
    module: bool = False  # `script` is the name of one, run as `python -m` does
    argv: list[str] = []
    cwd: str | None = None
    python: str | None = None


class Notice(_Event, frozen=True):
    """A sentence for the user; `level` is info, warning or error. With a span, a breakpoint's log message."""

    text: str
    level: str = "info"
    span: int | None = None


class Graph(_Event, frozen=True):
    """The whole graph of the run whose span has the id `run`; nodes and edges as the event has them."""

    run: int
    nodes: list[dict[str, Any]] = []
    edges: list[dict[str, Any]] = []


class Begin(_Event, frozen=True):
    """A span begins at `ts` nanoseconds."""

    id: int
    kind: str
    parent: int | None = None
    lane: int = 0
    node: str = ""
    label: str = ""
    ts: int = 0
    item: int | None = None
    attempt: int | None = None
    value: Any = None
    params: Any = None
    visit: int | None = None
    file: str | None = None
    line: int | None = None
    inherited: bool = False
    again: int | None = None
    shares: int | None = None


class Failure(Struct, frozen=True):
    """An error that the program raised: its class, its message and the text of its traceback."""

    type: str = "Exception"
    message: str = ""
    traceback: str = ""

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


class End(_Event, frozen=True):
    """A span ends at `ts` nanoseconds, of which since its begin `held` were not the program's.

    `given` is the intervention that has given this end, in place of the program.
    """

    id: int
    status: str = "ok"
    ts: int = 0
    action: str | None = None
    result: Any = None
    error: Failure | None = None
    held: int | None = None
    given: str | None = None
    replayed: bool = False


Path = tuple[str | int | float | bool | None, ...]


class Outdated(Struct, frozen=True):
    """A span has read the place, and will write it; `certain`: what it writes is made of what it read."""

    span: int
    path: Path
    read: int = 0  # line
    write: int = 0  # line
    certain: bool = False


class Change(_Event, frozen=True):
    """`shared` changed at `path` during the span; op is set, add or remove."""

    span: int
    path: Path
    op: str
    new: Any = field(name="value", default=None)
    old: Any = None
    sure: bool = False  # beside concurrent lanes: it was this span
    by: int | None = None  # it was this span, of another run
    outdates: list[Outdated] = []


class Output(_Event, frozen=True):
    """Text that the program wrote."""

    text: str
    stream: str = "stdout"
    lane: int = 0
    span: int | None = None
    ts: int = 0


class Lane(_Event, frozen=True):
    """A lane begins, ends with a status, or tells its state and the nanoseconds it spent in each so far.

    `states` are the times at which it went into a state, and the letter of that: r, a, y (ready), h.
    `still` are the intervals that it stood still for the user, the last one without an end where it does yet.
    `waited`: of `held`, what its code waited for the debugger.
    `cancelling`: it will be cancelled by the user as soon as it goes on. `turn`: it is held until its turn in
    the order that is followed. `name`: what a lane that no other began is called in orders.
    """

    id: int
    parent: int | None = None
    span: int | None = None
    item: int | None = None
    status: str | None = None
    running: int | None = None
    awaiting: int | None = None
    ready: int | None = None
    held: int | None = None
    waited: int = 0
    state: str | None = None
    since: int | None = None
    on: str | None = None
    behind: int | None = None
    cancelling: bool = False
    turn: bool = False
    name: str | None = None
    states: list[tuple[int, str]] = []
    still: list[tuple[int, int | None]] = []


class Blocked(_Event, frozen=True):
    """From `ts` on, a lane ran `ns` nanoseconds without yielding to the loop; `count` lanes were ready."""

    lane: int
    ns: int
    span: int | None = None
    ts: int = 0
    file: str | None = None
    line: int | None = None
    waiting: list[int] = []
    count: int = 0


class Input(_Event, frozen=True):
    """The program asks for a line of input (state asked), or has got it (answered)."""

    state: str
    prompt: str = ""
    span: int | None = None
    lane: int = 0


class Stopped(_Event, frozen=True):
    """A lane is held by the debugger at the begin or end of a span."""

    lane: int
    span: int | None = None
    at: str = "begin"
    reason: str = "step"
    text: str | None = None
    breakpoints: list[str] = []
    ts: int | None = None
    all: bool = True  # the whole program stands still, not this lane alone


class Resumed(_Event, frozen=True):
    """A lane goes on; without a lane, all of them do."""

    lane: int | None = None
    ts: int | None = None


class Intervention(_Event, frozen=True):
    """The user made the program do something else; `to` is the span that a rewind leads back to.

    `left` are the outermost spans that go on nowhere; those around `to` are entered again by new ones.
    `reopens` is a span that had ended, and goes on after all. `holds`: are lanes yet to begin held now?
    `name` is what was set to `value` in the span's visit, or of what an undo takes the latest setting back:
    params, prep_res or exec_res.
    """

    kind: str
    text: str = ""
    span: int | None = None
    lane: int | None = None
    ts: int | None = None
    value: Any = None
    action: str | None = None
    to: int | None = None
    left: list[int] | None = None
    reopens: int | None = None
    holds: bool | None = None
    name: str | None = None


class Schedule(_Event, frozen=True):
    """The order in which lanes went on, await by await; `whole` from the beginning.

    `doubts` are sentences on what following it may not come to.
    """

    steps: list[str] = []
    whole: bool = True
    doubts: list[str] = []


class Following(_Event, frozen=True):
    """An order is followed: `at` of its steps are taken; once it is `over`, all lanes have been let go."""

    at: int = 0
    of: int = 0
    over: bool = False


class Thinned(_Event, frozen=True):
    """In the program's memory, nothing leads back to spans begun before this id, but to those kept."""

    before: int = 0
    kept: frozenset[int] = frozenset()
    steps: int = 0
    ts: int | None = None


class Exit(_Event, frozen=True):
    """The program has ended: exit code, or the name of the signal that killed it; traceback text."""

    code: int | None = None
    signal: str | None = None
    error: str | None = None
    ts: int | None = None


Event = (
    Header
    | Notice
    | Graph
    | Begin
    | End
    | Change
    | Output
    | Lane
    | Blocked
    | Input
    | Stopped
    | Resumed
    | Intervention
    | Thinned
    | Schedule
    | Following
    | Exit
)


class _Envelope(Struct):
    # msgspec prepares the types of a struct's fields once, but those of a bare union at every call.
    event: Event


def parse(event: dict[str, Any]) -> Event | None:
    """The typed event; None for one of a type this version does not know, or that lacks what it needs."""
    try:
        return msgspec.convert({"event": event}, _Envelope).event
    except msgspec.ValidationError:
        return None
