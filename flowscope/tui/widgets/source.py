"""The source of the phase that is shown, with where it stands and where breakpoints are."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType

from flowscope.model import Model, Span
from flowscope_engine.debug import breakpoints as specs
from flowscope_engine.debug.breakpoints import Breakpoint

from ..code import NAMES, Code, Pieces
from ..focus import Focus
from .rows import Parts, Rows, clean

_CARES = {"spans", "stopped", "focus", "graph", "breakpoints", "exit", "all"}
_FRAME = re.compile(r'^\s*File "(.+)", line (\d+)', re.MULTILINE)
_SIGNS = {"begin": ("▶", "busy"), "end": ("◀", "busy"), "error": ("✗", "bad"), "": (" ", "")}


class SourcePane(Rows):
    """b sets a breakpoint on the phase under the cursor; Enter shows a long line in full."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "shift(-8)", show=False),
        Binding("right", "shift(8)", show=False),
    ]
    COMPONENT_CLASSES = {"rows--here", *(f"rows--{name}" for name in NAMES)}
    DEFAULT_CSS = """
    SourcePane .rows--here { background: $warning 15%; }
    SourcePane .rows--keyword { color: $secondary; text-style: bold; }
    SourcePane .rows--string { color: $success; }
    SourcePane .rows--comment { color: $text-muted; text-style: italic; }
    SourcePane .rows--number { color: $warning; }
    SourcePane .rows--defined { color: $primary; text-style: bold; }
    SourcePane .rows--builtin { color: $accent; }
    SourcePane .rows--decorator { color: $accent; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model = Model()
        self._node: str | None = None
        self._codes: dict[str, Code] = {}
        self._code: Code | None = None
        self._since = time.time()
        self._is_stale = False
        self._label = ""
        self._method = (0, 0)  # first and last line of the method, from 1
        self._here = (0, "")  # line, from 1, and which of _SIGNS stands there
        self._shift = 0  # columns that are out of view at the left
        self._points: dict[int, bool] = {}  # lines with a breakpoint: is it on?

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """The method behind the span in focus."""
        if not dirty & _CARES:
            return
        if focus.model is not self._model:
            self._model, self._since = focus.model, time.time()
            self._codes.clear()
        self._node = focus.node
        file, line, label = _place(focus)
        known = (self._code.file if self._code is not None else None, self._method[0], self._here)
        if file is None:
            self._code, self._method, self._here = None, (0, 0), (0, "")
        else:
            if file not in self._codes:
                self._codes[file] = Code(file)
            self._code = self._codes[file]
            self._method = (line, self._code.end_of(line))
            self._here = self._standing(focus, file)
            if dirty & {"stopped", "focus", "exit", "all"}:
                self._is_stale = _saved_since(file, self._since)
        self._label = label
        if dirty & {"graph", "focus", "breakpoints", "all"} or known[0] != file:
            self._points = self._breakpoints(focus)
        self.refresh_rows()
        if (file, line, self._here) != known and self._code is not None:
            self._bring_into_view()

    def _standing(self, focus: Focus, file: str) -> tuple[int, str]:
        """The line to mark, and how."""
        span = focus.span
        first, last = self._method
        if span is None or (focus.selected is not None and span.visit.node != focus.selected):
            return 0, ""
        if (error := span.origin().error) is not None:
            lines = [int(line) for name, line in _FRAME.findall(error.traceback) if _same(name, file)]
            if lines:
                return lines[-1], "error"
        step = focus.step
        at = step.at if step is not None and step.span is span else "begin"
        return (last, "end") if at == "end" else (first, "begin")

    def _bring_into_view(self) -> None:
        """Scroll as little as it takes to see where it stands, and the method as far as it fits."""
        here = self._here[0] or self._method[0]
        self.cursor = max(0, min(here - 1, self.count() - 1))
        if self.size.height == 0:
            return  # not laid out yet
        self.reveal(min(self._method[1], self.count()) - 1)
        self.reveal(self._method[0] - 1)
        self.reveal()

    def on_resize(self, event: events.Resize) -> None:
        """It is still to be seen where it stands."""
        super().on_resize(event)
        if self._code is not None:
            self._bring_into_view()

    def _breakpoints(self, focus: Focus) -> dict[int, bool]:
        points: dict[int, bool] = {}
        if focus.breakpoints is None or self._code is None:
            return points
        for node in focus.model.nodes.values():
            if self._code.file not in _files(node):
                continue
            for each in focus.breakpoints.of_node(node):
                phase = specs.parse(each.spec).phase
                phase = {"item": "exec", "attempt": "exec", None: ""}.get(phase, phase)
                file, line = (node.get("phases") or {}).get(phase) or (node.get("file"), node.get("line"))
                if file == self._code.file and line is not None:
                    points[line] = points.get(line, False) or each.enabled
        return points

    # What Rows asks

    def count(self) -> int:
        """Lines of the file."""
        return 0 if self._code is None else len(self._code.lines)

    def head(self, width: int) -> Parts | None:
        """Phase, file and line; and whether the file was saved since."""
        if self._code is None or not self._code.lines:
            return None
        path, line = Path(self._code.file), self._here[0] or self._method[0]
        parts: Parts = [(self._label, "value"), (f"  {path.name}:{line}", "name")]
        if self._is_stale:
            parts.insert(1, ("  stale: saved since the start", "warn"))
        return [*parts, (f"  {path.parent}", "quiet")]

    def empty(self) -> str:
        """Why there is no source."""
        if self._code is not None:
            return self._code.problem or f"{self._code.file} is empty."
        if self._label:
            return f"The source of {self._label} is not known: it is PocketFlow's own, or not in a file."
        return "There is no source to show yet: no run has begun, and no node is selected."

    def draw(self, at: int, width: int) -> Parts:
        """Breakpoint, number, mark and code."""
        assert self._code is not None
        line = at + 1
        point = {True: "●", False: "○", None: " "}[self._points.get(line)]
        sign, style = _SIGNS[self._here[1] if line == self._here[0] else ""]
        digits = len(str(self.count()))
        number = "value" if self._method[0] <= line <= self._method[1] else "quiet"
        parts: Parts = [(point, "bad"), (f"{line:>{digits}} ", number), (f"{sign} ", style)]
        return [*parts, *_from_column(self._code.pieces(at), self._shift)]

    def behind(self, at: int) -> str | None:
        """The line where it stands stands out."""
        return "here" if at + 1 == self._here[0] else None

    def action_shift(self, by: int) -> None:
        """Scroll sideways."""
        self._shift = max(0, self._shift + by)
        self.refresh()

    def enter(self, at: int) -> None:
        """The line in full."""
        assert self._code is not None
        self.post_message(self.Peeked(f"{Path(self._code.file).name}:{at + 1}", self._code.lines[at].strip()))

    def break_spec(self) -> str | None:
        """The phase or node whose code is under the cursor. Raises ValueError where there is neither."""
        line = self.cursor + 1
        if self._code is None or not self.count():
            return None
        nodes = [node for node in self._model.nodes.values() if self._code.file in _files(node)]
        nodes.sort(key=lambda node: node.get("id") != self._node)  # the one in focus, of several of one class
        for node in nodes:
            for phase, (file, first) in (node.get("phases") or {}).items():
                if file == self._code.file and first <= line <= self._code.end_of(first):
                    return specs.format(Breakpoint("node", node=str(node["label"]), phase=phase))
        for node in nodes:
            first = node.get("line") or 0
            if node.get("file") == self._code.file and first <= line <= self._code.end_of(first):
                return specs.format(Breakpoint("node", node=str(node["label"])))
        raise ValueError(
            f"Line {line} is in no node of the graph: put the cursor on a line of a node's class."
        )


def _place(focus: Focus) -> tuple[str | None, int, str]:
    """File and line of the method that is shown, and what to call it."""
    span, node = focus.span, focus.model.nodes.get(focus.node or "", {})
    is_elsewhere = span is None or (focus.selected is not None and span.visit.node != focus.selected)
    if span is None or is_elsewhere:
        return _of_node(node)
    if span.error is not None:
        span = span.origin()
    label = clean(span.place)
    around: Span | None = span
    while around is not None and around.visit is span.visit:
        if around.file is not None:
            return around.file, around.line or 1, label
        around = around.parent
    file, line, _ = _of_node(focus.model.nodes.get(span.node, {}))
    return file, line, label


def _of_node(node: Mapping[str, Any]) -> tuple[str | None, int, str]:
    """Its class, for want of a phase."""
    return node.get("file"), node.get("line") or 1, clean(str(node.get("label", "")))


def _from_column(pieces: Pieces, column: int) -> Parts:
    parts: Parts = []
    for text, name in pieces:
        if len(text) > column:
            parts.append((text[column:], name))
        column = max(0, column - len(text))
    return parts


def _files(node: Mapping[str, Any]) -> set[Any]:
    return {node.get("file"), *(file for file, _ in (node.get("phases") or {}).values())}


def _same(name: str, file: str) -> bool:
    return name == file or (Path(name).name == Path(file).name and Path(file).match(name.lstrip("./")))


def _saved_since(file: str, when: float) -> bool:
    try:
        return Path(file).stat().st_mtime > when
    except OSError:
        return False
