"""Commands on lanes: hold, solo, step, cancel, and whether a stop halts all of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flowscope.model.lane_rows import label, lane_name
from flowscope.model.text import one_line
from flowscope.session.launch import LaunchError

from .screens.ask import AskScreen
from .screens.choose import Choice, ChooseScreen
from .steering import Give
from .widgets.lanes import LanesPane
from .widgets.pane import AnyPane

if TYPE_CHECKING:
    from .app import FlowScope

_CANCEL = (
    Choice("raise", "r", "raise", "raise an error in its node instead: retries and fallback apply"),
    Choice("answer", "a", "answer", "give exec's result by hand instead; the others go on"),
    Choice("cancel", "c", "cancel", "CancelledError at its await; the flow fails with it"),
)
_WARNING = (
    "Cancelling one child of a gather takes the gather down: the flow fails, and the other lanes are left "
    "running. Raise and answer stay inside the node."
)
_AT_AWAIT = "It ends the await that this lane is at; to its own code that looks like a cancellation."
_TAKEN_BACK = ", when the program goes on; Backspace takes it back."
_NO_UNDO = ". Backspace cannot take that back: from a stop, r leads to a step before it."
_NOT_LANES = (
    "What is no lane comes when it comes: tasks that a node starts itself, threads, answers from outside."
)
_MOST_AT_ONCE = 1_000
_MOST_STEPS = 30  # of an order that are shown


class LaneControl:
    """Part of Actions."""

    _app: FlowScope

    async def _ask(self, kind: str, give: Give | None = None, more: str = "") -> None:
        raise NotImplementedError

    def _lanes(self) -> list[int]:
        """The lanes under the cursor of the pane in front, else the one in focus."""
        app = self._app
        lanes = app.focused.lanes() if isinstance(app.focused, AnyPane) else None
        if lanes == []:
            raise ValueError("There is no lane on this line that lives: move to one with the arrow keys.")
        return lanes or [app.place.lane]

    def _lane(self) -> int:
        lanes = self._lanes()
        if len(lanes) > 1:
            raise ValueError("These are several lanes: move to one of them; Space folds and unfolds.")
        return lanes[0]

    async def do_hold(self) -> None:
        """Hold what goes on; where all of it is held, release it."""
        app, lanes = self._app, self._lanes()
        if len(lanes) > _MOST_AT_ONCE:
            raise ValueError(f"These are {len(lanes):,} lanes: , holds all lanes, Space unfolds these.")
        known = app.debugger.model.lanes
        going = [lane for lane in lanes if lane not in known or known[lane].told != "held"]
        for lane in going or lanes:
            await app.debugger.request("flowscope/hold" if going else "flowscope/release", lane=lane)

    async def do_hold_all(self) -> None:
        """Hold all, and those yet to begin; or release all, also from an order that they follow."""
        app = self._app
        hand = app.debugger.model.by_hand
        if hand.holds_new or hand.following is not None:
            await app.debugger.request("flowscope/release")
            app.notify("All lanes go on.")
        else:
            await app.debugger.request("flowscope/hold")
            app.notify("All lanes are held, and new ones: . and 1 to 9 let one go to its next await.")

    async def do_solo(self) -> None:
        """Only this lane goes on."""
        await self._app.debugger.request("flowscope/solo", lane=self._lane())

    async def do_step_await(self) -> None:
        """Until the lane awaits again."""
        lane = self._lane()
        self._app.place.lane = lane
        await self._app.debugger.request("flowscope/stepAwait", lane=lane)

    async def do_stop_mode(self) -> None:
        """All lanes halt at a stop, or only the one that reached it."""
        debugger = self._app.debugger
        await debugger.set_all_stop(not debugger.all_stop)
        self._app.notify(
            "All-stop: at a stop, every lane halts."
            if debugger.all_stop
            else "Non-stop: at a stop, only that lane halts; the others go on."
        )
        self._app.sync({"stopped"})

    async def do_order(self) -> None:
        """The order in which lanes were let go by hand, kept in a file for --schedule."""
        app = self._app
        from flowscope.explore import read_schedule, write_schedule  # needed once in a while
        from flowscope_engine.debug.order import awaits_in, chosen_in

        hand = app.debugger.model.by_hand
        if app.debugger.is_live:
            told = await app.debugger.request("flowscope/schedule")
            steps, whole, doubts = told["steps"], told["whole"], told["doubts"]
        elif hand.schedule is not None:
            steps, whole, doubts = hand.schedule.steps, hand.schedule.whole, hand.schedule.doubts
        else:
            steps, whole, doubts = [], True, []
        chosen = chosen_in(steps) if whole else steps
        if not chosen:
            raise ValueError(
                "No order was chosen yet: hold all lanes (,), then let each go to its await (.)."
            )
        notes = [*doubts, *hand.doubts]

        async def save(line: str) -> str | None:
            if not line:
                return "Name a file."
            path = Path(line).expanduser()
            try:
                if path.exists():
                    read_schedule(path)
                write_schedule(path, steps, "free", whole, notes)
            except LaunchError:
                return f"{line} is there, and no schedule: choose another name."
            except OSError as error:
                return f"{line} cannot be written: {error.strerror or error}."
            app.notify(f"Kept in {line}: --schedule {line} goes the same way.", markup=False)
            return None

        shown = " → ".join(map(self._step_name, chosen[-_MOST_STEPS:]))
        more = f"… {len(chosen) - _MOST_STEPS} before, then " if len(chosen) > _MOST_STEPS else ""
        if whole and (rest := awaits_in(steps) - len(chosen)):
            awaits = f"{rest:,} await{'s' if rest > 1 else ''}"
            shown += f"\nWhat lanes did by themselves before and in between is kept too: {awaits}."
        hint = "\n".join([more + shown, *notes, _NOT_LANES])
        await app.push_screen_wait(AskScreen("Keep the order of lanes in a file", hint, check=save))

    def _step_name(self, step: str) -> str:
        """A step of an order, called as its lane is in the pane."""
        model = self._app.debugger.model
        root = model.by_hand.roots.get(step)
        return step.rpartition("/")[2] if root is None else lane_name(root, model.lanes.get(root))

    async def do_cancel(self) -> None:
        """Cancel a lane, once the gentler ways have been offered."""
        app, lane = self._app, self._lane()
        known = app.debugger.model.lanes.get(lane)
        name = "this lane" if known is None or known.member is None else one_line(label(known.member), 40)
        chosen = await app.push_screen_wait(ChooseScreen(f"Cancel {name}?", _CANCEL, _WARNING))
        if chosen == "cancel":
            told = await app.debugger.request("flowscope/cancel", lane=lane)
            if told.get("pending"):
                app.notify(f"{name} is cancelled when the program goes on; Backspace takes it back.")
        elif chosen is not None and lane in app.debugger.model.stopped:
            app.place.lane = lane
            await self._ask(chosen)
        elif chosen is not None:
            await self._ask(chosen, partial(self._leave_await, lane, chosen), _AT_AWAIT)

    async def _leave_await(self, lane: int, kind: str, value: str) -> None:
        told = await self._app.debugger.request("flowscope/leaveAwait", lane=lane, kind=kind, value=value)
        undo = _TAKEN_BACK if told.get("pending") else _NO_UNDO
        self._app.notify(f"{told.get('text', kind)}{undo}", markup=False)

    async def _step(self, number: int) -> None:
        """Step the lane that bears this number in the lanes pane."""
        app = self._app
        lane = next((lane for pane in app.panes() for lane in [pane.numbered(number)] if lane), None)
        if lane is None:
            raise ValueError(f"No lane bears the number {number} now.")
        model = app.debugger.model
        known = model.lanes.get(lane)
        if known is not None and known.status:
            raise ValueError(f"{lane_name(lane, known)}, number {number}, has ended.")
        app.place.follow()
        app.place.lane = lane
        if model.stands_still or lane in model.stopped:
            await app.debugger.go("step_in", lane)
        elif model.by_hand.holds_new or (known is not None and known.told == "held"):
            await app.debugger.request("flowscope/stepAwait", lane=lane)
        else:
            await app.debugger.pause(lane)  # it goes on as it is, to its next step

    async def do_step_lane_1(self) -> None:
        """The first."""
        await self._step(1)

    async def do_step_lane_2(self) -> None:
        """The second."""
        await self._step(2)

    async def do_step_lane_3(self) -> None:
        """The third."""
        await self._step(3)

    async def do_step_lane_4(self) -> None:
        """The fourth."""
        await self._step(4)

    async def do_step_lane_5(self) -> None:
        """The fifth."""
        await self._step(5)

    async def do_step_lane_6(self) -> None:
        """The sixth."""
        await self._step(6)

    async def do_step_lane_7(self) -> None:
        """The seventh."""
        await self._step(7)

    async def do_step_lane_8(self) -> None:
        """The eighth."""
        await self._step(8)

    async def do_step_lane_9(self) -> None:
        """The ninth."""
        await self._step(9)

    # In the pane

    def _pane(self) -> LanesPane:
        self._app.show_pane("lanes")
        return self._app.query_one(LanesPane)

    async def do_sort(self) -> None:
        """The next order."""
        self._pane().next_sort()

    async def do_group(self) -> None:
        """Equal ones as one."""
        self._pane().switch_groups()

    async def do_zoom_in(self) -> None:
        """Closer."""
        self._zoom(1)

    async def do_zoom_out(self) -> None:
        """Farther."""
        self._zoom(-1)

    async def do_fit(self) -> None:
        """All of it."""
        self._zoom(0)

    def _zoom(self, by: int) -> None:
        pane = self._app.focused
        if not (isinstance(pane, AnyPane) and pane.zoom(by)):
            raise ValueError("There is nothing to zoom in this pane.")
