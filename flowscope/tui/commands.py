"""The one table of commands and their keys: bindings, footer, help, palette and docs are made of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

FORBIDDEN = frozenset({"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+["})
"""Keys that terminals cannot tell from backspace, tab, enter and escape."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something the user can do."""

    id: str
    keys: tuple[str, ...]  # the first one is shown
    label: str  # in the footer: a word or two
    help: str
    group: str
    when: str = "always"  # one of WHENS
    rank: int = 0  # place in the footer, from 1; 0 is not shown there


WHENS = {
    "always": "at any time",
    "stopped": "while the program is stopped",
    "running": "while the program runs",
    "live": "while the program is alive",
    "ended": "when the program has ended",
    "session": "when a program is debugged, not with a recording",
}

COMMANDS: tuple[Command, ...] = (
    Command("next", ("n", "f10"), "over", "Run to the next node of this flow", "Step", "stopped", 1),
    Command("step_in", ("s", "f11"), "in", "Run to the next phase, item or inner node", "Step", "stopped", 2),
    Command("step_out", ("o", "shift+f11"), "out", "Run until this flow is left", "Step", "stopped", 3),
    Command("continue", ("c", "f5"), "continue", "Run to the next breakpoint", "Step", "stopped", 4),
    Command("pause", ("p", "f6"), "pause", "Stop at the next step", "Step", "running", 1),
    Command("run_to", ("t",), "to here", "Run to the selected node", "Step", "stopped", 11),
    Command("restart", ("R",), "restart", "End the program and start it again", "Session", "session", 12),
    Command("stop", ("X",), "end", "End the program", "Session", "live"),
    Command("break", ("b", "f9"), "break", "Breakpoint on what is selected, or none", "Breakpoints", rank=5),
    Command(
        "break_lane", ("I",), "in lane", "Breakpoint on the node in focus, in this lane alone", "Breakpoints"
    ),
    Command("breakpoints", ("B",), "breakpoints", "All breakpoints", "Breakpoints"),
    Command("rewind", ("r",), "rewind", "Back to the begin of what is shown; first the plan", "Change"),
    Command("intervene", ("i",), "intervene", "Answer, skip, raise, reroute…", "Change", "stopped", 10),
    Command("retry", ("y",), "retry", "This step again, with the present code", "Change", "stopped"),
    Command("set", ("equals_sign",), "set", "Set the value under the cursor", "Change", "stopped"),
    Command("edit", ("e",), "edit", "Edit the source, and take it over", "Change"),
    Command("reload", ("ctrl+r",), "reload", "Take over changed source files", "Change", "stopped"),
    Command("undo", ("backspace",), "undo", "Undo the latest edit", "Change", "stopped"),
    Command("hold", ("h",), "hold", "Hold the lane under the cursor, or let it go", "Lanes", "live"),
    Command(
        "hold_all", ("comma",), "hold all", "Hold all lanes and new ones; or let all go", "Lanes", "live"
    ),
    Command("solo", ("H",), "solo", "Let only this lane go on", "Lanes", "live"),
    Command("step_await", ("full_stop",), "await", "Let the lane go on to its next await", "Lanes", "live"),
    *(
        Command(f"step_lane_{n}", (str(n),), f"lane {n}", f"Step the lane with number {n}", "Lanes", "live")
        for n in range(1, 10)
    ),
    Command("cancel", ("K",), "cancel", "Cancel a lane; gentler ways are offered first", "Lanes", "live"),
    Command("order", ("O",), "order", "Keep the order of lanes that was chosen by hand", "Lanes"),
    Command("stop_mode", ("A",), "all/one", "At a stop, halt all lanes or only that one", "Lanes", "live"),
    Command("sort", ("S",), "sort", "Sort the lanes by index, duration or state", "Lanes"),
    Command("group", ("G",), "group", "Lanes that are alike share a line, or not", "Lanes"),
    Command("zoom_in", ("plus",), "closer", "Zoom in", "Look"),
    Command("zoom_out", ("minus",), "farther", "Zoom out", "Look"),
    Command("fit", ("0",), "fit", "Show all of it", "Look"),
    Command("back", ("left_square_bracket",), "back", "One step back in the past", "Past", rank=8),
    Command("forward", ("right_square_bracket",), "forward", "One step forward", "Past", rank=9),
    Command("first", ("less_than_sign",), "first", "The first step", "Past"),
    Command("now", ("greater_than_sign", "f"), "now", "Where the program stands", "Past"),
    Command("visit_back", ("left_curly_bracket",), "visit before", "The visit of this node before", "Past"),
    Command("visit_forward", ("right_curly_bracket",), "next visit", "The next visit of this node", "Past"),
    Command("change_back", ("left_parenthesis",), "change before", "The change before, of this key", "Past"),
    Command("change_forward", ("right_parenthesis",), "next change", "The next change of this key", "Past"),
    Command("find_past", ("ctrl+f",), "find", "When a text first came into this key", "Past"),
    Command("mark", ("apostrophe",), "mark", "Mark this step, to tell differences from it", "Past"),
    Command("difference", ("D",), "diff", "What is different since the marked step", "Past"),
    Command(
        "branches", ("a",), "branches", "What was abandoned by going back, and what was done instead", "Past"
    ),
    Command("compare", ("C",), "compare", "Compare with a recording…", "Past"),
    Command(
        "evaluate", ("exclamation_mark",), "evaluate", "Evaluate an expression here", "Look", "stopped", 13
    ),
    Command("up", ("u",), "up", "To the flow around", "Look"),
    Command("down", ("d",), "down", "Back towards where the program stands", "Look"),
    Command("error", ("E",), "error", "Show the latest error", "Look"),
    Command("lints", ("L",), "warnings", "What looks wrong, by the lints", "Look"),
    Command("search", ("slash",), "search", "Search in the pane", "Look"),
    Command("pane_graph", ("g",), "graph", "The graph", "Panes"),
    Command("pane_shared", ("v",), "shared", "The shared store", "Panes"),
    Command("pane_node", ("x",), "node", "Details of the node", "Panes"),
    Command("pane_source", ("w",), "source", "Source of the phase", "Panes"),
    Command("pane_timeline", ("m",), "timeline", "Visits so far", "Panes"),
    Command("pane_lanes", ("l",), "lanes", "What runs concurrently", "Panes"),
    Command("pane_console", ("k",), "console", "The program's output", "Panes"),
    Command("maximize", ("z",), "zoom", "Give the whole screen to this pane, and back", "Panes"),
    Command("theme", ("T",), "theme", "Light or dark", "Session"),
    Command("suspend", ("ctrl+z",), "suspend", "Back to the shell; fg returns", "Session"),
    Command("help", ("question_mark", "f1"), "help", "All keys", "Session", rank=6),
    Command("palette", ("colon", "ctrl+p"), "commands", "Find a command by name", "Session"),
    Command("quit", ("q",), "quit", "End the program and leave", "Session", rank=7),
)

