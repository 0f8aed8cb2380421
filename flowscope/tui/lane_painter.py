"""A line of the lanes view as text: name, state and why, duration, and its cells on the axis."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from flowscope.model import ByHand, Lane, Member, Model, Region
from flowscope.model.lane_rows import label, lane_name, row
from flowscope.model.paint import Density
from flowscope.model.text import duration_text

from .lane_bars import GLYPHS, LETTER_OF, STYLES, bar, crowd, density, segments
from .lane_lines import Line, Lines
from .time_axis import TimeAxis
from .widgets.rows import Parts, fit

_WORDS = {"r": "running", "a": "awaiting", "y": "ready", "h": "held", "d": "done", "f": "failed",
          "c": "cancelled"}  # fmt: skip
_OVER = ("done", "failed", "cancelled", "unfinished")
_LIVE = ("running", "ready", "awaiting", "held")


class Columns:
    """How a line is divided: a digit, name, state, duration and time."""

    def __init__(self, width: int) -> None:
        self.name = min(max(width // 6, 16), 26)
        self.state = min(max(width // 8 + 10, 15), 28)
        self.duration = 9 if width >= 100 else 0
        self.left = 2 + self.name + self.state + self.duration
        self.time = max(width - self.left, 1)


class Painter:
    """Paints the lines of a model as it is at one time."""

    def __init__(self, model: Model, lines: Lines) -> None:
        self._model = model
        self._lines = lines
        self.axis = TimeAxis()
        self.now = 0
        """ts at which time stands."""
        self._begins: list[int] = []  # ts, of each cell
        self._ends: list[int] = []

    def show(self, clock: int | None, width: int) -> None:
        """Time has come to `clock`, or to the latest event; lines are so wide."""
        model = self._model
        worked = model.worked(clock)
        if model.ended:  # what the program did after its last flow is of no interest here
            ends = (run.end for lane in self._lines.runs.values() for run in lane[-1:])
            worked = max((model.worked(end) for end in ends), default=worked)
        self.axis.show(worked, Columns(width).time)
        # The end of what has ended is painted, also where it is the latest event.
        self.now = model.parts((worked, worked))[0][1] + model.ended
        self.turned()

    def turned(self) -> None:
        """The axis shows another time."""
        parts = self._model.parts(self.axis.bounds())
        self._begins, self._ends = [begin for begin, _ in parts], [end for _, end in parts]

    def line(self, line: Line, width: int, digit: str) -> Parts:
        """Any line but a legend; `digit` is the number that the lane bears."""
        if line.kind == "region" and line.region is not None:
            return self._region(line, line.region)
        columns = Columns(width)
        name, style, state, ns, cells = self._texts(line, columns.time)
        sign = self._sign(line) if line.kind in ("block", "group") else ""
        parts: Parts = [
            (f"{digit:<2}", "busy"),
            (_named(f"{'  ' * line.depth}{sign}", name, columns.name), "value"),
            (_fit(state, columns.state), style),
        ]
        if columns.duration:
            parts.append((f"{'' if ns is None else duration_text(ns):>{columns.duration - 1}} ", "quiet"))
        return [*parts, *cells]

    def _texts(self, line: Line, width: int) -> tuple[str, str, str, int | None, Parts]:
        """Name, style and text of the state, duration and cells."""
        region = line.region
        if line.kind == "crowd" and region is not None:
            cells = crowd(self._counts(region.density), region.highest)
            return "at once", "quiet", f"at most {region.highest:,}", None, cells
        if line.kind == "block" and region is not None:
            several = row(line.members)
            cells = density(self._counts(region.blocks[line.block]))
            return several.label, _style(several.state), _counted(line.members), None, cells
        if line.kind == "group":
            first = line.members[0]
            return (
                row(line.members).label,
                _style(first.state),
                _state(first, self._model),
                None,
                self._bar_of(first, width),
            )
        if (member := line.member) is not None:
            ns = self._model.elapsed(member.span, self.now)
            return (
                label(member),
                _style(member.state),
                _state(member, self._model),
                ns,
                self._bar_of(member, width),
            )
        return self._main(line.lane or Lane(0), width)

    def _main(self, lane: Lane, width: int) -> tuple[str, str, str, int | None, Parts]:
        state = lane.state
        where = f" {lane.current.place}" if lane.current is not None and state == "running" else ""
        named = segments(self._lines.runs[lane.id], lane.id, self._cell, width)
        cells = bar(lane.strip.cells_at(self._begins, self._ends, self.now), named)
        name = "main" if lane.id == 0 else f"lane {lane.id}"
        glyph = GLYPHS[LETTER_OF.get(state, " ")]
        return name, _style(state), f"{glyph} {lane.why or state + where}", None, cells

    def _bar_of(self, member: Member, width: int) -> Parts:
        """Of its part in the region alone: a lane of gathered runs has done more than that."""
        span = member.span
        cells = member.lane.strip.cells_at(self._begins, self._ends, self.now)
        first = bisect_right(self._ends, span.begin)
        if span.end is not None and member.state in _OVER:  # it may stand at its end
            last = bisect_left(self._begins, span.end)
            cells = cells[:last] + LETTER_OF.get(member.state, " ") * (len(cells) - last)
        cells = " " * first + cells[first:]
        return bar(cells, segments([span], member.lane.id, self._cell, width))

    def _counts(self, of: Density) -> list[dict[str, int]]:
        """Of each cell, how many lanes are in which state; nothing of what is to come."""
        past = bisect_left(self._begins, self.now)
        return of.counts_at(self._ends[:past]) + [{} for _ in self._ends[past:]]

    def _cell(self, ts: int) -> int:
        return self.axis.cell(self._model.worked(ts))

    def _sign(self, line: Line) -> str:
        return "▾ " if self._lines.is_open(line) else "▸ "

    def _region(self, line: Line, region: Region) -> Parts:
        """What it came to, in numbers."""
        now = self.now
        count = len(region.members)
        parts: Parts = [
            (f"  {'  ' * line.depth}{self._sign(line)}", "name"),
            (region.name, "name"),
            (f"  {region.counts['done']:,}/{count:,} done", "good" if not region.open else "busy"),
        ]
        for state in ("failed", "cancelled", "unfinished", "held"):
            if number := region.counts[state]:
                parts.append((f", {number:,} {state}", _style(state)))
        parts.append((f"  ×{region.speed_up(now):.1f} ", "busy"))
        if region.blocked:
            who, ns = region.blockers.most_common(1)[0]
            more = f" and {len(region.blockers) - 1} more" if len(region.blockers) > 1 else ""
            text = f" loop blocked {duration_text(region.blocked)} by {who}"
            parts.append((text + (f" ({duration_text(ns)}){more}" if more else ""), "bad"))
        numbers = [
            f"wall {duration_text(region.wall(now))}",
            f"sum {duration_text(region.lane_time(now))}",
            f"at once {region.highest:,}, mean {region.mean(now):.1f}",
        ]
        if region.longest is not None:
            numbers.append(f"longest {region.longest.name} {duration_text(region.longest.duration or 0)}")
        return [*parts, ("".join(f"  {number}" for number in numbers), "quiet")]


def by_hand(hand: ByHand, width: int) -> Parts:
    """Are new lanes held, and who was let go in which order: the latest ones, as far as there is room."""
    parts: Parts = [("  ", "")]
    if hand.holds_new:
        parts.append((f"{GLYPHS['h']} new lanes are held too  ", "held"))
    if hand.count:
        parts.append((f"by hand ({hand.count:,}): ", "quiet"))
        room = width - sum(cell_len(text) for text, _ in parts)
        shown: list[str] = []
        for name in reversed(hand.steps):
            if shown and cell_len(" → ".join(["… ", name, *shown])) > room:
                break
            shown.insert(0, name)
        dots = "… " if len(shown) < hand.count else ""
        parts.append((dots + " → ".join(shown), ""))
    return parts


def legend(width: int) -> Parts:
    """The glyphs, in words."""
    parts: Parts = [("  ", "")]
    for letter, word in _WORDS.items():
        more = ", loop busy" if letter == "y" and width > 90 else ""
        parts += [(GLYPHS[letter], STYLES[letter]), (f" {word}{more}  ", "quiet")]
    return parts


def _state(member: Member, model: Model) -> str:
    """`▓ held by you`: glyph, state, and why it is not running."""
    letter = "c" if member.lane.cancelling else LETTER_OF.get(member.state, " ")
    return f"{GLYPHS[letter]} {_why(member, model)}"


def _why(member: Member, model: Model) -> str:
    state, lane = member.state, member.lane
    if member.over:
        error = member.span.error
        return state if error is None or state == "cancelled" else f"{state}: {error}"
    if lane.cancelling:
        return "will be cancelled"
    if state == "ready" and lane.behind is not None:
        return f"ready, behind {lane_name(lane.behind, model.lanes.get(lane.behind))}"
    if lane.why:
        return lane.why
    current = lane.current
    if current is None or current.kind == "item":
        return state
    attempt = f", attempt {current.attempt}" if (current.attempt or 1) > 1 else ""
    place = current.place if current.visit is not member.span.visit else current.kind
    return f"{state} {place}{attempt}" if current.kind != "attempt" or attempt else state


def _counted(members: Sequence[Member]) -> str:
    counts = Counter(member.state for member in members)
    return ", ".join(f"{count} {state}" for state in (*_LIVE, *_OVER) if (count := counts[state]))


def _style(state: str) -> str:
    return STYLES.get(LETTER_OF.get(state, " "), "")


def _named(before: str, name: str, width: int) -> str:
    """The name, cut before its index: `Summar…[12]`, `Asy…(lane 12)`."""
    head, bracket, index = name.partition("[" if "[" in name else "(lane ")
    room = width - 1 - len(before) - len(bracket + index)
    if bracket and room < cell_len(head):
        head = fit(head, room) if room > 0 else ""
    return _fit(before + head + bracket + index, width)


def _fit(text: str, width: int) -> str:
    return fit(text, width - 1) + " "
