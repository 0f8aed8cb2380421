"""What a replay takes from a recording: exec results, each with what it was computed from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flowscope_engine.debug.replay import Keys

from .format import RecordingError, encode
from .reader import read

Event = dict[str, Any]
_UNKNOWN = {"$": "unknown"}


def answers(path: str | os.PathLike[str]) -> bytes:
    """For the engine's replay: `{"source": name, "answers": {key: [of, result]}}`. Raises RecordingError.

    `of` is the prep result that an exec got, or its item; values are VALUEs, those that were cut included.
    """
    found: dict[str, list[Any]] = {}
    keys = Keys()
    begun: dict[int, tuple[Event, str]] = {}
    preps: dict[int | None, Any] = {}  # by the id of the visit
    is_exact = False
    for event in read(path):
        match event.get("type"):
            case "header":
                is_exact = is_exact or bool(event.get("exact"))
                keys = Keys()  # a program that was started again counts anew
            case "begin":
                mark = str(event.get("item")) if event["kind"] == "item" else event.get("label", "")
                key = keys.begin(event["id"], event.get("parent"), event["kind"], mark, event.get("again"))
                begun[event["id"]] = (event, key)
                if event.get("again") in preps:  # entered in its midst: its prep was the earlier one's
                    preps[event["id"]] = preps[event["again"]]
            case "intervention" if event.get("text", "").startswith("prep_res = "):
                begin = begun.get(event["span"], ({}, ""))[0]
                preps[begin.get("parent")] = _UNKNOWN  # exec gets another than prep gave
            case "end":
                keys.end(event["id"])
                begin, key = begun.pop(event["id"], ({}, ""))
                if event.get("status") != "ok":
                    continue
                result = event.get("exact", event.get("result"))
                if begin.get("kind") == "prep":
                    preps[begin.get("parent")] = result
                elif begin.get("kind") == "item":
                    found[key] = [begin.get("exact", begin.get("value")), result]
                elif begin.get("kind") == "exec":
                    found[key] = [preps.get(begin.get("parent"), _UNKNOWN), result]
    if not is_exact:
        raise RecordingError(f"{path} holds no exact results; record it again with --record {path}.")
    return encode({"source": Path(path).name, "answers": found})
