"""Which lints the user does not want: those of the command line, and those stored for good."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import platformdirs

from .model import RULES


def path() -> Path:
    """Where the stored ones may be: `["no-progress-loop", …]`."""
    return platformdirs.user_config_path("flowscope") / "no-lints.json"


def chosen_off(asked: Iterable[str] = ()) -> tuple[frozenset[str], list[str]]:
    """The rules that are off, and a sentence for each stored one that cannot be used. Never raises."""
    try:
        stored = msgspec.json.decode(path().read_bytes(), type=list[str])
    except FileNotFoundError:
        stored = []
    except (OSError, msgspec.MsgspecError) as error:
        return frozenset(asked), [f"{path()} is not used: {error}."]
    problems = [f"{path()}: {unknown(name)}" for name in stored if name not in RULES]
    return frozenset(asked) | (RULES.keys() & set(stored)), problems


def switch(rule: str, is_off: bool) -> None:
    """Store that this rule is not wanted, or that it is. Raises OSError."""
    off, _ = chosen_off()
    path().parent.mkdir(parents=True, exist_ok=True)
    path().write_bytes(msgspec.json.encode(sorted(off | {rule} if is_off else off - {rule})))


def unknown(rule: str) -> str:
    """What to say of a rule that there is not."""
    return f"There is no lint {rule}: name one of {', '.join(RULES)}."
