"""What a replay takes from a recording: exec results, with what they were made from and by which code."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowscope.model.events import parse
from flowscope_engine.debug.replay import Keys
from flowscope_engine.exact import NotExact, from_exact

from .format import RecordingError, encode
from .reader import read

Event = dict[str, Any]
_UNKNOWN = {"$": "unknown"}


@dataclass(slots=True)
class _Begun:
    """A span that is open."""

    event: Event
    key: str
    code: dict[str, str] | None
    fell_back: bool = False


@dataclass(slots=True)
class Answers:
    """The execs of a recording that ended well, by key: each with its id, its label and `[of, result, code]`.

    `of` is the prep result that an exec got, or its item; values are VALUEs, those that were cut included.
    `code` has the digests of the phases that made the result; it is None where the recording has none.
    """

    source: str
    execs: dict[str, tuple[int, str, list[Any]]] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """For the engine's replay: `{"source": name, "answers": {key: [of, result, code]}}`."""
        return encode(
            {"source": self.source, "answers": {key: entry for key, (*_, entry) in self.execs.items()}}
        )

    def inexact(self, before: int) -> Counter[str]:
        """By label: how many execs that began before this span run again.

        What they got or gave could not be recorded exactly.
        """
        return Counter(
            label for id, label, entry in self.execs.values() if id < before and not _is_exact(*entry[:2])
        )


def answers(path: str | os.PathLike[str]) -> bytes:
    """For the engine's replay. Raises RecordingError."""
    return read_answers(path).encoded()


def read_answers(path: str | os.PathLike[str]) -> Answers:
    """What a recording can answer. Raises RecordingError."""
    given = Answers(Path(path).name)
    keys = Keys()
    codes: dict[str, dict[str, str] | None] = {}  # by the id of the node
    begun: dict[int | None, _Begun] = {}
    preps: dict[int | None, Any] = {}  # by the id of the visit
    is_exact = False
    for event in read(path):
        if parse(event) is None:
            continue  # incomplete, or of a newer FlowScope
        match event.get("type"):
            case "header":
                is_exact = is_exact or bool(event.get("exact"))
                keys = Keys()  # a program that was started again counts anew
            case "graph":
                codes |= {str(node.get("id")): _told(node.get("code")) for node in event.get("nodes", ())}
            case "begin":
                mark = str(event.get("item")) if event["kind"] == "item" else event.get("label", "")
                again = event.get("again")
                key = keys.begin(event["id"], event.get("parent"), event["kind"], mark, again)
                begun[event["id"]] = _Begun(event, key, codes.get(event.get("node", "")))
                if again is not None and again in preps:  # entered in its midst: prep was the earlier one's
                    preps[event["id"]] = preps[again]
                if event["kind"] == "fallback" and (around := begun.get(event.get("parent"))) is not None:
                    around.fell_back = True
            case "intervention" if event.get("text", "").startswith("prep_res = "):
                if (span := begun.get(event.get("span"))) is not None:
                    preps[span.event.get("parent")] = _UNKNOWN  # exec gets another than prep gave
            case "end":
                keys.end(event["id"])
                ended = begun.pop(event["id"], None)
                if ended is None or event.get("status") != "ok":
                    continue
                begin, result = ended.event, event.get("exact", event.get("result"))
                if begin["kind"] == "prep":
                    preps[begin.get("parent")] = result
                elif begin["kind"] in ("exec", "item"):
                    of = preps.get(begin.get("parent"), _UNKNOWN)
                    if begin["kind"] == "item":
                        of = begin.get("exact", begin.get("value"))
                    entry = [of, result, _code(ended)]
                    given.execs[ended.key] = (event["id"], begin.get("label", ""), entry)
    if not is_exact:
        raise RecordingError(f"{path} holds no exact results; record it again with --record {path}.")
    return given


def exact(path: str | os.PathLike[str], span: int, at: str) -> Any:
    """The result of a span, or its item, as a VALUE without limits. Raises RecordingError."""
    kind, found = ("end" if at == "result" else "begin"), None
    for event in read(path):
        if event.get("id") == span and event.get("type") == kind:
            found = event.get("exact", found)
    if found is None:
        raise RecordingError("the recording has no more of it")
    return found


def _is_exact(*values: Any) -> bool:
    try:
        for value in values:
            from_exact(value)
    except NotExact:
        return False
    return True


def _told(code: Any) -> dict[str, str] | None:
    return {phase: str(digest) for phase, digest in code.items()} if isinstance(code, dict) else None


def _code(span: _Begun) -> dict[str, str] | None:
    """A fallback that was not called has no part in the result."""
    if span.code is None or span.fell_back:
        return span.code
    return {phase: digest for phase, digest in span.code.items() if phase != "fallback"}
