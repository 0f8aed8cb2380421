"""Notices over the panes: few at a time, and only the latest answer to a key."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.notifications import Notification

_MOST = 2
"""Warnings and errors that stay while another one comes."""


def make_room(app: App[Any], new: Notification) -> None:
    """Take away what a new notice replaces: earlier answers, the same text, the oldest of many."""
    shown = list(app._notifications)  # Textual has no public way to take one away
    kept = [each for each in shown if each.severity != "information" and each.message != new.message][-_MOST:]
    for each in shown:
        if each not in kept:
            app._unnotify(each, refresh=False)