FOOTERS = {
    "past": ("back", "forward", "now", "rewind", "visit_back", "visit_forward", "help", "find_past"),
    "recording": ("back", "forward", "first", "rewind", "error", "help", "quit", "find_past", "compare"),
    "error": ("edit", "retry", "rewind", "intervene", "back", "continue", "help", "quit"),
}
"""What comes first in the footer where one looks into the past, at a recording, or at an error; by id."""

COMPARING: tuple[Command, ...] = (
    Command("next_difference", ("n", "right_parenthesis"), "next", "The next difference", "Compare", rank=1),
    Command("previous_difference", ("N", "left_parenthesis"), "back", "The one before", "Compare", rank=2),
    Command("full", ("enter",), "in full", "The visit in full: every line of both sides", "Compare", rank=3),
    Command("other_pane", ("tab", "shift+tab"), "details", "To the details, and back", "Compare", rank=4),
    Command("leave", ("q", "escape"), "leave", "Back, or out of the command", "Compare", rank=5),
    Command("only_differences", ("d",), "only those", "Only what differs, or all visits", "Compare", rank=6),
    Command("show", ("g",), "go there", "Show the visit in the panes", "Compare", rank=7),
    Command("search", ("slash",), "search", "Search in the visits, or in the details", "Compare", rank=8),
    Command("theme", ("T",), "theme", "Light or dark", "Compare"),
)
"""While two runs are compared, in place of all others. Each is an action of the screen; fixed."""

