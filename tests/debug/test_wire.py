"""DAP's framing, with every kind of garbage in between."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowscope_engine.debug.frames import MAX_FRAME
from flowscope_engine.debug.wire import Wire, WireError


def frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def request(seq: int, command: str = "threads") -> bytes:
    return frame(json.dumps({"seq": seq, "type": "request", "command": command}).encode())


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Wire]]:
    ours, theirs = socket.socketpair()
    wire = Wire(theirs)
    yield ours, wire
    ours.close()
    wire.close()


def drain(data: bytes) -> list[int | str]:
    """Seqs of the messages and texts of the errors in `data`."""
    ours, theirs = socket.socketpair()
    wire = Wire(theirs)

    def write() -> None:
        try:
            ours.sendall(data)
            ours.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[int | str] = []
    while True:
        try:
            message = wire.receive()
        except WireError as error:
            seen.append(error.text)
            continue
        if message is None:
            break
        seen.append(message["seq"])
    writer.join()
    ours.close()
    wire.close()
    return seen


@pytest.mark.parametrize(
    ("garbage", "words"),
    [
        (b"Content-Length: -5\r\n\r\n", "not a number"),
        (b"Content-Length: 1_0\r\n\r\n", "not a number"),
        (b"Content-Length:\r\n\r\n", "not a number"),
        (b"Content-Length: %d\r\n\r\n" % (MAX_FRAME + 1), "more than"),
        (b"Content-Length: %s\r\n\r\n" % (b"9" * 3000), "more than"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "with Content-Length"),
        (b"\r\n\r\n", "with Content-Length"),
        (b"x" * 5000, "with Content-Length"),
        (frame(b""), "not JSON"),
        (frame(b"{"), "not JSON"),
        (frame(b"\xff\xfe"), "not JSON"),
        (frame(b"[" * 100_000), "not JSON"),
        (frame(b"[1]"), "not a JSON object"),
        (frame(b"{}"), "no seq"),
        (frame(b'{"seq":"1","type":"request","command":"x"}'), "no seq"),
        (frame(b'{"seq":1}'), "neither request"),
        (frame(b'{"seq":1,"type":"request"}'), "no command"),
        (frame(b'{"seq":1,"type":"request","command":7}'), "no command"),
        (b"Content-Length: 10\r\n\r\n" + b'{"seq":1,"type":"request","command":"x"}', "not JSON"),
        (b"Content-Length: 90\r\n\r\n" + b'{"seq":1,"type":"request","command":"x"}', "not JSON"),
    ],
)
def test_garbage_is_told_and_survived(garbage: bytes, words: str) -> None:
    before, *told, after, last = drain(request(1) + garbage + request(2) + request(3))
    assert (before, after, last) == (1, 2, 3)
    assert len(told) == 1
    assert words in str(told[0])


def test_the_seq_of_a_bad_request_is_known(ends: tuple[socket.socket, Wire]) -> None:
    ours, wire = ends
    ours.sendall(frame(b'{"seq":41,"type":"request"}'))
    with pytest.raises(WireError) as caught:
        wire.receive()
    assert caught.value.seq == 41


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"Content-Length: ", b"\r\n\r\n", b"\r\n", b"5", b"{}"])
    )
)
def test_fuzz_never_ends_the_reading(pieces: list[bytes]) -> None:
    junk = b"".join(pieces)
    # A well-meant length may swallow what follows; behind more than it can hold, all is well again.
    seen = drain(junk + b" " * 10_000 + request(7) + request(8))
    assert seen[-1] == 8


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 60), max_size=40))
def test_any_chunking_reads_the_same(cuts: list[int]) -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(theirs)
    data = b"".join(request(n) for n in range(5))
    at = 0
    got: list[int] = []

    def read() -> None:
        while (message := wire.receive()) is not None:
            got.append(message["seq"])

    reader = threading.Thread(target=read)
    reader.start()
    for cut in cuts:
        ours.sendall(data[at : at + cut])
        at = min(len(data), at + cut)
    ours.sendall(data[at:])
    ours.close()
    reader.join()
    wire.close()
    assert got == [0, 1, 2, 3, 4]


def received(ours: socket.socket, count: int) -> list[dict[str, object]]:
    messages = []
    stream = ours.makefile("rb")
    for _ in range(count):
        length = int(stream.readline().split(b":")[1])
        stream.readline()
        messages.append(json.loads(stream.read(length)))
    return messages


def test_send_from_many_threads(ends: tuple[socket.socket, Wire]) -> None:
    ours, wire = ends

    def work() -> None:
        for n in range(100):
            assert wire.send({"type": "event", "n": n})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    messages = received(ours, 400)
    for thread in threads:
        thread.join()
    assert [m["seq"] for m in messages] == list(range(1, 401))


def test_what_json_has_no_word_for(ends: tuple[socket.socket, Wire]) -> None:
    ours, wire = ends
    loop: list[object] = []
    loop.append(loop)

    class Rude:
        def __repr__(self) -> str:
            raise RuntimeError

    wire.send({"a": "\ud800ü", "b": Rude()})
    wire.send({"a": float("nan"), "b": {(1, 2): Rude(), 3: 4}, "c": (1, 2)})
    wire.send({"a": loop})
    first, second, third = received(ours, 3)
    assert first["a"] == "\ud800ü"
    assert first["b"] == "<Rude>"
    assert second["a"] == "nan"
    assert second["b"] == {"<tuple>": "<Rude>", "3": 4}
    assert second["c"] == [1, 2]
    assert "…" in json.dumps(third, ensure_ascii=False)


def test_the_other_side_is_gone(ends: tuple[socket.socket, Wire]) -> None:
    ours, wire = ends
    ours.close()
    assert wire.receive() is None
    assert not all(wire.send({"type": "event"}) for _ in range(3))


def test_who_wakes_a_busy_reader_again_and_again_does_not_wait_for_it(
    ends: tuple[socket.socket, Wire],
) -> None:
    ours, wire = ends
    for _ in range(5000):
        wire.wake()
    assert wire.receive() is None and not wire.is_gone
    ours.sendall(request(1))
    while (message := wire.receive()) is None:
        assert not wire.is_gone
    assert message["seq"] == 1


def test_close_wakes_the_reader(ends: tuple[socket.socket, Wire]) -> None:
    _, wire = ends
    seen: list[object] = []
    reader = threading.Thread(target=lambda: seen.append(wire.receive()))
    reader.start()
    wire.close()
    reader.join(5)
    assert seen == [None]
