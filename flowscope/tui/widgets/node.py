"""One node, and what became of one visit of it: phases, attempts, items, results, errors, changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from rich.cells import cell_len

from flowscope.model import Change, Failure, Model, Span
from flowscope.model.patch import Value
from flowscope.model.text import counted, one_line
from flowscope.model.values import path_text, preview

from ..focus import Focus
from .rows import Parts, Place, clean
from .spans import GIVEN, STATUS, Look
from .tree import Item, Listed, Path, Tree
from .value_items import SIGNS, STYLES_OF, is_made_up, value_item

_PHASES = ("prep", "exec", "post")
_CARES = {"spans", "graph", "edges", "stopped", "focus", "shared", "time", "exit", "all"}


class NodePane(Tree):
    """Enter unfolds or goes to an inner visit, Space shows a value or a traceback in full."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model = Model()
        self._visit: Span | None = None
        self._here: Span | None = None
        self._node: Mapping[str, Any] = {}
        self._look = Look(self._model)
        self._places: dict[Path, tuple[int, str]] = {}  # by path in the tree: a span, and which value of it

    def sync(self, focus: Focus, dirty: set[str]) -> None:
        """The visit in focus, or what is known of a node before its first."""
        if not dirty & _CARES:
            return
        self._model, self._visit, self._here = focus.model, focus.visit, focus.span
        self._node = focus.model.nodes.get(focus.node or "", {})
        self._look = Look.at(focus)
        self._places.clear()
        self.show(self._sections())

    def place_of(self, item: Item) -> Place | None:
        """The value of a span that it is, or is a part of."""
        for length in range(len(item.path), 0, -1):
            if (found := self._places.get(item.path[:length])) is not None:
                path = item.path[length:]
                return None if is_made_up(item, path) else Place(*found, path)
        return None

    def empty(self) -> str:
        """No node at all."""
        return "There is no node to show yet: no run has begun, and none is selected."

    def head(self, width: int) -> Parts | None:
        """Which visit of which node, and how it stands."""
        visit = self._visit
        if visit is None:
            if not self._node:
                return None
            return [(clean(str(self._node.get("label"))), "name"), ("  not visited yet", "quiet")]
        sign, style, word = self._look.status(visit)
        return [
            (f"{sign} ", style),
            (visit.name, "name"),
            (f"  {word}", style),
            (f"  {self._look.time(visit)}", "quiet"),
            ("  thinned: not kept to go back to" if self._model.history.is_thinned(visit) else "", "quiet"),
        ]

    # What there is to say

    def _sections(self) -> list[Item]:
        visit = self._visit
        if visit is None:
            return [*self._about(), *self._ways(True)]
        items = []
        for failed in (visit, self._here):
            if failed is not None and failed.visit is visit and failed.error and self._look.ended(failed):
                origin = failed.origin()  # its traceback has the frames that count
                items.append(self._error(origin.error or failed.error, ("error",), origin))
                break
        if visit.params not in (None, {}):
            self._places["params",] = (visit.id, "params")
            items.append(value_item("params", visit.params, ("params",), style="quiet"))
        kept = [each for each in visit.kept or () if each.kind in _PHASES and each.status == "ok"]
        items += [self._span(phase, ("kept", phase.kind), "as before ") for phase in kept]
        items += self._below(visit, ())
        items += [
            value_item(f"{name} by hand", value, ("by hand", name))
            for name, value in visit.by_hand(self._look.moment).items()
        ]
        if visit.status == "ok" and self._look.ended(visit):
            given = f"  {GIVEN[visit.given]}" if visit.given in GIVEN else ""
            items.append(_line(("action",), "action", f"→ {visit.action or 'default'}", "name", given))
        changes = [
            change
            for span in visit.own()
            if self._look.ended(span) or self._look.moment is None
            for change in span.changes
            if change.path
        ]
        if visit.step < self._model.history.dropped:
            items.append(_line(("changes",), "changes of shared", "thinned: not kept", "quiet"))
        elif changes:
            items.append(self._changes(changes))
        return [*items, *self._ways(False), *self._about()]

    def _about(self) -> Sequence[Item]:
        node = self._node
        if not node:
            return []
        kind = f"{node.get('kind', '')}, {'async' if node.get('async') else 'sync'}"
        items = [_line(("class",), "class", str(node.get("class", "")), "value", f" ({kind})")]
        if node.get("name"):
            items.append(_line(("variable",), "variable", str(node["name"]), "value"))
        if node.get("file"):
            file = FilePath(str(node["file"]))
            place = f"{file.name}:{node['line']}" if node.get("line") else file.name
            items.append(_line(("file",), "file", place, "value", f" in {file.parent}", str(file)))
        retries, wait = node.get("max_retries", 1), node.get("wait", 0)
        if retries not in (None, 1):
            text = f"{retries}{f', {wait} s between them' if wait else ''}"
            items.append(_line(("retries",), "attempts at most", text, "value"))
        return items

    def _ways(self, is_open: bool) -> list[Item]:
        """Where its actions lead, and how often they were taken."""
        node = self._node.get("id")
        runs = [self._visit.run] if self._visit is not None else self._model.runs[-1:]
        run = runs[0] if runs else None
        graphs = [graph for graph in self._model.graphs.values() if run is None or graph.run == run.id]
        taken = self._model.tally.taken.get(run.id) if run is not None else None
        ways = {
            (str(edge.get("action")), str(edge.get("target"))): 0
            for graph in graphs
            for edge in graph.edges
            if edge.get("source") == node
        }
        declared = set(ways)
        for edge, count in (taken or {}).items():
            if edge.source == node:
                ways[edge.action, edge.target] = count
        items = []
        for (action, target), count in ways.items():
            label = str(self._model.nodes.get(target, {}).get("label", target))
            often = f"  taken {count:,} times" if count > 1 else "  taken once" if count else "  never taken"
            often += "" if (action, target) in declared else ", not declared"
            items.append(_line(("way", action, target), action, f"→ {label}", "name", often))
        return [_branch(("ways",), f"{counted(len(items), 'way')} on", items, is_open)] if items else []

    def _below(self, span: Span, path: Path) -> list[Item]:
        """Phases, items, attempts and inner visits of a span."""
        children = [child for child in span.children if self._look.began(child)]
        shown = [child for child in children if child.kind not in ("item", "visit", "run")]
        attempts = [child for child in shown if child.kind == "attempt"]
        if len(attempts) == 1 and len(shown) == 1 and attempts[0].status == span.status:
            shown = []  # nothing that the phase does not say itself
        after = [self._span(child, (*path, _key(child, at))) for at, child in enumerate(shown)]
        before = [after.pop(0)] if shown and shown[0].kind == "prep" else []
        for kind in ("item", "visit", "run"):
            held = [child for child in children if child.kind == kind]
            if held:
                before.append(self._group(held, (*path, kind), kind))
        return before + after

    def _group(self, held: list[Span], path: Path, word: str) -> Item:
        counts = Counter(span.status if self._look.ended(span) else "open" for span in held)
        told: Parts = []
        for status, count in counts.items():
            _, style, named = STATUS.get(status, STATUS["unfinished"])
            told.append((f"{', ' if told else ''}{count:,} {named}", "value" if style == "good" else style))

        def below() -> Sequence[Item]:
            return Listed(len(held), lambda at: self._span(held[at], (*path, at)))

        wrong = tuple(at for at, span in enumerate(held) if span.status in ("failed", "open"))[:20]
        draw: Parts = [(f"{counted(len(held), word)}: ", "quiet"), *told]
        return Item(path, lambda width, is_open: draw, below, word == "visit", also=wrong)

    def _span(self, span: Span, path: Path, note: str = "") -> Item:
        sign, style, _ = self._look.status(span)
        is_over = self._look.ended(span)
        error, is_ok = (span.error, span.status == "ok") if is_over else (None, False)
        is_inner = span.kind in ("visit", "run")
        name = {"attempt": f"attempt {span.attempt}", "item": f"[{span.item}]"}.get(span.kind, span.kind)
        name = span.name if is_inner else name

        def draw(width: int, is_open: bool) -> Parts:
            parts: Parts = [(f"{sign} ", style), (name, "name"), (f" {self._look.time(span)} ", "quiet")]
            parts.append((note, "quiet"))
            if is_over and span.given in GIVEN:
                parts.append((f"{GIVEN[span.given]} ", "changed"))
            room = max(width - sum(len(text) for text, _ in parts) - 2, 4)
            if error is not None:
                parts.append((one_line(str(error), room), "bad"))
            elif span.inherited:
                parts.append(("PocketFlow's own", "quiet"))
            elif is_ok and is_inner:
                parts.append((f"→ {span.action or 'default'}", "value"))
            elif is_ok and span.kind != "post":
                parts.append((f"→ {preview(span.result, room)}", "value"))
            return parts

        if is_inner:
            return Item(path, draw, visit=span)
        has_result = is_ok and span.kind != "post"
        has_more = span.children or error or has_result or span.kind == "item" or span.file
        below = (lambda: self._inside(span, path)) if has_more else None
        is_telling = span.kind == "exec" and (error is not None or len(span.children) > 1)
        value: Value = span.result if has_result else span.value
        self._places[path] = (span.id, "result" if has_result else "item")
        title = f"{span.place} · {'result' if has_result else 'item'}"
        return Item(path, draw, below, is_telling, title, value)

    def _inside(self, span: Span, path: Path) -> list[Item]:
        items = []
        if span.kind == "item":
            self._places[*path, "value"] = (span.id, "item")
            items.append(value_item("item", span.value, (*path, "value"), style="quiet"))
        items += self._below(span, path)
        if self._look.ended(span):
            if span.status == "ok" and span.kind != "post":
                self._places[*path, "result"] = (span.id, "result")
                items.append(value_item("result", span.result, (*path, "result"), style="quiet"))
            if span.error is not None and span.origin() is span:
                items.append(self._error(span.error, (*path, "error"), span))
        if span.file:
            place = f"{FilePath(span.file).name}:{span.line}"
            items.append(_line((*path, "at"), "at", place, "value", f" in {FilePath(span.file).parent}"))
        return items

    def _error(self, error: Failure, path: Path, origin: Span) -> Item:
        lines = error.traceback.rstrip().splitlines()
        text = one_line(str(error), 2_000)

        def draw(width: int, is_open: bool) -> Parts:
            return [("error ", "bad"), (text, "bad"), (f"  in {origin.place}", "quiet")]

        def line(at: int) -> Item:
            style = "bad" if at == len(lines) - 1 else "quiet" if lines[at].startswith("  File") else "value"
            return Item(
                (*path, at),
                lambda width, is_open: [(_frame(lines[at], width), style)],
                None,
                False,
                "traceback",
                error.traceback,
            )

        below = (lambda: Listed(len(lines), line)) if lines else None
        return Item(
            path, draw, below, path == ("error",), f"{origin.place} · traceback", error.traceback or text
        )

    def _changes(self, changes: list[Change]) -> Item:
        def one(at: int) -> Item:
            change = changes[at]
            name = path_text(change.path)
            new = change.old if change.op == "remove" else change.new

            def draw(width: int, is_open: bool) -> Parts:
                room = max(width - len(name) - 3, 4)
                style = STYLES_OF[change.op]
                return [(f"{SIGNS[change.op]} {name} ", style), (preview(new, room), "value")]

            return Item(("changes", at), draw, title=name, value=new)

        return _branch(
            ("changes",), f"{counted(len(changes), 'change')} of shared", Listed(len(changes), one)
        )


def _key(span: Span, at: int) -> Any:
    """Phases are found again in the next visit; what there may be many of, by its place."""
    return span.kind if span.kind in ("prep", "exec", "post", "fallback") else (span.kind, at)


def _line(path: Path, name: str, text: str, style: str, more: str = "", value: str | None = None) -> Item:
    """A name and a text."""
    parts: Parts = [(f"{clean(name)} ", "quiet"), (text, style), (more, "quiet")]
    return Item(path, lambda width, is_open: parts, title=name, value=text if value is None else value)


def _branch(path: Path, text: str, items: Sequence[Item], is_open: bool = False) -> Item:
    """A line that unfolds."""
    return Item(path, lambda width, is_open: [(text, "quiet")], lambda: items, is_open)


_FRAME = re.compile(r'  File "(.+)", line (\d+)(?:, in (.+))?')


def _frame(line: str, width: int) -> str:
    """A line of a traceback; where the place of a frame has no room, the file's name stands for its path."""
    found = _FRAME.fullmatch(line) if cell_len(line) > width else None
    if found is None:
        return line
    file, number, name = found.groups()
    return f"  {FilePath(file).name}:{number}" + (f" in {name}" if name else "")
