"""The characters of a drawing: one table for terminals with Unicode, one for those with ASCII alone."""

from __future__ import annotations

from dataclasses import dataclass

UP, RIGHT, DOWN, LEFT = 1, 2, 4, 8  # the ways a line goes on from a cell


def _table(upright: str, level: str, corners: str, joints: str) -> tuple[str, ...]:
    """Characters by the ways a line goes on: corners are those of a box, joints ├ ┴ ┤ ┬ ┼."""
    top_left, top_right, bottom_left, bottom_right = (*corners,)
    right, up, left, down, cross = (*joints,)
    return (
        *(" ", upright, level, bottom_left, upright, upright, top_left, right),
        *(level, bottom_right, level, up, top_right, left, down, cross),
    )


@dataclass(frozen=True, slots=True)
class Glyphs:
    lines: dict[str, tuple[str, ...]]
    """By style of the edge, and `undeclared`."""
    borders: dict[str, tuple[str, ...]]
    """`sync`, `async`, `folded` flow, and `current`."""
    crossings: tuple[str, str]
    """A lit line going across or down over another one."""
    arrows: dict[int, str]
    marks: dict[str, str]
    breakpoint: str
    breakpoint_off: str
    folded: str
    unfolded: str
    times: str
    many: str
    dot: str


_LIGHT = "├┴┤┬┼"
_HEAVY = "┣┻┫┳╋"
UNICODE = Glyphs(
    lines={
        "edge": _table("│", "─", "╭╮╰╯", _LIGHT),
        "never": _table("┆", "┄", "╭╮╰╯", _LIGHT),
        "taken": _table("│", "─", "╭╮╰╯", _LIGHT),
        "now": _table("┃", "━", "┏┓┗┛", _HEAVY),
        "undeclared": _table("╎", "╌", "╭╮╰╯", _LIGHT),
    },
    borders={
        "sync": _table("│", "─", "┌┐└┘", _LIGHT),
        "async": _table("│", "─", "╭╮╰╯", _LIGHT),
        "folded": _table("║", "═", "╔╗╚╝", "╠╩╣╦╬"),
        "current": _table("┃", "━", "┏┓┗┛", _HEAVY),
    },
    crossings=("┿", "╂"),
    arrows={UP: "▲", RIGHT: "▶", DOWN: "▼", LEFT: "◀"},
    marks={"node": " ", "visited": "✓", "running": "»", "failed": "✗", "cancelled": "⊘", "current": "▶"},
    breakpoint="●",
    breakpoint_off="○",
    folded="▸",
    unfolded="▾",
    times="×",
    many="…",
    dot="·",
)
ASCII = Glyphs(
    lines={
        "edge": _table("|", "-", "++++", "+++++"),
        "never": _table(":", ".", "....", "+++++"),
        "taken": _table("|", "-", "++++", "+++++"),
        "now": _table("#", "=", "####", "#####"),
        "undeclared": _table("!", "~", "++++", "+++++"),
    },
    borders={
        "sync": _table("|", "-", "++++", "+++++"),
        "async": _table("|", "-", "..''", "+++++"),
        "folded": _table("|", "=", "++++", "+++++"),
        "current": _table("#", "=", "####", "#####"),
    },
    crossings=("=", "#"),
    arrows={UP: "^", RIGHT: ">", DOWN: "v", LEFT: "<"},
    marks={"node": " ", "visited": "+", "running": ":", "failed": "x", "cancelled": "/", "current": ">"},
    breakpoint="@",
    breakpoint_off="o",
    folded=">",
    unfolded="v",
    times="x",
    many="+",
    dot="-",
)


def legend(glyphs: Glyphs, is_full: bool) -> list[str]:
    """What the glyphs stand for, what is asked most often first."""
    marks, lines = glyphs.marks, glyphs.lines
    return [
        f"{marks['current']} here",
        f"{marks['visited']} done",
        f"{marks['running']} running",
        f"{marks['failed']} failed",
        f"{glyphs.breakpoint} breakpoint",
        f"{lines['now'][LEFT | RIGHT] * 2} just taken",
        f"{lines['taken'][LEFT | RIGHT] * 2} taken",
        f"{lines['never'][LEFT | RIGHT] * 2} not yet",
        f"{lines['undeclared'][LEFT | RIGHT] * 2} not declared",
        *([] if is_full else ["( ) async", "= batch", "|| parallel"]),  # full boxes say it in words
    ]
