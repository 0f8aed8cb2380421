"""What a replay takes from a recording: exec results, with what they were made from and by which code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowscope_engine.debug.replay import Keys

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


def answers(path: str | os.PathLike[str]) -> bytes:
    """For the engine's replay: `{"source": name, "answers": {key: [of, result, code]}}`.

    `of` is the prep result that an exec got, or its item; values are VALUEs, those that were cut included.
    `code` has the digests of the phases that made the result; it is None where the recording has none.
    Raises RecordingError.
    """
    found: dict[str, list[Any]] = {}
    keys = Keys()
    codes: dict[str, dict[str, str] | None] = {}  # by the id of the node
    begun: dict[int | None, _Begun] = {}
    preps: dict[int | None, Any] = {}  # by the id of the visit
    is_exact = False
    for event in read(path):
        match event.get("type"):
            case "header":
                is_exact = is_exact or bool(event.get("exact"))
                keys = Keys()  # a program that was started again counts anew
            case "graph":
                codes |= {node["id"]: node.get("code") for node in event["nodes"]}
            case "begin":
                mark = str(event.get("item")) if event["kind"] == "item" else event.get("label", "")
                key = keys.begin(event["id"], event.get("parent"), event["kind"], mark, event.get("again"))
                begun[event["id"]] = _Begun(event, key, codes.get(event.get("node", "")))
                if event.get("again") in preps:  # entered in its midst: its prep was the earlier one's
                    preps[event["id"]] = preps[event["again"]]
                if event["kind"] == "fallback" and (around := begun.get(event.get("parent"))) is not None:
                    around.fell_back = True
            case "intervention" if event.get("text", "").startswith("prep_res = "):
                if (span := begun.get(event["span"])) is not None:
                    preps[span.event.get("parent")] = _UNKNOWN  # exec gets another than prep gave
            case "end":
                keys.end(event["id"])
                ended = begun.pop(event["id"], None)
                if ended is None or event.get("status") != "ok":
                    continue
                begin, result = ended.event, event.get("exact", event.get("result"))
                if begin["kind"] == "prep":
                    preps[begin.get("parent")] = result
                elif begin["kind"] == "item":
                    found[ended.key] = [begin.get("exact", begin.get("value")), result, _code(ended)]
                elif begin["kind"] == "exec":
                    found[ended.key] = [preps.get(begin.get("parent"), _UNKNOWN), result, _code(ended)]
    if not is_exact:
        raise RecordingError(f"{path} holds no exact results; record it again with --record {path}.")
    return encode({"source": Path(path).name, "answers": found})


def _code(span: _Begun) -> dict[str, str] | None:
    """A fallback that was not called has no part in the result."""
    if span.code is None or span.fell_back:
        return span.code
    return {phase: digest for phase, digest in span.code.items() if phase != "fallback"}
