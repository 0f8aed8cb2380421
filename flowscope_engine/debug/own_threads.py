"""Threads of the debugger's own: a program that lists, joins or forks its threads meets none of these.

A fork of a process with several threads may leave their locks taken in the child, for ever; Python 3.12 and
later warn of it. So ours are gone while the program forks, and begun anew behind it.

A signal to the process goes to any thread that does not block it: what the program blocks for now would be
handled by ours. So ours block all but those that a thread's own fault raises.
"""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Callable

_PATIENCE = 40  # times that one is woken before a fork goes on without waiting for it
_A_TIME = 0.005  # seconds
_FAULTS = {signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGTRAP, signal.SIGSYS}


def begin_thread(run: Callable[[], None]) -> None:
    """Run this on a thread that is not of `threading`, which tells the program of its threads."""

    def begin() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - _FAULTS)
        run()

    _thread.start_new_thread(begin, ())


class OwnThread:
    """Calls `turn` again and again, until that returns False; `wake` makes a waiting `turn` return soon."""

    def __init__(self, turn: Callable[[], bool], wake: Callable[[], None]) -> None:
        self._turn = turn
        self._wake = wake
        self._changed = threading.Condition()
        self._is_running = False
        self._forks = 0  # that it is to be gone for
        self._native_id = 0

    def start(self) -> None:
        """Begin."""
        _own.append(self)
        self._begin()

    def leave(self) -> None:
        """Be gone after this turn; one that takes long is not waited for."""
        with self._changed:
            self._forks += 1
            times = 0
            while self._is_running and times < _PATIENCE:
                self._wake()
                self._changed.wait(_A_TIME)
                times += 1
            # The system's thread outlives Python's by a moment.
            while os.path.exists(f"/proc/self/task/{self._native_id}") and times < _PATIENCE:
                self._changed.wait(_A_TIME / _PATIENCE)
                times += 1

    def resume(self) -> None:
        """Go on where it has left, behind the last fork of several at once."""
        with self._changed:
            self._forks = max(0, self._forks - 1)
            if not self._is_running and not self._forks and self in _own:
                self._begin()

    def _begin(self) -> None:
        self._is_running = True
        begin_thread(self._run)

    def _run(self) -> None:
        self._native_id = threading.get_native_id()
        while self._turn():
            if self._forks and self._has_left():
                return
        _own.remove(self)
        self._has_left(for_good=True)

    def _has_left(self, for_good: bool = False) -> bool:
        with self._changed:
            if self._forks or for_good:
                self._is_running = False
                self._changed.notify_all()
            return not self._is_running


_own: list[OwnThread] = []


def _before() -> None:
    for thread in tuple(_own):
        thread.leave()


def _after() -> None:
    for thread in tuple(_own):
        thread.resume()


os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_own.clear)
