"""What runs concurrently: lanes on one axis of the program's time, below each region's numbers."""

from __future__ import annotations

import time
from collections.abc import Hashable
from itertools import islice
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from flowscope.model import Member, Model, Span
from flowscope.model.lane_rows import SORTS, label
from flowscope.model.text import one_line
from flowscope_engine.debug import breakpoints as specs
from flowscope_engine.debug.breakpoints import Breakpoint

from ..focus import Focus
from ..lane_lines import Line, Lines
from ..lane_painter import Columns, Painter, by_hand, legend
from ..lane_report import region_report, report
from ..screens.ask import AskScreen
from ..screens.lane import LaneScreen
from .rows import Parts, Rows, fit

_FRAME = 0.1  # seconds between two paintings while time goes on
_SHARE = 10  # lines are made anew so many times more seldom than it takes
_DIGITS = 9
_CARES = {"spans", "lanes", "stopped", "focus", "time", "interventions", "exit", "all"}


class LanesPane(Rows):
    """Enter shows a lane, or a region in numbers; Space folds; + - 0 and the arrow keys move in time."""

    LANE_STYLES = "running awaiting ready held cancelled running-name awaiting-name ready-name held-name"
    COMPONENT_CLASSES = {f"lanes--{name}" for name in LANE_STYLES.split()}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "pan(-1)", show=False),
        Binding("right", "pan(1)", show=False),
        Binding("space", "fold", show=False),
        Binding("f", "follow", show=False),
    ]
    DEFAULT_CSS = """
    LanesPane .lanes--running { color: $success; }
    LanesPane .lanes--awaiting { color: $primary; }
    LanesPane .lanes--ready { color: $warning; }
    LanesPane .lanes--held { color: $secondary; }
    LanesPane .lanes--cancelled { color: $text-muted; }
    LanesPane .lanes--running-name { color: $success; text-style: reverse; }
    LanesPane .lanes--awaiting-name { color: $primary; text-style: bold; }
    LanesPane .lanes--ready-name { color: $warning; text-style: reverse; }
    LanesPane .lanes--held-name { color: $secondary; text-style: reverse; }
    """

    class Chosen(Message):
        """This span of a lane is to be shown; with None, again what the program does."""

        def __init__(self, span: Span | None) -> None:
            super().__init__()
            self.span = span

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._filters: list[str] = []
        self._take(Model())

    def _take(self, model: Model) -> None:
        self._model = model
        self._outline = Lines(model)
        self._painter = Painter(model, self._outline)
        self._lines: list[Line] = []
        self._numbered: list[Member] = []  # the first one bears the number 1
        self._clock = 0  # ts, while the app says that time goes on
        self._is_stale = True  # the lines may be others
        self._built = self._cost = 0.0  # when they were made, and how many seconds it took
        self.cursor = 0

    # Keeping up

    def on_mount(self) -> None:
        """Time goes on by itself."""
        self.set_interval(_FRAME, self._tick)

    def refresh_changed(self) -> None:
        """All of them: while time goes on, each says something else."""
        self.refresh()

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """Take the lanes as they are now."""
        if not dirty & _CARES:
            return
        if focus.model is not self._model:
            self._take(focus.model)
        if "time" in dirty:
            self._clock = time.monotonic_ns()
        self._is_stale = self._is_stale or dirty != {"time"}
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """The axis has another width."""
        self._show()

    def _tick(self) -> None:
        if self.display and self._goes_on:
            self._clock = time.monotonic_ns()
            self._show()
        elif self.display and self._is_stale:
            self._show()

    @property
    def _goes_on(self) -> bool:
        return bool(self._clock) and not self._model.ended and not self._model.stands_still

    def _show(self) -> None:
        """The axis as it is now, and the lines, unless they were made a moment ago."""
        begin = time.perf_counter()
        self._painter.show(self._clock if self._goes_on else None, self.width)
        if self._is_stale and begin - self._built >= _SHARE * self._cost:
            self._build()
            self._cost, self._built, self._is_stale = time.perf_counter() - begin, begin, False
        self.refresh_rows()

    def _build(self) -> None:
        """The cursor stays on what it was on, whatever line that is on now."""
        key = self._key()
        self._lines = self._outline.build(self._painter.now)
        if key is None and self._lines and self._lines[0].kind == "hand":
            self.cursor = 1
        if key is not None and self._key() != key:
            at = next((at for at, line in enumerate(self._lines) if line.key == key), None)
            self.cursor = self.cursor if at is None else at
        self._number()

    def _rebuild(self) -> None:
        """At once: the user asked for it."""
        self._build()
        self.refresh_rows()
        self.reveal()

    def _line(self) -> Line | None:
        return self._lines[self.cursor] if self.cursor < len(self._lines) else None

    def _key(self) -> Hashable | None:
        line = self._line()
        return None if line is None else line.key

    def _number(self) -> None:
        """The first lanes that live of the region in front keep their numbers while one of them lives."""
        line = self._line()
        region = None if line is None else line.region
        if region is None or not region.open:
            region = next((each for each in reversed(self._model.regions.values()) if each.open), None)
        kept = self._numbered
        if region is None or not kept or kept[0].region is not region or all(each.over for each in kept):
            kept = []
        if region is not None and len(kept) < _DIGITS:
            later = islice(region.members, kept[-1].number + 1 if kept else 0, None)
            kept = [*kept, *islice((each for each in later if not each.over), _DIGITS - len(kept))]
        self._numbered = kept

    # Rows

    def count(self) -> int:
        """One row for each line."""
        return len(self._lines)

    def empty(self) -> str:
        """No flow has run."""
        return "No flow has run yet. Each concurrent item of a parallel node will be a lane here."

    def head(self, width: int) -> Parts | None:
        """How the lanes are sorted, and the ruler."""
        if not self._lines:
            return None
        outline, axis = self._outline, self._painter.axis
        texts = [f"by {outline.sort}"]
        texts += ["grouped"] if outline.equal else []
        texts += [f"/{one_line(outline.words, 12)}"] if outline.words else []
        texts += {"follow": ["following"], "still": ["f follows"], "fit": []}[axis.mode]
        return [(fit(f"  {' · '.join(texts)}", Columns(width).left), "quiet"), (axis.ruler(), "")]

    def draw(self, at: int, width: int) -> Parts:
        """A line, with the number of its lane."""
        line = self._lines[at]
        if line.kind == "legend":
            return legend(width)
        if line.kind == "hand":
            return by_hand(self._model.by_hand, width)
        member = line.member
        digit = str(self._numbered.index(member) + 1) if member in self._numbered else ""
        return self._painter.line(line, width, digit)

    def _style(self, name: str) -> Style:
        own = f"lanes--{name}"
        return self.get_component_rich_style(own) if own in self.COMPONENT_CLASSES else super()._style(name)

    # What the commands ask for

    def lanes(self) -> list[int] | None:
        """Those under the cursor; none on a line that is no lane, or whose lanes have ended."""
        line = self._line()
        if line is None:
            return None
        if line.kind == "main" and line.lane is not None:
            return [] if line.lane.status else [line.lane.id]
        return [member.lane.id for member in line.members if not member.over]

    def numbered(self, number: int) -> int | None:
        """The lane that bears this number."""
        return self._numbered[number - 1].lane.id if number <= len(self._numbered) else None

    def break_spec(self) -> str | None:
        """Break at this item."""
        line = self._line()
        member = None if line is None else line.member
        if member is None or member.span.item is None:
            return None
        span = member.span
        return specs.format(Breakpoint("node", node=span.label, inside=span.items(), item=span.item))

    def zoom(self, by: int) -> bool:
        """Closer, farther, or all of it: around the lane under the cursor, once that has ended."""
        if by:
            self._painter.axis.zoom(by, self._times())
        else:
            self._painter.axis.fit()
        self._turned()
        return True

    def _times(self) -> tuple[int, int] | None:
        line = self._line()
        of = None if line is None else line.member.span if line.member is not None else line.region
        if of is None or of.end is None:
            return None
        return self._model.worked(of.begin), self._model.worked(of.end)

    def search(self) -> bool:
        """Leave out the lanes without these words."""

        async def filtered(line: str) -> str | None:
            self._outline.words = line
            self._rebuild()
            if (on := self._line()) is not None and on.kind == "legend":  # what it was on is left out
                self.cursor = next((at for at, each in enumerate(self._lines) if each.kind == "lane"), 0)
                self.refresh_rows()
            return None

        hint = "Words in name, state, reason, error or item; nothing shows all lanes again"
        words = self._outline.words
        self.app.push_screen(AskScreen("Show only lanes with", hint, words, filtered, self._filters))
        return True

    # Keys

    def enter(self, at: int) -> None:
        """Show the lane, or the region in numbers; a line of several unfolds."""
        line = self._lines[at]
        if line.kind in ("region", "crowd") and line.region is not None:
            text = region_report(line.region, self._painter.now)
            self.app.push_screen(LaneScreen(line.region.name, text))
        elif line.kind in ("block", "group"):
            self.action_fold()
        elif (member := line.member) is not None:
            span = member.lane.current if not member.over and member.lane.current else member.span
            self._reveal(member.span)
            self.post_message(self.Chosen(span))
            text = report(self._model, member, self._painter.now)
            self.app.push_screen(LaneScreen(label(member), text))
        elif line.lane is not None and line.lane.span is not None:
            self.post_message(self.Chosen(line.lane.current or line.lane.span))

    def _reveal(self, span: Span) -> None:
        begin = self._model.worked(span.begin)
        end = self._model.worked(self._painter.now if span.end is None else span.end)
        self._painter.axis.reveal(begin, end)
        self._turned()

    def action_fold(self) -> None:
        """Fold or unfold what is under the cursor, or what it is in."""
        at = next(
            (at for at in range(self.cursor, -1, -1) if self._lines[at].kind in ("region", "block", "group")),
            None,
        )
        if at is not None:
            self.cursor = at
            self._outline.toggle(self._lines[at])
            self._rebuild()

    def action_forget(self) -> None:
        """All lanes again, and what the program does."""
        if self._outline.words:
            self._outline.words = ""
            self._rebuild()
        else:
            self.post_message(self.Chosen(None))

    def action_pan(self, by: int) -> None:
        """Earlier or later."""
        self._painter.axis.pan(by)
        self._turned()

    def action_follow(self) -> None:
        """What is now stays in view."""
        self._painter.axis.follow()
        self._turned()
        self.post_message(self.Chosen(None))

    def next_sort(self) -> None:
        """By the next of index, duration and state."""
        self._outline.sort = SORTS[(SORTS.index(self._outline.sort) + 1) % len(SORTS)]
        self._rebuild()

    def switch_groups(self) -> None:
        """Lanes that are alike share a line, or not."""
        self._outline.equal = not self._outline.equal
        self._rebuild()

    def _turned(self) -> None:
        self._painter.turned()
        self.refresh()