PANE_KEYS: tuple[tuple[str, str], ...] = (
    ("arrows, PgUp, PgDn, Home, End", "Move; at the end, timeline and console follow what comes"),
    ("Enter", "Unfold, fold, or go to what is under the cursor"),
    ("Right, Left", "Unfold and fold; in the source, scroll sideways"),
    ("Space", "Show the value under the cursor in full"),
    ("Esc", "End the highlighting of a search; leave the line of input"),
)
"""Keys that every pane has, fixed."""

_DISPLAY = {
    "exclamation_mark": "!",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "backspace": "Backspace",
    "apostrophe": "'",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "asterisk": "*",
    "plus": "+",
    "minus": "-",
    "full_stop": ".",
    "comma": ",",
    "equals_sign": "=",
}


def key_text(key: str) -> str:
    """A key as it is printed on screen: `!`, `F10`, `Shift+F11`, `n`."""
    *held, last = key.split("+")
    if last in _DISPLAY:
        last = _DISPLAY[last]
    elif len(last) > 1:
        last = last.upper() if last[0] == "f" and last[1:].isdecimal() else last.capitalize()
    elif held:
        last = last.upper()
    return "+".join([*(part.capitalize() for part in held), last])


def remapped(
    commands: Iterable[Command], keys: dict[str, str | list[str]]
) -> tuple[tuple[Command, ...], list[str]]:
    """The commands with a user's keys, and a sentence for each entry that cannot be used."""
    known = {command.id: command for command in commands}
    problems = []
    for name, given in keys.items():
        wanted = tuple(given) if isinstance(given, list) else (given,)
        if name not in known:
            problems.append(f"Keys: there is no command {name!r}.")
        elif bad := [key for key in wanted if not isinstance(key, str) or not key or key in FORBIDDEN]:
            problems.append(f"Keys: {name} cannot have {bad[0]!r}.")
        else:
            known[name] = replace(known[name], keys=wanted)
    owners: dict[str, str] = {}
    for command in list(known.values()):
        for key in command.keys:
            other = owners.setdefault(key, command.id)
            if other != command.id:
                problems.append(f"Keys: {key!r} is both {other} and {command.id}; {other} has it.")
                kept = tuple(each for each in known[command.id].keys if each != key)
                known[command.id] = replace(known[command.id], keys=kept)
    return tuple(known.values()), problems


def keys_markdown(commands: Iterable[Command] = COMMANDS) -> str:
    """The table for the docs."""
    lines = ["| key | does | when | name |", "| --- | --- | --- | --- |"]
    for command in commands:
        keys = " · ".join(f"`{key_text(key)}`" for key in command.keys)
        lines.append(f"| {keys} | {command.help} | {WHENS[command.when]} | {command.id} |")
    lines += [f"| {keys} | {does} | in a pane | |" for keys, does in PANE_KEYS]
    for command in COMPARING:
        keys = " · ".join(f"`{key_text(key)}`" for key in command.keys)
        lines.append(f"| {keys} | {command.help} | in a comparison | |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(
        "# Keys\n\nMade of the table in `flowscope/tui/commands.py`: "
        "`python -m flowscope.tui.commands > docs/keys.md`.\n\n"
        "Keys of your own stand in `keys.json` in the folder `flowscope` of your configuration folder "
        "(`~/.config` on Linux), by the names in the last column: "
        '`{"step_in": ["s", "f11"], "quit": "Q"}`. '
        "An entry that cannot be used is told at the start.\n"
    )
    print(keys_markdown(), end="")
