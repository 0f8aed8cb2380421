"""The user's own editor, for values and sources: the screen makes room for it and comes back."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from textual.app import App


class EditorError(ValueError):
    """There is no editor to be had, or it failed; one sentence."""


def command() -> list[str]:
    """$VISUAL, $EDITOR, or what most systems have. Raises EditorError."""
    for name in ("VISUAL", "EDITOR"):
        if given := os.environ.get(name, "").strip():
            return shlex.split(given)
    for name in ("nano", "vim", "vi"):
        if found := shutil.which(name):
            return [found]
    raise EditorError("There is no editor: set EDITOR to the command of yours.")


def edit_file(app: App[Any], path: Path, line: int = 1) -> None:
    """Let the user edit a file, and return when the editor is left. Raises EditorError."""
    parts = command()
    at_line = [f"+{line}"] if Path(parts[0]).name in _TAKES_LINE else []
    problem = ""
    ours = signal.signal(signal.SIGINT, lambda number, frame: None)  # Ctrl+C is the editor's
    with app.suspend():  # which an error would leave for good
        try:
            done = subprocess.run([*parts, *at_line, str(path)], check=False)
            if done.returncode:
                problem = f"{parts[0]} ended with exit code {done.returncode}."
        except OSError as error:
            problem = f"{parts[0]} cannot be started: {error.strerror or error}."
    signal.signal(signal.SIGINT, ours)
    if problem:
        raise EditorError(problem)


_TAKES_LINE = {"vi", "vim", "nvim", "nano", "emacs", "emacsclient", "micro", "kak", "joe", "ne"}


def edit_text(app: App[Any], text: str, suffix: str = ".txt") -> str | None:
    """The text as the user leaves it; None where it was not changed. Raises EditorError."""
    handle, name = tempfile.mkstemp(prefix="flowscope-", suffix=suffix)
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        edit_file(app, path)
        edited = path.read_text(encoding="utf-8", errors="surrogateescape")
    finally:
        path.unlink(missing_ok=True)
    return None if edited == text else edited
