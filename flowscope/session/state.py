"""What is kept for each script between sessions: its breakpoints, in the user's state folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import platformdirs

from flowscope_engine.debug import breakpoints


class SavedBreakpoint(msgspec.Struct):
    """A break spec, and whether it is on."""

    spec: str
    enabled: bool = True


class _File(msgspec.Struct):
    script: str
    breakpoints: list[SavedBreakpoint]
    version: int = 1


@dataclass
class Saved:
    """What was kept, and a sentence for the user where it could not be read (None: all is well)."""

    breakpoints: list[SavedBreakpoint] = field(default_factory=list)
    notice: str | None = None


def load(script: str | Path) -> Saved:
    """What is kept for `script`. Never raises: a damaged file is put aside as `.bad`, with a notice."""
    path = _path(script)
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
        for each in file.breakpoints:
            breakpoints.parse(each.spec)
    except FileNotFoundError:
        return Saved()
    except OSError as error:
        return Saved(notice=f"The kept breakpoints could not be read: {error.strerror or error}.")
    except (ValueError, msgspec.MsgspecError) as error:
        return Saved(notice=_put_aside(path, error))
    return Saved(file.breakpoints)


def save(script: str | Path, kept: list[SavedBreakpoint]) -> None:
    """Keep `kept` for `script`, replacing the file as a whole. Raises OSError when it cannot be written."""
    path = _path(script)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(_File(str(Path(script).resolve()), kept)))
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _path(script: str | Path) -> Path:
    resolved = os.fsencode(Path(script).resolve())
    name = hashlib.sha256(resolved).hexdigest()[:24]
    return platformdirs.user_state_path("flowscope") / "scripts" / f"{name}.json"


def _put_aside(path: Path, error: Exception) -> str:
    bad = path.with_suffix(".bad")
    try:
        path.replace(bad)
    except OSError:
        bad = path
    return f"The kept breakpoints are damaged and were not used ({error}); the file is {bad}."
