"""Replay: exec results given from an earlier recording, as long as the program does what it did then.

The debugger's side has read the recording (flowscope/recording/answers.py) and left it as a file of JSON:
`{"source": name, "answers": {key: [of, result, code]}}`. A key names an exec by the visits and items around.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..describe import exec_editions, phase_methods
from ..essence import COMPILER
from ..exact import NotExact, from_exact, to_exact
from ..families import traits
from ..spans import Span
from ..steer import Directive
from .rewind import name_of


class Replay:
    """Answers execs, until the first difference; `tell` gets a sentence about that."""

    def __init__(self, path: str, tell: Callable[[str], None]) -> None:
        with open(path, encoding="utf-8") as file:
            known = json.load(file)
        self._source: str = known["source"]
        self._answers: dict[str, list[Any]] = known["answers"]
        self._tell = tell
        self._keys = Keys()
        self._lock = threading.Lock()
        self._is_live = False
        self.changed: set[str] = set()  # classes with new code since
        self._told: set[str] = set()
        self._answered = self._ran = self._unsure = self._edited = 0

    def begin(self, span: Span) -> Directive | None:
        """A span begins: the answer for its call, if it is an exec that the recording knows."""
        with self._lock:
            key = self._keys.begin(
                span.id, None if span.parent is None else span.parent.id, span.kind, _mark(span), span.again
            )
            if span.kind not in ("exec", "item") or span.visit.is_flow:
                return None
            if span.kind == "exec" and traits(type(span.node)).is_batch:
                return None  # its items are answered
            is_live = self._is_live or _is_wanted_live(span)
            directive = None if is_live else self._answer(span, key)
            if directive is None:
                self._ran += 1
            else:
                self._answered += 1
                span.is_replayed = True
            return directive

    def end(self, span: Span) -> None:
        """A span has ended."""
        with self._lock:
            self._keys.end(span.id)

    def _answer(self, span: Span, key: str) -> Directive | None:
        entry = self._answers.get(key)
        name = name_of(span if span.kind == "item" else span.visit)
        if entry is None:
            self._go_live(f"{self._source} has no result for {name}")
            return None
        of = span.item_value if span.kind == "item" else span.visit.prep_res
        what = "item" if span.kind == "item" else "prep result"
        try:
            now = _text(to_exact(of))
            is_equal = _text(to_exact(from_exact(entry[0]))) == now
        except NotExact as error:
            self._run_again(span, f"what it gets cannot be compared exactly ({error})")
            return None
        if not is_equal:
            self._go_live(f"the {what} of {name} is not the one in {self._source}")
            return None
        if (edited := self._edit(type(span.node), entry[2])) is not None:
            self._edited += 1
            self._tell_once(f"{edited} was edited since the recording: it runs live.")
            return None
        try:
            return Directive(from_exact(entry[1]))
        except NotExact:
            self._run_again(span, "its result could not be recorded exactly")
            return None

    def _run_again(self, span: Span, why: str) -> None:
        self._unsure += 1
        self._tell_once(f"{span.visit.label} runs again: {why}.")

    def _edit(self, cls: type, code: dict[str, str] | None) -> str | None:
        """What was edited of the code that made a result."""
        others = [digest for digest in (code or {}).values() if not digest.startswith(f"{COMPILER}:")]
        if code is None or others:
            other = f"of another Python ({others[0].partition(':')[0]})" if others else "an older one"
            self._tell_once(f"{self._source} is {other}: an exec edited since then is answered all the same.")
            repaired = (base.__qualname__ for base in cls.__mro__ if base.__qualname__ in self.changed)
            return next(repaired, None)
        now, methods = exec_editions(cls), phase_methods(cls)
        edited = next((phase for phase in ("exec", *code) if now.get(phase) != code.get(phase)), None)
        if edited is None:
            return None
        return f"{cls.__qualname__}.{methods[edited].__name__ if edited in methods else edited}"

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text)

    def _go_live(self, reason: str) -> None:
        self._is_live = True
        self._tell(f"The replay ends here: {reason}. From here on exec runs live.")

    def summary(self) -> str:
        """What has become of the execs."""
        text = f"Replay of {self._source}: {self._answered} execs answered, {self._ran} run live"
        if self._edited:
            text += f", {self._edited} of them because their code was edited"
        if self._unsure:
            text += f", {self._unsure} of them because their values cannot be written down exactly"
        return text + "."


class Keys:
    """Names visits and items by the way to them: `/Flow#1/Decide#2`, `/Flow#1/Batch#1[3]`."""

    def __init__(self) -> None:
        self._keys: dict[int, str] = {}  # of open spans
        self._visits: dict[str, list[tuple[int, str]]] = {}  # below a key: id and label
        self._counts: dict[str, Counter[str]] = {}

    def begin(self, number: int, parent: int | None, kind: str, mark: str, again: int | None) -> str:
        """The key of a span that begins; `mark` is a visit's label, an item's index."""
        around = "" if parent is None else self._keys.get(parent, "")
        if kind in ("run", "visit"):
            key = self._visit(around, number, mark, again)
        else:
            key = f"{around}[{mark}]" if kind == "item" else around
        self._keys[number] = key
        return key

    def end(self, number: int) -> None:
        """A span has ended."""
        self._keys.pop(number, None)

    def _visit(self, around: str, number: int, label: str, again: int | None) -> str:
        visits, counts = self._visits.setdefault(around, []), self._counts.setdefault(around, Counter())
        if again is not None:  # it and those after it were left
            while visits and visits[-1][0] >= again:
                counts[visits.pop()[1]] -= 1
        counts[label] += 1
        visits.append((number, label))
        return f"{around}/{label}#{counts[label]}"


def _is_wanted_live(span: Span) -> bool:
    """Has the user asked for this very call?"""
    item = span if span.kind == "item" else span.visit
    return item.is_live or span.visit.is_live


def _mark(span: Span) -> str:
    return str(span.item) if span.kind == "item" else span.visit.label


def _text(tagged: Any) -> str:
    """One text for equal values; sets have no order."""
    return json.dumps(_sorted(tagged), sort_keys=True)


def _sorted(tagged: Any) -> Any:
    if isinstance(tagged, list):
        return [_sorted(part) for part in tagged]
    if not isinstance(tagged, dict):
        return tagged
    parts = {key: _sorted(part) for key, part in tagged.items()}
    if tagged.get("$") in ("set", "frozenset"):
        parts["items"] = sorted(parts["items"], key=lambda part: json.dumps(part, sort_keys=True))
    return parts
