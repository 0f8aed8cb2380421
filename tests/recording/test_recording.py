"""Recordings: what is written comes back, whatever happened to the file since."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowscope.recorded import drawn, tell
from flowscope.recording import RecordingError, Writer, read
from flowscope.recording.answers import answers

Event = dict[str, Any]

EVENTS: list[Event] = [
    {"type": "begin", "id": 1, "kind": "run", "parent": None, "lane": 0, "label": "Flöw", "ts": 12345},
    {
        "type": "output",
        "lane": 0,
        "span": 1,
        "stream": "stdout",
        "text": "line\nnext\u2028 \udc80 \x00",
        "ts": 2,
    },
    {"type": "end", "id": 1, "status": "ok", "ts": 12346, "result": {"$": "int", "repr": "1"}},
]


def record(path: Path, events: list[Event] = EVENTS) -> Path:
    with Writer(path, {"script": "agent.py", "argv": ["x"]}) as writer:
        writer.write(*events)
    return path


def failure(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        list(read(path))
    text = str(caught.value)
    assert str(path) in text and text.endswith(".") and "\n" not in text
    return text


def test_what_is_written_is_read(tmp_path: Path) -> None:
    header, *events = read(record(tmp_path / "a.flowscope"))
    assert header == {"type": "header", "version": 1, "script": "agent.py", "argv": ["x"]}
    assert events == EVENTS


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.text(max_size=5), values, max_size=4), max_size=4))
def test_any_event_comes_back(tmp_path: Path, events: list[Event]) -> None:
    assert list(read(record(tmp_path / "a.flowscope", events)))[1:] == events


def test_a_recording_cut_at_every_byte(tmp_path: Path) -> None:
    whole = record(tmp_path / "a.flowscope").read_bytes()
    cut = tmp_path / "cut.flowscope"
    first = whole.index(b"\n")
    for size in range(first, len(whole) + 1):
        cut.write_bytes(whole[:size])
        _, *events = read(cut)
        complete = whole[:size].count(b"\n") - 1 + (whole[size : size + 1] == b"\n")
        assert events[:complete] == EVENTS[:complete]
        rest = [event["type"] for event in events[complete:]]
        at_line_end = size == first or whole[size - 1 : size] == b"\n" or whole[size : size + 1] == b"\n"
        assert rest == ([] if at_line_end else ["notice"])


def test_a_killed_writer_leaves_all_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "a.flowscope"
    code = (
        "import os, signal, sys; from flowscope.recording import Writer\n"
        "writer = Writer(sys.argv[1], {})\n"
        "for n in range(1000): writer.write({'type': 'end', 'id': n})\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, path]).returncode == -9
    assert [event["id"] for event in list(read(path))[1:]] == list(range(1000))


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = record(tmp_path / "a.flowscope")
    lines = path.read_bytes().splitlines(keepends=True)
    for damage in (b"{oops\n", b"\x00\x00\x00\n", b"[1]\n", b"\n", b"\xff\xfe\n", b"[" * 5000 + b"\n"):
        path.write_bytes(b"".join([*lines[:2], damage, *lines[2:]]))
        assert "damaged at line 3" in failure(path) and "head -n 2" in failure(path)
    events = read(path)
    assert [next(events)["type"], next(events)["type"]] == ["header", "begin"]


def test_events_that_lack_what_they_need_are_passed_over(tmp_path: Path) -> None:
    whole: list[Event] = [
        {"type": "graph", "run": 1, "nodes": [{"id": "n1", "label": "A"}], "edges": []},
        {"type": "begin", "id": 1, "kind": "run", "label": "Alone", "lane": 0},
    ]
    said: list[str] = []
    odd: list[Any] = [{}, {"type": 3}, {"type": "graph"}, {"type": "graph", "run": 2, "nodes": [{"id": []}]}]
    odd += [{"type": kind, "id": [1], "text": []} for kind in ("begin", "end", "output", "notice")]
    path = record(tmp_path / "a.flowscope", [{"type": "header", "exact": True}, *odd, *whole, *odd])
    assert "A" in drawn(path, "text", said.append) and said and json.loads(answers(path))["answers"] == {}
    log = io.StringIO()
    tell(path, log, said.append)
    assert "Alone" in log.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"import sys\n",
        b"\x7fELF\x00\x00",
        b"{}\n",
        b'{"type":"header"}\n',
        b'{"type":"begin","version":1}\n',
        b"[]",
        b"\n",
    ],
)
def test_what_is_not_a_recording(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(content)
    assert "is not a recording" in failure(path)


def test_a_newer_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.flowscope"
    path.write_text(json.dumps({"type": "header", "version": 2}) + "\n")
    assert "newer FlowScope (format 2" in failure(path)


def test_nothing_to_read(tmp_path: Path) -> None:
    assert "does not exist" in failure(tmp_path / "none")
    assert "is a folder" in failure(tmp_path)
    (tmp_path / "empty").touch()
    assert "is empty" in failure(tmp_path / "empty")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)  # root may read everything
    assert "may not be read" in failure(tmp_path / "a.flowscope")


def test_an_earlier_recording_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.flowscope"
    for number in range(3):
        with Writer(path, {"number": number}) as writer:
            notes = writer.note
    assert notes == f"{path} held a recording: it is {tmp_path / 'a.2.flowscope'} now."
    kept = [next(read(tmp_path / f"a{name}.flowscope"))["number"] for name in ("", ".1", ".2")]
    assert kept == [2, 0, 1]


def test_what_is_no_recording_is_never_overwritten(tmp_path: Path) -> None:
    script = tmp_path / "agent.py"
    script.write_text("import sys\n")
    with pytest.raises(RecordingError, match=r"agent\.py is not a recording and stays what it is"):
        Writer(script, {})
    assert script.read_text() == "import sys\n"
    (tmp_path / "new").touch()
    with Writer(tmp_path / "new", {}) as writer:
        assert not writer.note


def test_where_none_can_be_begun_the_earlier_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = record(tmp_path / "a.flowscope")
    monkeypatch.setattr(Writer, "write", refuse)
    with pytest.raises(RecordingError, match="full"):
        Writer(path, {})
    assert list(tmp_path.iterdir()) == [path]
    assert list(read(path))[1:] == EVENTS


def refuse(*_: Any) -> None:
    raise RecordingError("full")


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    for path, reason in ((tmp_path, "is a directory"), (tmp_path / "no" / "a", "no such file")):
        with pytest.raises(RecordingError, match=reason):
            Writer(path, {})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk() -> None:
    with pytest.raises(RecordingError, match="no space left"):
        Writer("/dev/full", {})
