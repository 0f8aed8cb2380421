from __future__ import annotations

import os
from pathlib import Path

from flowscope.tui.sources import Sources


def test_a_saved_file_is_told_once(tmp_path: Path) -> None:
    file, gone = tmp_path / "agent.py", tmp_path / "gone.py"
    file.write_text("1")
    sources, files = Sources(), [str(file), str(gone)]
    assert sources.saved(files) == []
    os.utime(file, ns=(1, 1))
    assert sources.saved(files) == [str(file)]
    assert sources.saved(files) == []
    gone.write_text("2")
    assert sources.saved(files) == []
