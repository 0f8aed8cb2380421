"""What the tests of sessions share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .editor import Editor


@pytest.fixture
def editor() -> Iterator[Editor]:
    editor = Editor()
    yield editor
    editor.process.kill()
    with editor.process:
        pass  # which closes its pipes
