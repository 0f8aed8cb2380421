from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowscope.recording import RecordingError, Writer
from flowscope.recording.answers import answers, read_answers

Event = dict[str, Any]


def visit(id: int, label: str, prep: Any, result: Any, **fields: Any) -> list[Event]:
    """A visit of node `label` in the run 1."""
    begin = {"type": "begin", "lane": 0, "label": label}
    return [
        {**begin, "id": id, "parent": 1, "kind": "visit", **fields},
        {**begin, "id": id + 1, "parent": id, "kind": "prep"},
        {"type": "end", "id": id + 1, "status": "ok", "result": prep},
        {**begin, "id": id + 2, "parent": id, "kind": "exec"},
        {"type": "end", "id": id + 2, "status": "ok", "result": "cut", "exact": result},
        {"type": "end", "id": id, "status": "ok"},
    ]


RUN: list[Event] = [
    {"type": "header", "version": 1, "exact": True},
    {"type": "begin", "id": 1, "parent": None, "kind": "run", "label": "Flow", "lane": 0},
]


def of(path: Path, *events: Event) -> Any:
    return {key: entry[:2] for key, entry in entries(path, *events).items()}


def entries(path: Path, *events: Event) -> dict[str, Any]:
    with Writer(path / "r", {}) as writer:
        writer.write(*events)
    found: dict[str, Any] = json.loads(answers(path / "r"))["answers"]
    return found


def test_execs_are_named_by_the_way_to_them(tmp_path: Path) -> None:
    events = [*RUN, *visit(2, "A", 1, "a"), *visit(12, "B", 2, "b"), *visit(22, "A", 3, "c")]
    assert of(tmp_path, *events) == {
        "/Flow#1/A#1": [1, "a"],
        "/Flow#1/B#1": [2, "b"],
        "/Flow#1/A#2": [3, "c"],
    }


def test_what_a_rewind_repeats_takes_the_place_of_what_it_left(tmp_path: Path) -> None:
    events = [*RUN, *visit(2, "A", 1, "a"), *visit(12, "A", 2, "b"), *visit(22, "A", 1, "c", again=2)]
    again = visit(32, "A", 9, "d", again=22)
    assert of(tmp_path, *events, *visit(42, "A", 3, "e")) == {
        "/Flow#1/A#1": [1, "c"],
        "/Flow#1/A#2": [3, "e"],
    }
    midst = [event for event in again if event.get("kind") != "prep" and event["id"] != 33]
    assert of(tmp_path, *events, *midst)["/Flow#1/A#1"] == [1, "d"]


def test_an_edited_prep_result_answers_nothing(tmp_path: Path) -> None:
    events = visit(2, "A", 1, "a")
    events.insert(4, {"type": "intervention", "kind": "edit", "span": 4, "text": "prep_res = 2"})
    assert of(tmp_path, *RUN, *events) == {"/Flow#1/A#1": [{"$": "unknown"}, "a"]}


def test_a_result_is_of_the_code_that_the_graph_told_before_it(tmp_path: Path) -> None:
    def graph(code: Any) -> Event:
        return {"type": "graph", "run": 1, "nodes": [{"id": "n1", **code}], "edges": []}

    old, new = ({"code": {"exec": digest, "fallback": "f"}} for digest in ("1", "2"))
    fell_back = visit(22, "A", 1, "a")
    fell_back.insert(4, {"type": "begin", "id": 99, "parent": 24, "kind": "fallback", "lane": 0})
    events = [*visit(2, "A", 1, "a"), graph(old), *visit(12, "A", 1, "a"), graph(new), *fell_back]
    found = entries(tmp_path, *RUN, *({**event, "node": "n1"} for event in events))
    assert [entry[2] for entry in found.values()] == [None, {"exec": "1"}, {"exec": "2", "fallback": "f"}]


def test_execs_that_cannot_be_answered_are_counted(tmp_path: Path) -> None:
    client = {"$": "opaque", "type": "m.Client", "repr": "<Client>"}
    events = [*visit(2, "A", client, "a"), *visit(12, "A", 1, client), *visit(22, "B", 1, "b")]
    with Writer(tmp_path / "r", {}) as writer:
        writer.write(*RUN, *events, *visit(32, "A", client, "a"))
    assert read_answers(tmp_path / "r").inexact(before=32) == {"A": 2}


def test_a_recording_for_looking_only(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no exact results"):
        of(tmp_path, *RUN[1:])
