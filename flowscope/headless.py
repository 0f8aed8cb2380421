"""The program's steps as a readable log: what `flowscope run` shows, without a screen."""

from __future__ import annotations

import re
from collections import Counter
from io import TextIOWrapper
from itertools import pairwise
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from flowscope.graph.merge import sight
from flowscope.model import Graph, Model, Span, merged
from flowscope.model.text import duration_text, one_line, printable
from flowscope.model.values import path_text, preview
from flowscope.summary import summary

_WIDTH = 110  # columns where there is no terminal to ask
_MAX_WIDTH = 200
_MOST_FAILURES = 5  # failing attempts of one visit that get a line of their own
_MOST_MESSAGE = 300  # characters of an error's message
_MARKS = {
    "ok": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "cancelled": ("⊘", "yellow"),
    "unfinished": ("…", "yellow"),
}
_SIGNS = {"add": "+", "set": "~", "remove": "-"}
_ESCAPES = re.compile(
    r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|.)"
)  # colours, titles, and the like
_LEVELS = {"info": "cyan", "warning": "yellow", "error": "bold red"}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise


class Log:
    """Writes lines to a text stream: the graph, what each visit did, and at the end a summary.

    Call `write` with each event once the model has applied it, and `close` after the last one.
    """

    def __init__(self, model: Model, stream: TextIO, with_output: bool = False) -> None:
        """`with_output`: the program's own lines stand in the log, because it does not write them itself."""
        self._model = model
        self._stream = stream
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal or locale has a tick
        self._console = _Console(file=stream, highlight=False, markup=False, emoji=False)
        terminal = self._console.is_terminal
        self._width = min(self._console.width, _MAX_WIDTH) if terminal else _WIDTH
        self._column = 30  # where durations stand
        self._drawn: set[Any] = set()
        self._lints = 0  # written
        self._failures: Counter[int] = Counter()  # failed attempts by visit, while it is open
        self._with_output = with_output
        self._unended: dict[str, str] = {}  # the beginning of a line, by stream
        self._closed = False

    def write(self, event: dict[str, Any]) -> None:
        """Log what this event tells."""
        kind = event.get("type")
        if kind in ("begin", "end"):
            span = self._model.spans.get(event.get("id", 0))
            if span is not None and kind == "begin":
                self._begun(span)
            elif span is not None:
                self._ended(span)
        elif kind == "graph" and (graph := self._model.graphs.get(event.get("run", 0))) is not None:
            self._graph(graph)
        elif kind == "stopped" and (stop := self._model.stopped.get(event.get("lane", 0))) is not None:
            at = self._model.spans.get(stop.span or 0)
            where = f" at the {stop.at} of {at.name}" if at is not None else ""
            text = f": {stop.text}" if stop.text else ""
            self._line(Text(one_line(f"stopped{where} ({stop.reason}){text}", _MOST_MESSAGE), "bold"))
        elif kind == "notice" and self._model.notices:
            notice = self._model.notices[-1]
            line = Text(f"{notice.level}: ", _LEVELS.get(notice.level, ""))
            self._line(line.append(one_line(notice.text, _MOST_MESSAGE)))
        elif kind == "intervention" and self._model.interventions:
            text = f"by hand: {self._model.interventions[-1].text}"
            self._line(Text(one_line(text, _MOST_MESSAGE), "bold"))
        elif kind == "output" and self._with_output:
            self._output(event.get("stream", "stdout"), event["text"])
        if kind == "exit":
            self.close()
        elif kind != "begin":
            self._write_lints()

    def close(self) -> None:
        """No event follows: what is open is cut off, and the summary is written. Once."""
        if self._closed:
            return
        self._closed = True
        for stream, text in list(self._unended.items()):
            self._output(stream, "\n" if text else "")
        self._model.cut()
        for visit in self._model.visits:
            if visit.status == "unfinished" and not visit.is_flow:
                self._visited(visit)
        self._write_lints()
        self._line(summary(self._model, self._width))
        self._stream.flush()

    def _output(self, stream: str, text: str) -> None:
        *lines, self._unended[stream] = (self._unended.get(stream, "") + text).split("\n")
        for line in lines:
            shown = line.rstrip("\r").rpartition("\r")[2]  # a progress bar, as it was at the end
            mark = "! " if stream == "stderr" else "> "
            self._line(Text(mark, "dim").append(printable(_ESCAPES.sub("", shown))), cut=True)

    def _write_lints(self) -> None:
        found = self._model.lints.found
        for lint in found[self._lints :]:
            self._line(Text(f"{lint.rule}: ", "yellow").append(one_line(lint.message, _MOST_MESSAGE)))
        self._lints = len(found)

    def _line(self, text: Text, cut: bool = False) -> None:
        if cut:
            text.truncate(self._width, overflow="ellipsis")
        self._console.print(text, soft_wrap=True)
        self._stream.flush()

    def _graph(self, graph: Graph) -> None:
        """Draw it, unless one that looks the same was drawn: programs do build a flow anew for each run."""
        longest = max((len(str(node.get("label"))) for node in graph.nodes), default=0)
        actions = max((len(str(edge.get("action"))) for edge in graph.edges), default=0)
        self._column = max(self._column, min(longest + actions + 12, 50))
        if (look := sight(graph.nodes, graph.edges)) not in self._drawn:
            self._drawn.add(look)
            self._line(Text(_draw(graph).rstrip("\n") + "\n"))

    def _begun(self, span: Span) -> None:
        """What runs nodes has a line before them, unless other lanes write theirs in between."""
        if _aside(span) is not None:
            return
        if span.kind in ("run", "visit") and span.is_flow:
            self._line(_indented(span).append(span.name, "bold"), cut=True)
        elif span.kind == "item" and span.visit.is_flow:
            value = preview(span.value, self._width)
            self._line(_indented(span).append(f"{span.name} ").append(value, "dim"), cut=True)

    def _ended(self, span: Span) -> None:
        if span.kind in ("run", "visit"):
            self._visited(span)
            self._failures.pop(span.id, None)
        elif span.kind == "attempt" and span.status == "failed":
            self._failed_attempt(span)
        elif span.kind == "fallback" and span.status == "ok" and not span.inherited:
            line = self._below(span).append("fallback", "yellow").append(" answered ")
            self._line(line.append(preview(span.result, self._width)), cut=True)

    def _failed_attempt(self, span: Span) -> None:
        """A line for what the visit's own line will not tell: an attempt that is followed by something."""
        node = self._model.nodes.get(span.node, {})
        most = node.get("max_retries", 1)
        if most == 1 and "fallback" not in node.get("phases", {}):
            return
        self._failures[span.visit.id] += 1
        if self._failures[span.visit.id] > _MOST_FAILURES:
            return
        line = self._below(span).append(f"attempt {span.attempt}/{most} failed", "yellow")
        self._line(line.append(f": {one_line(str(span.error or ''), _MOST_MESSAGE)}"))

    def _below(self, span: Span) -> Text:
        """The beginning of a line about a part of a visit that has not ended yet."""
        item = next((around for around in span.path() if around.kind in ("item", "visit", "run")), span)
        return _indented(span.visit).append("! ", "yellow").append(f"{item.name} ")

    def _visited(self, visit: Span) -> None:
        mark, style = _MARKS.get(visit.status, ("?", ""))
        line = _indented(visit).append(f"{mark} ", style).append(visit.name)
        if visit.action is not None:
            line.append(" → ").append(one_line(visit.action, 40), "cyan")
        line.pad_right(max(0, self._column - line.cell_len))
        line.append(f" {duration_text(visit.duration or 0):>8}", "dim")
        for part in (_trouble(visit), _items(visit), self._failed_attempts(visit)):
            if part:
                line.append(f"  {part}", style if visit.status != "ok" else "")
        self._append_changes(line, visit)
        self._line(line)

    def _failed_attempts(self, visit: Span) -> str:
        count = self._failures[visit.id]
        return f"{count} failed attempts" if count > _MOST_FAILURES else ""

    def _append_changes(self, line: Text, visit: Span) -> None:
        """The changed keys, as many as the width has room for."""
        changes = merged(change for span in visit.own() for change in span.changes if change.path)
        for count, change in enumerate(changes.values()):
            text = f" {_SIGNS.get(change.op, '?')}{one_line(path_text(change.path), 40)}"
            if count and line.cell_len + len(text) > self._width - 10:
                line.append(f" … {len(changes) - count} more", "dim")
                return
            line.append(" " if count == 0 else "").append(text, "magenta")


