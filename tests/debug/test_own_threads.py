"""The debugger's own threads."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from flowscope_engine.debug.own_threads import OwnThread

TASKS = Path("/proc/self/task")

pytestmark = pytest.mark.skipif(not TASKS.exists(), reason="tells threads by /proc")


def test_they_are_gone_while_the_program_forks() -> None:
    asked, turned = threading.Event(), threading.Semaphore(0)
    is_ended = False

    def turn() -> bool:
        asked.wait()
        asked.clear()
        turned.release()
        return not is_ended

    before = set(TASKS.iterdir())
    names = [thread.name for thread in threading.enumerate()]
    own = OwnThread(turn, asked.set)
    own.start()
    asked.set()
    assert turned.acquire(timeout=30)
    assert set(TASKS.iterdir()) - before
    own.leave()
    own.leave()  # two threads of the program fork at once
    own.resume()
    assert not set(TASKS.iterdir()) - before
    own.resume()
    while turned.acquire(blocking=False):
        pass
    asked.set()
    assert turned.acquire(timeout=30)  # it turns again
    assert [thread.name for thread in threading.enumerate()] == names
    is_ended = True
    asked.set()


def test_one_in_a_long_turn_is_not_waited_for_and_goes_on() -> None:
    begun, busy, again = threading.Event(), threading.Event(), threading.Event()

    def turn() -> bool:
        if busy.is_set():
            again.set()
            return False
        begun.set()
        busy.wait()
        return True

    own = OwnThread(turn, lambda: None)
    own.start()
    assert begun.wait(30)
    own.leave()
    own.resume()
    busy.set()
    assert again.wait(30)
