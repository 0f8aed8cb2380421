"""Programs run under the debugger as `python` runs them: the same output, exit code and tracebacks."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowscope.session.launch import LaunchSpec, Mode
from flowscope.session.session import Session

from ..patience import SECONDS

HEAD = """\
import sys, os
from pocketflow import Flow, Node
class Work(Node):
    def exec(self, prep_res):
        return work()
"""
PROGRAMS = {
    "warnings as errors": """
        import traceback, warnings
        warnings.simplefilter("error")
        class Lost(Node):
            def post(self, shared, prep_res, exec_res):
                return "nowhere"
        lost = Lost()
        lost >> Node()
        for wrong in (lambda: Flow(lost).run({}), lambda: lost >> Node(), lambda: lost.next(Node(), [])):
            try:
                wrong()
            except (UserWarning, TypeError):
                traceback.print_exc()
        class Odd(Node, odd=1): pass
        """,
    "threads": """
        import asyncio, threading
        from pocketflow import AsyncFlow, AsyncParallelBatchNode
        def work():
            print(threading.active_count(), [thread.name for thread in threading.enumerate()])
            for thread in threading.enumerate():
                if thread is not threading.main_thread():
                    thread.join()
        class Lanes(AsyncParallelBatchNode):
            async def prep_async(self, shared):
                return range(3)
            async def exec_async(self, item):
                await asyncio.sleep(0.05)
        lanes = Lanes()
        lanes >> Work()
        asyncio.run(AsyncFlow(lanes).run_async({}))
        """,
    "the last breath": """
        import logging.handlers
        memory = logging.handlers.MemoryHandler(100, target=logging.StreamHandler(sys.stdout))
        logging.getLogger().addHandler(memory)
        logging.warning("written by logging.shutdown")
        class Late:
            def __del__(self): print("late")
        late = Late()
        """,
    "os._exit": """
        def work():
            print("exec", flush=True)
            os._exit(5)
        Flow(Work()).run({})
        """,
    "a crash": """
        import ctypes
        def work():
            print("exec", flush=True)
            ctypes.string_at(0)
        Flow(Work()).run({})
        """,
    "processes": """
        import multiprocessing
        def child(number):
            def work(): print("child", number, flush=True)
            globals()["work"] = work
            Flow(Work()).run({})
            return number
        if __name__ == "__main__":
            for kind in ("fork", "spawn"):
                with multiprocessing.get_context(kind).Pool(1) as pool:
                    print(pool.map(child, [1]), flush=True)
            if os.fork() == 0:
                print("forked")
                sys.exit(0)
            os.wait()
        """,
    "memory": """
        import gc, weakref
        alive = []
        for number in range(20):
            node = Node()
            alive.append(weakref.ref(node))
            Flow(node).run({})
        del node
        gc.collect()
        print(sum(node() is not None for node in alive))
        """,
}


async def _observed(script: Path, mode: Mode) -> list[dict[str, Any]]:
    session = Session(
        LaunchSpec(script=script.name, cwd=script.parent), stop_on_entry=False, exceptions=(), mode=mode
    )
    await session.start()
    events = []
    async with asyncio.timeout(SECONDS):
        async for event in session.events():
            events.append(event)
            if event["type"] == "exit":
                break
    await session.close()
    return events


@pytest.mark.parametrize("name", PROGRAMS)
async def test_the_same_as_python(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_COLORS", "0")  # later ones paint a traceback on a terminal
    body = "\n".join(line.removeprefix(" " * 8) for line in PROGRAMS[name].splitlines())
    script = tmp_path / "program.py"
    script.write_text(HEAD + body)
    plain = subprocess.run([sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True)
    beside = await _observed(script, "run")
    out, err = capfd.readouterr()
    assert (out, err) == (plain.stdout, plain.stderr)
    assert beside[-1]["code"] == plain.returncode

    inside = await _observed(script, "debug")
    assert inside[-1]["code"] == plain.returncode
    text = "".join(event["text"] for event in inside if event["type"] == "output")
    # Word by word: what a child writes reaches us beside the terminal's other text.
    assert sorted(text.split()) == sorted((plain.stdout + plain.stderr).split())


async def test_what_a_crashing_program_did_last_is_known(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(HEAD + "import ctypes\nwork = lambda: ctypes.string_at(0)\nFlow(Work()).run({})\n")
    events = await _observed(script, "debug")
    begun = [event["kind"] for event in events if event["type"] == "begin"]
    assert begun[-2:] == ["exec", "attempt"]
    assert events[-1]["code"] == -signal.SIGSEGV
