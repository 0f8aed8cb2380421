"""Events on their way out, and the threads of the program that bring them."""

from __future__ import annotations

import sys
import threading
from itertools import count
from types import FrameType
from typing import Any

import pytest

from flowscope_engine.debug import outbox as module
from flowscope_engine.debug.outbox import Outbox


def test_an_interrupt_stays_one_and_leaves_no_lock_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOMENT", 0.001)
    for point in count():
        outbox = Outbox()
        outbox.serve()
        left = point

        def interrupt(frame: FrameType, event: str, arg: Any) -> None:
            nonlocal left
            if event in ("call", "c_return"):  # where Python looks for signals
                left -= 1
                if left < 0:
                    raise KeyboardInterrupt

        text = {"type": "output", "lane": 0, "span": 0, "stream": "stdout", "text": "x\n"}
        sys.setprofile(interrupt)
        try:
            outbox.emit_text(text)
            outbox.hurry()
        except KeyboardInterrupt:
            pass
        else:
            break
        finally:
            sys.setprofile(None)
        sender = threading.Thread(target=outbox.take, daemon=True)
        sender.start()
        sender.join(30)
        assert not sender.is_alive()
    assert point > 10
