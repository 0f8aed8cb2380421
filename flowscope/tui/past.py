"""Commands that look at the past: step by step, visit by visit, by what changed, and side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowscope.model import Branch, Step
from flowscope.model.values import path_text

from .screens.ask import AskScreen
from .screens.choose import Choice, ChooseScreen
from .screens.difference import DifferenceScreen
from .widgets.shared import SharedPane

if TYPE_CHECKING:
    from flowscope.diff import Recorded
    from flowscope.model.sides import Side

    from .app import FlowScope
    from .debugger import Debugger


class Past:
    """Part of Actions."""

    _app: FlowScope
    _marked: int | None = None
    """The number of the step that differences are told from."""
    _compared: list[str]
    """What recordings were compared with."""

    def _go_to(self, step: Step | None, nothing: str) -> None:
        """Show a step. Raises ValueError with `nothing` where there is none."""
        if step is None:
            raise ValueError(nothing)
        self._app.place.go_to(step)
        self._app.refocus()

    def _number(self) -> int:
        """Of the step that is shown."""
        step = self._app.place.step
        if step is None:
            raise ValueError("Nothing has run yet.")
        return step.number

    async def do_back(self) -> None:
        """One step back."""
        history = self._app.debugger.model.history
        oldest = "This is the first step."
        if history.dropped:
            oldest = f"This is the oldest step that is kept; {history.dropped:,} before it were let go."
        self._go_to(history.previous(self._number()), oldest)

    async def do_forward(self) -> None:
        """One step forward, until it is now again."""
        following = self._app.debugger.model.history.next(self._number())
        last = self._app.debugger.model.history.last
        if following is None or following == last:
            await self.do_now()
        else:
            self._go_to(following, "")

    async def do_first(self) -> None:
        """The first step."""
        self._go_to(self._app.debugger.model.history.first, "Nothing has run yet.")

    async def do_now(self) -> None:
        """Where the program stands."""
        self._app.place.follow()
        self._app.refocus()

    async def do_visit_back(self) -> None:
        """The visit of this node before."""
        node = self._node()
        history = self._app.debugger.model.history
        self._go_to(history.previous_visit(self._begin(), node), "There is no earlier visit of this node.")

    async def do_visit_forward(self) -> None:
        """The next visit of this node."""
        node = self._node()
        history = self._app.debugger.model.history
        self._go_to(history.next_visit(self._number(), node), "There is no later visit of this node.")

    def _begin(self) -> int:
        """The number of the step at which the visit that is shown began: going back leaves it."""
        visit = self._app.place.visit
        step = None if visit is None else self._app.debugger.model.history.of(visit)
        return self._number() if step is None else min(step.number, self._number())

    def _node(self) -> str:
        node = self._app.place.node
        if node is None:
            raise ValueError("Nothing has run yet.")
        return node

    async def do_change_back(self) -> None:
        """Where the key under the cursor changed before."""
        run, path = self._key()
        found = self._app.debugger.model.history.previous_change(self._number(), run, path)
        self._go_to(found, f"{_named(path)} did not change before.")

    async def do_change_forward(self) -> None:
        """Where it changes next."""
        run, path = self._key()
        found = self._app.debugger.model.history.next_change(self._number(), run, path)
        self._go_to(found, f"{_named(path)} does not change after this.")

    def _key(self) -> tuple[int, tuple[Any, ...]]:
        """The run, and the key of `shared` under the cursor; all of `shared` where there is none."""
        run = self._app.place.innermost_run
        if run is None:
            raise ValueError("Nothing has run yet.")
        pane = next(iter(self._app.query(SharedPane)), None)
        return run.id, (pane.key() if pane is not None else None) or ()

    async def do_find_past(self) -> None:
        """When a text first came into the key under the cursor."""
        run, path = self._key()

        async def find(line: str) -> str | None:
            if not line:
                return None
            found, is_sure = await first_with(self._app.debugger, run, path, line)
            if found is not None:
                self._go_to(found, "")
                return None
            if not is_sure:
                return f"{line!r} is not in what is known: of longer texts, that is the beginning."
            return f"{_named(path)} never contained {line!r}."

        title = f"When did {_named(path)} first contain…"
        await self._app.push_screen_wait(AskScreen(title, "A text; capitals do not matter.", check=find))

    # Side by side; what compares is imported when it is needed, as that is once in a while

    async def do_mark(self) -> None:
        """This step is the one that differences are told from."""
        self._marked = self._number()
        self._app.notify(f"Step {self._marked} is marked: D tells what is different elsewhere.", timeout=4)

    async def do_difference(self) -> None:
        """What is different in `shared` between the marked step and this one."""
        app, history = self._app, self._app.debugger.model.history
        run = app.place.innermost_run
        here = app.place.step
        marked = history.at(self._marked) if self._marked is not None else history.of(run) if run else None
        if run is None or here is None or marked is None:
            raise ValueError("Nothing has run yet.")
        title = f"shared: step {marked.number} ({_at(marked)}) → step {here.number} ({_at(here)})"
        hint = "" if self._marked is not None else "From the begin of the run; ' marks another step."
        app.push_screen(DifferenceScreen(title, history.compare(marked, here, run.id), hint))

    async def do_branches(self) -> None:
        """What was abandoned by going back, compared with what was done instead."""
        from flowscope.model.sides import of_branch

        app = self._app
        branches = app.debugger.model.branches
        if not branches:
            raise ValueError("There are no branches: nothing was rewound.")
        chosen: str | None = "0"
        if len(branches) > 1:
            choices = [
                Choice(str(each.number), str(at + 1), _title(each)) for at, each in enumerate(branches[-9:])
            ]
            hint = "Enter compares it with what was done instead."
            chosen = await app.push_screen_wait(ChooseScreen("Branches", choices, hint))
        if chosen is not None:
            await self._compare(*of_branch(branches[int(chosen)], app.debugger.model))

    async def do_compare(self) -> None:
        """With a recording, from the beginning."""
        from flowscope.diff import Recorded
        from flowscope.model.sides import Side
        from flowscope.recording import RecordingError
        from flowscope.recording.format import SUFFIX

        app, found = self._app, []

        async def look(line: str) -> str | None:
            path = Path(line).expanduser()
            try:
                found.append(Recorded(path, path.name))
            except RecordingError as error:
                return str(error)
            return None

        near = sorted(path.name for path in Path().glob("*" + SUFFIX))
        hint = f"In this folder: {', '.join(near[:6])}{'…' if len(near) > 6 else ''}" if near else ""
        ask = AskScreen("Compare with the recording", hint, check=look, history=self._compared)
        if await app.push_screen_wait(ask) is not None:
            await self._compare(Side.whole(self._name(), app.debugger.model), found[-1])

    def _name(self) -> str:
        """What to call what is on screen."""
        debugger = self._app.debugger
        if debugger.session is None:
            return "this recording" if debugger.recording is None else debugger.recording.name
        spec = debugger.session.spec
        return f"{Path(spec.script or spec.module or 'the program').name} (now)"

    async def _compare(self, one: Side, other: Side | Recorded) -> None:
        """Side by side; what is chosen there is shown in the panes."""
        from .screens.comparison import ComparisonScreen

        model = self._app.debugger.model
        span = await self._app.push_screen_wait(ComparisonScreen(one, other, model))
        if span is not None and model is self._app.debugger.model:
            self._go_to(model.history.of(span, "end") or model.history.of(span), "Its steps were let go.")


async def first_with(
    debugger: Debugger, run: int, path: tuple[Any, ...], text: str
) -> tuple[Step | None, bool]:
    """The first step before which what is at this path contained a text; and is that sure?"""
    from .whole import holds

    is_all_known = True
    for step, is_sure in debugger.model.history.search(run, path, text):
        there = is_sure or await holds(debugger, step, run, path, text)
        if there:
            return step, is_all_known
        is_all_known = is_all_known and there is not None
    return None, is_all_known


def _named(path: tuple[Any, ...]) -> str:
    return path_text(path) if path else "shared"


def _at(step: Step) -> str:
    return f"{step.at} of {step.span.place}"


def _title(branch: Branch) -> str:
    names = [visit.name for visit in branch.visits]
    more = f" … {len(names) - 4} more" if len(names) > 4 else ""
    return f"{' → '.join(names[:4])}{more}, left for another try of {branch.to.name}"
