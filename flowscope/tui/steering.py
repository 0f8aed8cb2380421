"""Commands that change what the program does next: rewind, interventions, values, repaired code."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flowscope.model import Span
from flowscope.model.text import one_line
from flowscope.session.client import RequestError
from flowscope_engine.debug import breakpoints as specs
from flowscope_engine.debug.breakpoints import Breakpoint

from .editor import edit_file, edit_text
from .screens.ask import AskScreen
from .screens.choose import Choice, ChooseScreen
from .screens.plan import PlanScreen
from .widgets.pane import AnyPane

if TYPE_CHECKING:
    from .app import FlowScope

_VALUES = {"prep_res": "Prep result", "exec_res": "Exec result"}
"""What can be set beside `shared` and `params`, and the scope it stands in."""

INTERVENTIONS = (
    Choice("answer", "a", "answer", "give exec's result by hand; exec does not run"),
    Choice("skip", "s", "skip", "go on as if exec had returned None"),
    Choice("raise", "r", "raise", "raise an error here"),
    Choice("reroute", "o", "reroute", "leave the node by another action"),
    Choice("retry", "y", "retry", "run this again with the present state"),
    Choice("rerun", "n", "rerun", "run this again with shared as it was at its begin"),
    Choice("pin", "p", "pin", "keep this exec result at every visit, after restarts too"),
    Choice("jump", "j", "jump", "go on at the node selected in the graph"),
    Choice("set", "=", "set", "set params, the prep result or the exec result"),
)

_ASKS = {
    "answer": ("Answer", "An expression: it becomes the result of exec."),
    "raise": ("Raise", "An expression such as ValueError('no luck')."),
    "pin": ("Pin", "There is no exec result to pin yet. An expression: it is kept as the result."),
}


Give = Callable[[str], Awaitable[None]]


class Steering:
    """Part of Actions."""

    _app: FlowScope

    # Rewind

    async def do_rewind(self) -> None:
        """To the begin of what is shown, once the user has seen the plan."""
        app = self._app
        span = app.place.goal
        if span is None:
            raise ValueError("Nothing has run yet.")
        if app.debugger.session is None:
            await self._go_live(span.visit)
            return
        if app.debugger.model.ended:
            raise ValueError("The program has ended, and cannot be led back; R starts it again.")
        plan = await app.debugger.request("flowscope/plan", span=span.id)
        if await app.push_screen_wait(PlanScreen(span.place, plan)):
            await self._rewind(span)

    async def _rewind(self, span: Span) -> None:
        await self._app.debugger.request("flowscope/rewind", span=span.id)
        self._follow()

    def _follow(self) -> None:
        """Show what the program does; after a request, as one that is refused changes nothing."""
        self._app.place.follow()
        self._app.refocus()

    async def _go_live(self, visit: Span) -> None:
        """A recording: start its program, let the recording answer, and stop where the user looks."""
        app = self._app
        if visit.kind == "run":  # of a flow: breakpoints are on what it visits
            visit = next((each for each in app.debugger.model.visits if each.run is visit), visit)
        given = app.debugger.answers()
        hint = f"It runs up to {visit.name} with the recorded answers, and live from there."
        if again := given.inexact(visit.id):
            names = ", ".join(f"{label} ×{count}" if count > 1 else label for label, count in again.items())
            why = "what they get or give could not be recorded exactly"
            hint += f" These run again before that, as {why}: {one_line(names, 200)}."
        start = Choice("start", "y", "start it"), Choice("leave", "n", "leave it")
        if await app.push_screen_wait(ChooseScreen("Start the program?", start, hint)) == "start":
            until = Breakpoint("node", node=visit.label, visit=visit.number)
            await app.debugger.go_live(specs.format(until), given)
            app.place.follow()
            app.listen()

    async def do_undo(self) -> None:
        """The latest edit."""
        answer = await self._app.debugger.request("flowscope/undo")
        self._app.notify(one_line(str(answer.get("text") or "Undone."), 100), markup=False)

    # Interventions

    async def do_intervene(self) -> None:
        """Choose one of them."""
        self._check_now()
        span = self._app.place.span
        where = "" if span is None else f" at {one_line(span.place, 40)}"
        chosen = await self._app.push_screen_wait(ChooseScreen(f"Intervene{where}", INTERVENTIONS))
        if chosen == "set":
            await self._set_result()
        elif chosen == "jump":
            await self._jump()
        elif chosen == "reroute":
            await self._reroute()
        elif chosen == "pin":
            await self._pin()
        elif chosen in _ASKS:
            await self._ask(chosen)
        elif chosen is not None:
            await self._intervene(chosen)

    async def do_retry(self) -> None:
        """Again, with the present state and code."""
        self._check_now()
        await self._intervene("retry")

    def _check_now(self) -> None:
        """Raises ValueError in the past: what is chosen would be done elsewhere than where one looks."""
        if self._app.place.moment is not None:
            raise ValueError("This acts where the program stands: f leads there, r rewinds to what is shown.")

    async def _intervene(self, kind: str, **more: str) -> None:
        lane = self._app.place.lane
        answer = await self._app.debugger.request("flowscope/intervene", kind=kind, lane=lane, **more)
        self._follow()
        if answer.get("text"):
            self._app.notify(str(answer["text"]), markup=False)

    async def _ask(self, kind: str, give: Give | None = None, more: str = "") -> None:
        """`give` does something else with the expression than at a step; `more` says what."""

        async def check(line: str) -> str | None:
            try:
                await (self._intervene(kind, value=line) if give is None else give(line))
            except RequestError as error:
                return str(error)
            return None

        title, hint = _ASKS[kind]
        await self._app.push_screen_wait(AskScreen(title, f"{hint} {more}".rstrip(), check=check))

    async def _pin(self) -> None:
        """The result that exec had; where it had none, one that is asked for."""
        try:
            await self._intervene("pin")
        except RequestError as error:
            if "give one" not in str(error):
                raise
            await self._ask("pin")

    async def _jump(self) -> None:
        node = self._app.place.node
        if node is None:
            raise ValueError("Select a node in the graph first (g, then the arrow keys).")
        await self._app.debugger.request("flowscope/jump", node=node)
        self._follow()

    async def _reroute(self) -> None:
        app = self._app
        node = app.place.current_node
        graph = app.debugger.model.graphs.get(app.place.run.id) if app.place.run is not None else None
        edges = [edge for edge in graph.edges if edge.get("source") == node] if graph is not None else []
        labels = {id: str(each.get("label")) for id, each in app.debugger.model.nodes.items()}
        choices = [
            Choice(str(edge["action"]), str(at), str(edge["action"]), f"→ {labels.get(str(edge['target']))}")
            for at, edge in enumerate(edges, 1)
        ]
        action: str | None = ""
        if choices:
            other = Choice("", "0", "another", "type the action")
            action = await app.push_screen_wait(ChooseScreen("Leave by which action?", [*choices, other]))
        if action == "":
            action = await app.push_screen_wait(AskScreen("Reroute", "The action to leave the node by."))
        if action:
            await self._intervene("reroute", action=action)

    # Values

    async def do_set(self) -> None:
        """What the pane in front has under its cursor; else params or a result."""
        pane = self._app.focused
        expression = pane.expression() if isinstance(pane, AnyPane) else None
        if expression is None:
            await self._set_result()
        else:
            await self._edit(expression)

    async def _set_result(self) -> None:
        names = (
            Choice("prep_res", "p", "prep_res", "the argument of exec"),
            Choice("exec_res", "e", "exec_res", "the argument of post"),
            Choice("params", "m", "params", "of this node's copy"),
        )
        if (chosen := await self._app.push_screen_wait(ChooseScreen("Set which value?", names))) is not None:
            await self._edit(chosen)

    async def _edit(self, expression: str) -> None:
        """Ask for a new value, the present one to begin with; a long one in the editor."""
        app = self._app
        answer = await app.debugger.request("evaluate", expression=expression, context="clipboard")
        present = str(answer.get("result", ""))
        if len(present) > 200 or "\\n" in present:
            await self._edit_outside(expression, present, answer.get("type") == "str")
            return

        async def check(line: str) -> str | None:
            try:
                await self._assign(expression, line)
            except RequestError as error:
                return str(error)
            return None

        hint = "A Python expression; Backspace in the panes undoes it."
        await app.push_screen_wait(AskScreen(f"Set {expression}", hint, present, check))

    async def _edit_outside(self, expression: str, present: str, is_text: bool) -> None:
        """In the user's editor: a text as it is, anything else as Python writes it."""
        before = ast.literal_eval(present) if is_text else present
        after = edit_text(self._app, before, ".txt" if is_text else ".py")
        if after is None:
            return
        if is_text and not before.endswith("\n"):
            after = after.removesuffix("\n")  # editors end the last line
        await self._assign(expression, repr(after) if is_text else after.strip())

    async def _assign(self, expression: str, value: str) -> None:
        app = self._app
        if expression in _VALUES:
            session = app.debugger.session
            assert session is not None
            frame = (await session.stack(app.place.lane))[0]
            scopes = {scope["name"]: scope for scope in await session.scopes(frame["id"])}
            reference = scopes[_VALUES[expression]]["variablesReference"]
            await session.set_variable(reference, expression, value)
        else:
            await app.debugger.request("evaluate", expression=f"{expression} = {value}", context="repl")
        app.notify(f"{expression} = {one_line(value, 60)} from here on", markup=False)

    # Code

    async def do_edit(self) -> None:
        """The source of what is shown, in the user's editor; then take it over."""
        app = self._app
        path, line = app.place.source()
        if path is None or not Path(path).is_file():
            raise ValueError("There is no source of yours behind what is shown; [ and ] lead to other steps.")
        app.tell_saved()  # up to now: not by this editor
        edit_file(app, Path(path), line or 1)
        if app.debugger.is_stopped:
            await self.do_reload()
        else:
            app.tell_saved()

    async def do_reload(self) -> None:
        """Take changed source files over into the running program."""
        self._app.saved_sources()  # seen: there is no need to offer them again
        answer = await self._app.debugger.request("flowscope/reload")
        changed = answer.get("changed") or []
        text = str(answer.get("message") or "")
        if changed:
            text = f"Repaired: {', '.join(map(str, changed))}. y runs the failed step again. {text}"
        self._app.notify(text or "No source file has changed.", markup=False, timeout=8)