def _draw(graph: Graph) -> str:
    from flowscope.graph.build import build
    from flowscope.graph.text import render_text

    return render_text(build(graph.nodes, graph.edges))


def _trouble(visit: Span) -> str:
    """Why a visit did not end well; the message only where the error came from."""
    if visit.status == "ok":
        return ""
    if visit.status == "unfinished":
        return f"unfinished: the program ended in {_innermost(visit).place}"
    if visit.error is None or visit.status == "cancelled":
        return visit.status
    origin = visit.origin()
    if origin.visit is not visit:
        return f"failed in {origin.place}"
    return f"{one_line(str(visit.error), _MOST_MESSAGE)} (in {origin.place})"


def _innermost(span: Span) -> Span:
    """Where an unfinished span was cut off."""
    while open_below := [child for child in span.children if child.status == "unfinished"]:
        span = open_below[-1]
    return span


def _aside(span: Span) -> Span | None:
    """The outermost span of the concurrent lane that this one is on; None on a run's own lane."""
    outer = None
    for around in span.path():
        if around.parent is not None and around.lane != around.parent.lane:
            outer = around
    return outer


def _indented(span: Span) -> Text:
    """A line's beginning: two columns for each flow around it, or the item whose lane it is on."""
    aside = _aside(span)
    inner = span if aside is None else aside
    flows = sum(1 for around in inner.path()[1:] if around.kind in ("run", "visit"))
    flows += sum(1 for around in inner.path()[1:] if around.kind == "item" and around.visit.is_flow)
    text = Text("  " * flows)
    if aside is not None and aside is not span:
        text.append(f"{aside.name} ▸ ", "dim")
    elif span.run.parent is None and span.run.lane:
        text.append(f"lane {span.run.lane} ▸ ", "dim")
    return text


def _items(visit: Span) -> str:
    items = [span for span in visit.own() if span.kind == "item"]
    if not items:
        return ""
    text = f"{len(items)} item{'s' * (len(items) > 1)}"
    if any(item.lane != visit.lane for item in items):
        longest = max(item.duration or 0 for item in items)
        overlap = any(one.end is None or other.begin < one.end for one, other in pairwise(items))
        how = " at once" if overlap else " one after another" if len(items) > 1 else ""
        text += f"{how}, the longest {duration_text(longest)}"
    ends = Counter("still open" if item.status == "open" else item.status for item in items)
    return ", ".join([text, *(f"{count} {end}" for end, count in ends.items() if end != "ok")])
