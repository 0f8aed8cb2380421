"""The user's own keys: a JSON object of command ids and keys in the configuration folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
import platformdirs

from .commands import COMMANDS, Command, remapped


def path() -> Path:
    """Where the file may be: `{"step_in": ["s", "f11"], …}`."""
    return platformdirs.user_config_path("flowscope") / "keys.json"


def load_commands() -> tuple[tuple[Command, ...], list[str]]:
    """The table with the user's keys, and a sentence for each entry that cannot be used. Never raises."""
    try:
        keys = msgspec.json.decode(path().read_bytes(), type=dict[str, str | list[str]])
    except FileNotFoundError:
        return COMMANDS, []
    except (OSError, msgspec.MsgspecError) as error:
        return COMMANDS, [f"{path()} is not used: {error}."]
    return remapped(COMMANDS, keys)
