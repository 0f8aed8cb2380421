"""What the commands do: one `do_…` method for each id of the table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from flowscope.model import Span
from flowscope.session.client import RequestError
from flowscope_engine.debug import breakpoints as specs
from flowscope_engine.debug.breakpoints import Breakpoint

from .commands import WHENS, Command
from .lanecontrol import LaneControl
from .past import Past
from .screens.ask import AskScreen
from .screens.breakpoints import BreakpointsScreen
from .screens.help import HelpScreen
from .screens.lints import LintsScreen
from .screens.palette import Palette
from .steering import Steering
from .widgets.pane import Pane

if TYPE_CHECKING:
    from .app import FlowScope

_AGAIN = 3.0  # seconds in which a second q leaves


class Actions(Past, Steering, LaneControl):
    """The commands of one app. A method may raise RequestError, LaunchError or ValueError: it is told."""

    def __init__(self, app: FlowScope) -> None:
        self._app = app
        self._asked_to_quit = 0.0
        self._expressions: list[str] = []
        self._compared = []

    def why_not(self, command: Command) -> str:
        """A sentence on why a command cannot be done now."""
        debugger = self._app.debugger
        if debugger.session is None and command.when != "always":
            return "This is a recording: it can be looked at, not run."
        if debugger.phase == "starting":
            return "The program is being started."
        if debugger.model.ended:
            return "The program has ended; R starts it again."
        if debugger.pausing:
            return "The program has not reached its next step yet; X ends it."
        then = "; p stops it at its next step" if command.when == "stopped" else ""
        return f"{command.help}: only {WHENS[command.when]}{then}."

    # Step

    async def _go(self, how: str) -> None:
        app = self._app
        app.place.follow()
        await app.debugger.go(how, app.place.lane)

    async def do_next(self) -> None:
        """Over."""
        await self._go("next")

    async def do_step_in(self) -> None:
        """Into."""
        await self._go("step_in")

    async def do_step_out(self) -> None:
        """Out of the flow."""
        await self._go("step_out")

    async def do_continue(self) -> None:
        """To the next breakpoint."""
        await self._go("continue_")

    async def do_pause(self) -> None:
        """A stop at the next step."""
        await self._app.debugger.pause(self._app.place.lane)
        self._app.sync({"time"})

    async def do_interrupt(self) -> None:
        """Ctrl+C: what it would do to a program, as far as a debugger may."""
        if self._app.debugger.is_live and not self._app.debugger.is_stopped:
            await self.do_pause()
        else:
            self._app.notify("q leaves FlowScope and ends the program.")

    async def do_run_to(self) -> None:
        """To the selected node."""
        app = self._app
        session = app.debugger.session
        node = app.place.node
        if node is None or session is None:
            raise ValueError("Select a node in the graph first (g, then the arrow keys).")
        lane = app.place.lane
        app.place.follow()
        await session.run_to(self._spec_of(node), lane)

    # Session

    async def do_restart(self) -> None:
        """From the beginning."""
        await self._app.debugger.restart()

    async def do_stop(self) -> None:
        """End the program; the screen stays."""
        if self._app.debugger.session is not None:
            self._app.notify("Ending the program…")
            await self._app.debugger.session.terminate()

    async def do_quit(self) -> None:
        """Leave; a program that is alive has to be meant."""
        now = time.monotonic()
        if self._app.debugger.is_live and now - self._asked_to_quit > _AGAIN:
            self._asked_to_quit = now
            self._app.notify("q again ends the program and leaves.", timeout=_AGAIN)
            return
        self._app.exit()

    async def do_suspend(self) -> None:
        """To the shell."""
        self._app.action_suspend_process()

    async def do_theme(self) -> None:
        """The other one."""
        self._app.swap_theme()

    async def do_help(self) -> None:
        """All keys."""
        self._app.push_screen(HelpScreen(self._app.commands))

    async def do_palette(self) -> None:
        """Commands by name."""
        self._app.push_screen(Palette(id="--command-palette"))

    # Breakpoints

    def _spec_of(self, node: str) -> str:
        label = str(self._app.debugger.model.nodes.get(node, {}).get("label", node))
        return specs.format(Breakpoint("node", node=label))

    async def do_break(self) -> None:
        """On what the pane in front is about, else on the node in focus."""
        app = self._app
        pane = app.focused
        spec = pane.break_spec() if isinstance(pane, Pane) else None
        if spec is None and app.place.node is not None:
            spec = self._spec_of(app.place.node)
        if spec is None:
            raise ValueError("There is no node yet to break on; --break NODE does it before the start.")
        await self._toggle(spec)

    async def do_break_lane(self) -> None:
        """On the node in focus, in one lane alone."""
        app = self._app
        if app.place.node is None:
            raise ValueError("There is no node yet to break on.")
        lane = app.debugger.model.lanes.get(self._lane())
        began = None if lane is None else lane.span
        if began is None or began.kind != "item":
            raise ValueError("This lane is no item of a batch; choose one in the lanes pane (l).")
        bp = specs.parse(self._spec_of(app.place.node))
        items = (*began.items(), (began.label, began.item or 0))
        if items[-1][0] == bp.node:
            items, bp.item = items[:-1], items[-1][1]
        bp.inside = items
        await self._toggle(specs.format(bp))

    async def _toggle(self, spec: str) -> None:
        app = self._app
        is_set = app.debugger.breakpoints.toggle(spec)
        app.notify(f"{'Breakpoint on' if is_set else 'No breakpoint on'} {spec}", markup=False, timeout=2)
        await self._send_breakpoints()

    async def do_breakpoints(self) -> None:
        """The list of them."""

        async def done(changed: bool | None) -> None:
            if changed:
                await self._send_breakpoints()

        self._app.push_screen(BreakpointsScreen(self._app.debugger.breakpoints), done)

    async def _send_breakpoints(self) -> None:
        app = self._app
        app.sync({"breakpoints"})
        if app.debugger.is_live:
            enabled = app.debugger.breakpoints.enabled()
            for spec, answer in zip(enabled, await app.debugger.send_breakpoints(), strict=False):
                if not answer.get("verified"):
                    app.notify(f"{spec}: {answer.get('message')}", severity="warning", markup=False)

    # Look

    async def do_evaluate(self) -> None:
        """An expression where the program stands."""
        app = self._app
        said: list[str] = []

        async def evaluate(line: str) -> str | None:
            if not line:
                return None
            try:
                answer = await app.debugger.request("evaluate", expression=line, context="repl")
            except RequestError as error:
                answer = {"result": str(error)}
            said.append(f">>> {line}\n{answer.get('result', '')}")
            return "\n".join(said[-4:])

        names = "shared, params, prep_res, exec_res, item, attempt, action, node can be used, and set"
        app.push_screen(AskScreen("Evaluate", names, check=evaluate, history=self._expressions))

    async def do_up(self) -> None:
        """The visit around the one that is shown."""
        visit = self._app.place.visit
        if visit is None or visit.parent is None:
            raise ValueError("This is the outermost flow.")
        self._show(visit.parent.visit)

    async def do_down(self) -> None:
        """Back one towards where the program stands."""
        place = self._app.place
        shown, place.pinned = place.visit, None
        inner = place.span
        path = inner.path() if inner is not None else []
        visits = [span for span in path if span.kind in ("run", "visit")]
        if shown in visits and visits.index(shown) > 1:
            self._show(visits[visits.index(shown) - 1])
        else:
            place.follow()
            self._app.refocus()

    def _show(self, span: Span) -> None:
        self._app.place.selected = None
        self._app.place.pinned = span
        self._app.refocus()

    async def do_error(self) -> None:
        """The latest error, where it came from."""
        model = self._app.debugger.model
        failed = [visit for visit in reversed(model.visits) if visit.status == "failed"]
        stop = self._app.place.stop
        span = model.spans.get(stop.span or 0) if stop is not None else None
        if span is not None and span.error is not None:
            self._show(span.origin())
        elif failed:
            self._app.place.show(failed[0].origin())
            self._app.refocus()
        else:
            raise ValueError("Nothing has failed so far.")
        self._app.show_pane("node")

    async def do_lints(self) -> None:
        """What looks wrong, and then where."""
        app = self._app
        debugger = app.debugger
        lint = await app.push_screen_wait(LintsScreen(debugger.model.lints, debugger.switch_lint))
        spans = [] if lint is None else [app.place.model.spans[id] for id in lint.spans]
        if spans:
            app.place.show(spans[0])
            app.place.lane = spans[0].lane
            app.show_pane("node")
        app.refocus()  # some may be switched off

    async def do_search(self) -> None:
        """In the pane that has the keys."""
        pane = self._app.focused
        if not (isinstance(pane, Pane) and pane.search()):
            raise ValueError("There is nothing to search in this pane.")

    # Panes

    async def do_pane_graph(self) -> None:
        """The graph."""
        self._app.show_pane("graph")

    async def do_pane_shared(self) -> None:
        """The shared store."""
        self._app.show_pane("shared")

    async def do_pane_node(self) -> None:
        """The node."""
        self._app.show_pane("node")

    async def do_pane_source(self) -> None:
        """The source."""
        self._app.show_pane("source")

    async def do_pane_timeline(self) -> None:
        """The visits."""
        self._app.show_pane("timeline")

    async def do_pane_lanes(self) -> None:
        """The lanes."""
        self._app.show_pane("lanes")

    async def do_pane_console(self) -> None:
        """The output."""
        self._app.show_pane("console")

    async def do_maximize(self) -> None:
        """This pane alone, and back."""
        self._app.toggle_zoom()
