"""Before a rewind: what runs again, what is restored, what cannot be; then the user says go."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from flowscope.model.text import counted, duration_text, one_line

_MOST = 12  # lines of one kind

Plan = dict[str, Any]
"""The answer to `flowscope/plan`."""


class PlanScreen(ModalScreen[bool]):
    """Shows a plan; the result is whether to carry it out."""

    BINDINGS = [
        Binding("enter,g", "answer(True)", "go"),
        Binding("escape,q", "answer(False)", "leave"),
    ]
    DEFAULT_CSS = """
    PlanScreen { align: center middle; }
    PlanScreen VerticalScroll {
        width: 80%; max-width: 100; height: auto; max-height: 90%;
        border: round $primary; background: $surface; padding: 0 1;
    }
    PlanScreen Static { height: auto; background: $surface; }
    """

    def __init__(self, target: str, plan: Plan) -> None:
        super().__init__()
        self._target = target
        self._plan = plan

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with VerticalScroll() as scroll:
            scroll.border_title = f"Rewind to the begin of {self._target}"
            scroll.border_subtitle = "Enter goes · Esc leaves everything as it is"
            yield Static(self._text())

    def _text(self) -> Text:
        plan, theme = self._plan, self.app.current_theme
        head = f"bold {theme.primary}"
        text = Text()
        again = plan.get("runsAgain") or []
        cost = plan.get("cost_ns") or 0
        visits = "1 visit" if len(again) == 1 else f"{len(again)} visits"
        last = f", {duration_text(cost)} last time" if cost else ""
        text.append("Runs again", head).append(f"  {visits}{last}\n")
        rows = again if len(again) <= _MOST else _by_node(again)
        for each in rows[:_MOST]:
            items = "".join(
                f", {counted(each[word], word.rstrip('s'))}" for word in ("visits", "items") if each.get(word)
            )
            text.append(f"  {one_line(str(each.get('label')), 50)}{items}")
            text.append(f"  {duration_text(each['ns'])}\n" if each.get("ns") else "\n", "dim")
        _more(text, rows)
        restored = plan.get("restored") or []
        text.append("\nRestored in shared\n" if restored else "\nNothing in shared changes back\n", head)
        for path in restored[:_MOST]:
            text.append(f"  {one_line(str(path), 80)}\n")
        _more(text, restored)
        kept = plan.get("kept") or []
        text.append("\nNot restored\n", f"bold {theme.warning or ''}")
        for sentence in kept[:_MOST]:
            text.append(f"  {one_line(str(sentence), 200)}\n")
        if not kept:
            text.append("  nothing that is known of\n")
        _more(text, kept)
        return text

    def action_answer(self, go: bool) -> None:
        """Carry it out, or not."""
        self.dismiss(go)


def _by_node(again: list[Plan]) -> list[Plan]:
    """One row for all visits of a node."""
    rows: dict[str, Plan] = {}
    for each in again:
        label = str(each.get("label"))
        name = label.rpartition("#")[0] or label
        row = rows.setdefault(name, {"label": name, "visits": 0, "items": 0, "ns": 0})
        row["visits"] += 1
        row["items"] += each.get("items") or 0
        row["ns"] += each.get("ns") or 0
    return list(rows.values())


def _more(text: Text, entries: list[Any]) -> None:
    if len(entries) > _MOST:
        text.append(f"  … {len(entries) - _MOST} more\n", "dim")
