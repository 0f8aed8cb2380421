"""Notices over the panes: few at a time, and only the latest answer to a key."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.notifications import Notification

_MOST = 2
"""Warnings and errors that stay while another one comes."""


def make_room(app: App[Any], new: Notification) -> None:
    """Take away what a new notice replaces: earlier answers, the same text, the oldest of many."""
    kept = [each for each in _shown(app) if each.severity != "information" and each.message != new.message]
    _take_away(app, [each for each in _shown(app) if each not in kept[-_MOST:]])


def forget_answers(app: App[Any]) -> None:
    """Another key was pressed: what the one before led to has been read."""
    _take_away(app, [each for each in _shown(app) if each.severity == "information"])


def _shown(app: App[Any]) -> list[Notification]:
    return list(app._notifications)  # Textual has no public way to take one away


def _take_away(app: App[Any], notices: list[Notification]) -> None:
    for each in notices:
        app._unnotify(each)
