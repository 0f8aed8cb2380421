"""Who is let in at a program's door, and that nothing outlives a debugger that is killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowscope.session.client import Client, RequestError
from flowscope.session.launch import LaunchSpec, launch
from flowscope_engine.debug.frames import frame

from ..patience import SECONDS
from .test_dap_stdio import wait_until_dead

PROGRAM = """
import os, pathlib, subprocess, sys, time
from pocketflow import Flow, Node

class Work(Node):
    def prep(self, shared):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path("pids.new").write_text(f"{os.getpid()} {child.pid}")
        os.rename("pids.new", "pids")
        time.sleep(600)

Flow(Work()).run({})
"""
DEBUG = """
import asyncio
from flowscope.session.launch import LaunchSpec
from flowscope.session.session import Session

async def main():
    await Session(LaunchSpec(script="program.py"), stop_on_entry=False).start()
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def attach(client: Client, token: str) -> None:
    await client.request("initialize", {"clientID": "flowscope"}, SECONDS)
    await client.request("attach", {"token": token}, SECONDS)


async def test_only_who_shows_the_token_gets_in_and_the_others_end_nothing(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text("print('ran')")
    debuggee = await launch(LaunchSpec(script=str(script)), "run")
    try:
        silent, _open = await asyncio.open_connection("127.0.0.1", debuggee.port)
        _, scan = await asyncio.open_connection("127.0.0.1", debuggee.port)
        scan.write(b"GET / HTTP/1.0\r\n\r\n")
        scan.close()
        thief = Client(*await asyncio.open_connection("127.0.0.1", debuggee.port))
        with pytest.raises(RequestError, match="token is wrong"):
            await attach(thief, "guess")
        assert [event async for event in thief.events()] == []  # hung up on
        hasty_reader, hasty = await asyncio.open_connection("127.0.0.1", debuggee.port)
        hasty.write(frame({"seq": 1, "type": "request", "command": "evaluate", "arguments": {}}))
        assert b"Launch or attach first" in await hasty_reader.readuntil(b"}}")

        client = Client(*await asyncio.open_connection("127.0.0.1", debuggee.port))
        await attach(client, debuggee.token)
        async with asyncio.timeout(SECONDS):
            assert await silent.read() == b""
        with pytest.raises((OSError, RequestError)):
            await attach(Client(*await asyncio.open_connection("127.0.0.1", debuggee.port)), debuggee.token)
        await client.request("configurationDone", timeout=SECONDS)
        async with asyncio.timeout(SECONDS):
            events = [event["event"] async for event in client.events()]
        assert events[-1] == "terminated"
        assert await debuggee.wait() == 0
    finally:
        await debuggee.terminate()


def test_a_killed_debugger_leaves_no_program_and_none_of_its_children(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    with subprocess.Popen([sys.executable, "-c", DEBUG], cwd=tmp_path) as debugger:
        deadline = time.monotonic() + SECONDS
        while not (tmp_path / "pids").exists():
            assert time.monotonic() < deadline
            assert debugger.poll() is None
            time.sleep(0.02)
        debugger.kill()
    for pid in (tmp_path / "pids").read_text().split():
        wait_until_dead(int(pid))
