"""The debugger's end of a pty."""

from __future__ import annotations

import asyncio
import os
import pty

import pytest

from flowscope.session.terminal import Terminal


async def test_text_in_pieces_and_bytes_that_are_no_text() -> None:
    master, slave = pty.openpty()
    seen: list[str] = []
    terminal = Terminal(master, seen.append)
    for piece in (b"gr\xc3", b"\xbcn\n", b"50 %\r", b"100 %\r", b"\xff"):
        os.write(slave, piece)
        await asyncio.sleep(0.02)
    terminal.close()
    terminal.close()
    assert "".join(seen) == terminal.tail == "grün\n50 %\r100 %\r\N{REPLACEMENT CHARACTER}"
    os.close(slave)


async def test_what_is_left_is_read_at_the_close() -> None:
    master, slave = pty.openpty()
    seen: list[str] = []
    terminal = Terminal(master, seen.append)
    os.write(slave, b"last words")
    os.close(slave)
    terminal.close()
    assert seen == ["last words"]


async def test_typing() -> None:
    master, slave = pty.openpty()
    terminal = Terminal(master, lambda text: None)
    terminal.write("ja\n")
    assert os.read(slave, 100) == b"ja\n"
    terminal.close()
    os.close(slave)


async def test_typing_for_nobody_is_told() -> None:
    master, slave = pty.openpty()
    terminal = Terminal(master, lambda text: None)
    with pytest.raises(OSError, match=r"."):
        for _ in range(100):
            terminal.write("x" * 4095 + "\n")
    terminal.close()
    os.close(slave)
