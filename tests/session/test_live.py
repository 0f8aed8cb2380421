"""A session with a real program: launched, stopped, looked at, changed, run to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from flowscope.session.client import RequestError
from flowscope.session.launch import LaunchError, LaunchSpec
from flowscope.session.session import Session

from ..patience import SECONDS

PROGRAM = """\
import sys
from pocketflow import Flow, Node

class Ask(Node):
    def prep(self, shared):
        shared["name"] = input("name? ") if "--ask" in sys.argv else "nobody"
        return shared["name"]
    def exec(self, name):
        return name * shared_factor
    def post(self, shared, prep_res, exec_res):
        shared["long"] = exec_res
        return "told"

class Tell(Node):
    def exec(self, prep_res):
        if "--fail" in sys.argv:
            raise ValueError("told to fail")
    def post(self, shared, prep_res, exec_res):
        print("hello", shared["long"])

shared_factor = 2
ask, tell = Ask(), Tell()
ask - "told" >> tell
Flow(start=ask).run({})
"""


class Live:
    """A session and a reader of its events."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seen: list[dict[str, Any]] = []
        self._events = session.events()

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next event of a type with these fields; all before it go to `seen`."""
        while True:
            event = await asyncio.wait_for(anext(self._events), SECONDS)
            self.seen.append(event)
            if event["type"] == kind and fields.items() <= event.items():
                return event

    def label(self, span: int) -> str:
        """Node and kind of a span."""
        (begin,) = [e for e in self.seen if e["type"] == "begin" and e["id"] == span]
        return f"{begin['label']} {begin['kind']}"


Start = Callable[..., Any]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    lives: list[Live] = []

    async def start(*args: str, breakpoints: Sequence[str] = (), **more: Any) -> Live:
        live = Live(Session(LaunchSpec(script=str(script), args=args), breakpoints=breakpoints, **more))
        lives.append(live)
        await live.session.start()
        return live

    yield start
    for live in lives:
        await live.session.close()


async def test_from_the_entry_to_the_end(start: Start) -> None:
    live = await start()
    stopped = await live.until("stopped")
    assert stopped["reason"] == "entry"
    assert live.seen[0]["type"] == "header"
    assert live.label(stopped["span"]) == "Ask visit"
    await live.session.next()
    await live.until("resumed")
    stopped = await live.until("stopped")
    assert (stopped["reason"], live.label(stopped["span"])) == ("step", "Tell visit")
    await live.session.continue_()
    ended = await live.until("exit")
    assert (ended["code"], ended["signal"], ended["error"]) == (0, None, None)
    texts = [e["text"] for e in live.seen if e["type"] == "output"]
    assert "".join(texts) == "hello nobodynobody\n"
    assert [e["type"] for e in live.seen].count("exit") == 1


async def test_looking_and_changing(start: Start) -> None:
    live = await start(breakpoints=["Tell.post"], stop_on_entry=False)
    stopped = await live.until("stopped")
    assert (stopped["reason"], stopped["breakpoints"]) == ("breakpoint", ["Tell.post"])
    frames = await live.session.stack()
    scopes = {scope["name"]: scope for scope in await live.session.scopes(frames[0]["id"])}
    variables = await live.session.variables(scopes["Shared"]["variablesReference"])
    assert [v["value"] for v in variables][-1] == "'nobodynobody'"
    assert (await live.session.evaluate("len(shared['long'])", frames[0]["id"]))["result"] == "12"
    with pytest.raises(RequestError, match="NameError"):
        await live.session.evaluate("no_such_name", frames[0]["id"])
    await live.session.set_variable(scopes["Shared"]["variablesReference"], variables[-1]["name"], "'you'")
    await live.session.continue_()
    await live.until("exit")
    assert "hello you\n" in [e["text"] for e in live.seen if e["type"] == "output"]


async def test_breakpoints_of_every_kind(start: Start) -> None:
    live = await start(breakpoints=["Ask -> told", "shared.name", "raise"], stop_on_entry=False)
    reasons = []
    for _ in range(2):
        reasons.append((await live.until("stopped"))["breakpoints"])
        await live.session.continue_()
    await live.until("exit")
    assert reasons == [["shared.name"], ["Ask -> told"]]


async def test_an_error_stops_and_is_told(start: Start) -> None:
    live = await start("--fail", exceptions=["raised"], stop_on_entry=False)
    stopped = await live.until("stopped")
    assert stopped["reason"] == "exception"
    assert "ValueError" in str(await live.session.request("exceptionInfo", threadId=1))
    await live.session.continue_()
    ended = await live.until("exit")
    assert ended["code"] == 1


async def test_input(start: Start) -> None:
    live = await start("--ask", stop_on_entry=False)
    await live.until("input", state="asked")
    await live.session.send_input("Ada\n")
    await live.until("exit")
    assert "hello AdaAda\n" in "".join(e["text"] for e in live.seen if e["type"] == "output")


async def test_run_to_restart_and_new_breakpoints(start: Start) -> None:
    live = await start()
    await live.until("stopped")
    await live.session.run_to("Tell")
    stopped = await live.until("stopped")
    assert (stopped["reason"], live.label(stopped["span"])) == ("goto", "Tell visit")
    assert [
        answer["verified"] for answer in await live.session.set_breakpoints(["Ask.exec", "Ask if ("])
    ] == [
        True,
        False,
    ]
    live.session.breakpoints.pop()
    live.session.stop_on_entry = False
    await live.session.restart()
    await live.until("exit")
    live.seen.clear()
    stopped = await live.until("stopped")
    assert stopped["breakpoints"] == ["Ask.exec"]


async def test_what_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"nothing\.py"):
        await Session(LaunchSpec(script=str(tmp_path / "nothing.py"))).start()
