"""The debugger's screen: panes around one program, kept up to date, and keys that end in commands."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.driver import Driver
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from flowscope.recording import RecordingError
from flowscope.session.client import RequestError
from flowscope.session.launch import LaunchError

from .actions import Actions
from .base import Base
from .commands import COMMANDS, FOOTERS, Command, key_text
from .debugger import Debugger, Event
from .focus import Focus
from .notices import forget_answers
from .panes import PANES
from .screens.value import ValueScreen
from .sources import Sources
from .status import status
from .whole import whole_of
from .widgets.bars import KeyBar, StatusBar, TabStrip
from .widgets.console import ConsolePane
from .widgets.graph import GraphPane
from .widgets.lanes import LanesPane
from .widgets.pane import AnyPane
from .widgets.rows import Rows

_FRAME = 1 / 30  # seconds between two paintings, at least
_TICK = 0.25  # seconds between two paintings of running times
_SECOND = 1.0  # between two looks at the source files
_AT_ONCE = ("stopped", "exit", "input")  # events that somebody waits for


class FlowScope(Base):
    """Shows a Debugger. `recorded` are the events of a recording, where no program is debugged."""

    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "f2"  # ours has keys of its own in the table
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(",".join(each.keys), f"command('{each.id}')", each.label, id=each.id, show=False)
            for each in COMMANDS
        ),
        Binding("ctrl+c", "command('interrupt')", show=False, priority=True),
    ]

    def __init__(
        self,
        debugger: Debugger,
        recorded: Iterable[Event] = (),
        commands: tuple[Command, ...] = COMMANDS,
        problems: Iterable[str] = (),
        driver: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver)
        self.debugger = debugger
        self.commands = commands
        self.place = Focus(debugger.model, debugger.breakpoints)
        self.shown = {"graph": "graph", "detail": "shared", "activity": "timeline"}
        """By place on the screen: the pane that is shown there."""
        self._actions = Actions(self)
        self._recorded = recorded
        self._problems = list(problems)
        self._generation = debugger.generation
        self._has_asked = False  # has the program asked for input?
        self._first = "graph"  # the place that gets the keys once there are panes
        self._frame: Timer | None = None
        self._zoomed: str | None = None
        self._sources = Sources()

    # Building

    def compose(self) -> ComposeResult:
        """The frame; the panes follow once it is painted, and says where the program stands."""
        yield StatusBar(id="status")
        with Vertical(id="body"):
            with Horizontal(id="top"):
                yield Container(id="graph-box", classes="box")
                with Vertical(id="detail-box", classes="box"):
                    yield TabStrip(_tabs("detail"))
            with Vertical(id="activity-box", classes="box"):
                yield TabStrip(_tabs("activity"))
        yield KeyBar(id="keys")

    def _made(self, place: str) -> list[AnyPane]:
        return [spec.make() for spec in PANES if spec.place == place]

    def on_mount(self) -> None:
        """Theme, keys and the stream of events."""
        self.dress()
        if self.commands is not COMMANDS:
            self.set_keymap({command.id: ",".join(command.keys) for command in self.commands})
        self.listen()
        self.call_after_refresh(self._mount_panes)
        self.set_interval(_TICK, self._tick)
        self.set_interval(_SECOND, self._tick_slowly)
        for problem in self._problems:
            self.notify(problem, severity="warning", markup=False)
        if self.debugger.breakpoints.notice:
            self.notify(self.debugger.breakpoints.notice, severity="warning", markup=False)

    async def _mount_panes(self) -> None:
        for place in self.shown:
            await self.query_one(f"#{place}-box").mount(*self._made(place))
        for place, name in self.shown.items():
            self.show_pane(name, focus=place == self._first)
        self.sync({"all"})

    # Keeping up

    def listen(self) -> None:
        """Take the debugger's events from now on."""
        self.run_worker(self._pump(), name="events", exit_on_error=True)

    async def _pump(self) -> None:
        self.debugger.on_event = self._noticed
        await self.debugger.pump(self._recorded)
        self._schedule(0)

    def _noticed(self, kind: str) -> None:
        """Paint soon: at once for what somebody waits for, else with the next frame."""
        if kind == "settled":
            self.call_next(self.sync, {"time"})
        elif kind in _AT_ONCE:
            self._schedule(0)
        elif self._frame is None:
            self._schedule(_FRAME)

    def _schedule(self, seconds: float) -> None:
        if self._frame is not None:
            self._frame.stop()
        self._frame = self.set_timer(seconds, self._paint) if seconds else None
        if not seconds:
            self.call_next(self._paint)

    def _paint(self) -> None:
        self._frame = None
        self.sync(set())

    def saved_sources(self) -> list[str]:
        """Source files of the program that were saved since the last look."""
        files = {str(node["file"]) for node in self.debugger.model.nodes.values() if node.get("phases")}
        return self._sources.saved(files)

    def _tick_slowly(self) -> None:
        if self.debugger.phase == "input":  # whoever thinks about an answer is in no hurry
            self.sync({"time"})
        self.tell_saved()

    def tell_saved(self) -> None:
        """Say which source files were saved since the last look, and what can be done with them."""
        for file in self.saved_sources():
            self.notify(f"{Path(file).name} was saved: {self._what_next()}.", markup=False, timeout=8)

    def _what_next(self) -> str:
        if self.debugger.is_live:
            return "Ctrl+R takes it over, R starts again"
        if self.debugger.session is None:
            return "r starts the program with it, up to the step that is shown"
        return "R starts the program again"

    def _tick(self) -> None:
        debugger = self.debugger
        goes_on = debugger.is_stopped and not debugger.model.stands_still
        if goes_on or debugger.phase in ("running", "pausing"):
            self.sync({"time"})

    def sync(self, dirty: set[str]) -> None:
        """Show what has changed in the model, and `dirty` besides."""
        debugger = self.debugger
        if debugger.generation != self._generation:
            self._generation, self._has_asked = debugger.generation, False
            self.place = Focus(debugger.model, debugger.breakpoints)
            dirty = {"all"}
        dirty = dirty | debugger.model.take_dirty()
        if not dirty or not self.query(StatusBar):  # the screen is being left
            return
        if "stopped" in dirty:
            self._attend()
        if debugger.model.input is not None and not self._has_asked:
            self._has_asked = True  # later on, whoever wants another pane here keeps it
            self.show_pane("console", focus=False)
        if "exit" in dirty or "all" in dirty:
            self.refresh_bindings()
            self._attend_end()
        self.query_one(StatusBar).show(status(debugger, self.place))
        self.query_one("#top").set_class(self.place.moment is not None, "-past")
        self._show_keys()
        for pane in self.panes():
            if pane.display:
                pane.sync(self.place, dirty)
        self._show_notes()
        while debugger.said:
            level, text = debugger.said.pop(0)
            self.notify(text, severity=level, markup=False, timeout=8)  # type: ignore[arg-type]

    def _attend(self) -> None:
        """A lane has stopped: it is in focus now, unless the one that was is stopped as well."""
        model, place = self.debugger.model, self.place
        if model.stopped and place.lane not in model.stopped:
            place.lane = next(reversed(model.stopped))
        if model.stopped and place.moment is None:
            place.pinned = None
            if place.stop is not None and place.stop.reason == "exception":
                self.show_pane("node", focus=False)

    def _attend_end(self) -> None:
        """The program has ended badly, or without a flow, by itself: its last words say why."""
        model = self.debugger.model
        if model.exit is None or self.debugger.restarting:
            return
        if (model.exit.code or not model.runs) and len(model.outputs):
            self.show_pane("console", focus=False)

    def refocus(self) -> None:
        """The focus was moved: every pane shows the new place."""
        self.sync({"focus"})

    def panes(self) -> list[AnyPane]:
        """All panes that are mounted."""
        return list(self.query(AnyPane))

    # Panes

    def show_pane(self, name: str, focus: bool = True) -> None:
        """Bring a pane to the front of its place, and give it the keys."""
        spec = next((spec for spec in PANES if spec.name == name), None)
        if spec is None:
            return
        around = self.focused.ancestors_with_self if self.focused is not None else []
        focus = focus or any(each.id == self.shown[spec.place] for each in around)  # it is to be hidden
        self.shown[spec.place] = name
        pane = next((pane for pane in self.panes() if pane.id == name), None)
        if pane is None:  # it is about to be mounted, and shown then
            self._first = spec.place if focus else self._first
            return
        for other in PANES:
            if other.place == spec.place:
                for widget in self.query(f"#{other.name}").results(Widget):
                    widget.display = other.name == name
        if focus and self._zoomed is not None:
            self._zoom(spec.place)
        pane.sync(self.place, {"all"})
        if focus:
            pane.screen.set_focus(pane.for_keys())  # at once, not after what is queued
        self._show_notes()

    def _show_notes(self) -> None:
        notes = {"console": "●" if self.debugger.model.input is not None else ""}
        if self.place.moment is not None:  # the panes below go on showing all of it
            notes[self.shown["detail"]] = "◀ past"
        for strip in self.query(TabStrip):
            strip.set_shown(self.shown.values(), notes)

    def _show_keys(self) -> None:
        ids = FOOTERS.get(self._situation(), ())
        first = sorted(
            (each for each in self.commands if each.id in ids), key=lambda each: ids.index(each.id)
        )
        ranked = sorted((each for each in self.commands if each.rank), key=lambda each: each.rank)
        keys = dict.fromkeys([*first, *ranked])
        self.query_one(KeyBar).set_commands(command for command in keys if self.can(command))

    def _situation(self) -> str:
        """Which footer helps."""
        if self.place.moment is not None:
            return "past"
        if self.debugger.session is None:
            return "recording"
        stop = self.place.stop
        return "error" if stop is not None and stop.reason == "exception" else ""

    def toggle_zoom(self) -> None:
        """Give the whole screen to the pane that has the keys, or back."""
        if self._zoomed is not None:
            self._zoom(None)
            return
        for widget in self.focused.ancestors_with_self if self.focused is not None else ():
            if isinstance(widget, Widget) and (widget.id or "").endswith("-box"):
                self._zoom((widget.id or "").removesuffix("-box"))

    def _zoom(self, place: str | None) -> None:
        self._zoomed = place
        body = self.query_one("#body")
        for each in self.shown:
            body.set_class(each == place, f"-only-{each}")

    @on(TabStrip.Chosen)
    def tab_chosen(self, event: TabStrip.Chosen) -> None:
        """A tab was clicked."""
        self.show_pane(event.pane)

    @on(Rows.Peeked)
    def value_peeked(self, event: Rows.Peeked) -> None:
        """A value is wanted in full."""
        fetch = whole_of(self.debugger, self.place, event.place)
        self.push_screen(ValueScreen(event.title, event.value, fetch))

    @on(Rows.Chosen)
    def visit_chosen(self, event: Rows.Chosen) -> None:
        """The panes show that visit, until the program goes on or is followed again."""
        self.place.show(event.visit)
        self.refocus()

    @on(GraphPane.Chosen)
    def node_chosen(self, event: GraphPane.Chosen) -> None:
        """The panes show this node; without one, again what the program does."""
        if event.node is None:
            self.place.follow()
        else:
            self.place.selected = event.node
        self.refocus()

    @on(LanesPane.Chosen)
    def lane_chosen(self, event: LanesPane.Chosen) -> None:
        """The panes show what this lane does or did; without one, again what the program does."""
        if event.span is None:
            self.place.follow()
        else:
            self.place.show(event.span)
            self.place.lane = event.span.lane
            if self._zoomed is None:
                self.show_pane("node", focus=False)
        self.refocus()

    @on(ConsolePane.Typed)
    async def input_typed(self, event: ConsolePane.Typed) -> None:
        """A line for the program."""
        if self.debugger.session is not None:
            try:
                await self.debugger.session.send_input(event.text)
            except OSError as error:
                self.notify(f"The program did not get the line: {error}.", severity="error", markup=False)

    # Commands

    def can(self, command: Command) -> bool:
        """Does this command make sense now?"""
        debugger = self.debugger
        return {
            "always": True,
            "stopped": debugger.is_stopped or (debugger.stepping and command.group == "Step"),
            "running": debugger.is_live and not debugger.is_stopped,
            "live": debugger.is_live,
            "ended": debugger.model.ended,
            "session": debugger.session is not None,
        }[command.when]

    async def action_command(self, name: str) -> None:
        """Do what a key or the palette asks for; a refusal is told in a sentence."""
        forget_answers(self)
        command = next((command for command in self.commands if command.id == name), None)
        if command is not None and not self.can(command):
            self.notify(self._actions.why_not(command), markup=False)
            return
        work = self._attempt(getattr(self._actions, f"do_{name}")())
        if command is not None and command.group == "Panes":
            await work  # the next key is for the pane that this one brings to the front
        else:
            self.run_worker(work, name=name)

    async def _attempt(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except ValueError as error:  # there is nothing to be done, and why
            self.notify(str(error), markup=False)
        except (RequestError, LaunchError, RecordingError) as error:
            self.notify(str(error), severity="error", markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: the table of commands, those that make sense now."""
        for command in self.commands:
            if self.can(command) and command.id != "palette":
                work = lambda name=command.id: self.action_command(name)  # noqa: E731
                keys = " · ".join(map(key_text, command.keys))
                title = f"{command.label}: {command.help}"  # which is what is searched
                yield SystemCommand(title, keys or command.group, work)

    async def on_unmount(self) -> None:
        """The screen is gone: so is the program."""
        await self.debugger.close()


def _tabs(place: str) -> list[tuple[str, str, str]]:
    return [(spec.name, spec.key, spec.title) for spec in PANES if spec.place == place]
