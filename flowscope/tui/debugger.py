"""One program on screen: its session, the model of what it did, its breakpoints, and what can be asked of it.

It knows no Textual: the app calls it, and takes what has changed when it is time to paint.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowscope import lint_choice
from flowscope.mishaps import Mishaps
from flowscope.model import Model
from flowscope.recording import RecordingError, Writer
from flowscope.session.client import Message, RequestError
from flowscope.session.launch import LaunchError, LaunchSpec, check_target
from flowscope.session.session import Session

from .breakpoints import Breakpoints

if TYPE_CHECKING:
    from flowscope.recording.answers import Answers

Event = dict[str, Any]

_SETTLE = 0.25  # seconds in which a step mostly comes to its stop: further keys wait for it
_CHUNK = 500  # events applied before keys get their turn


class Debugger:
    """A live program, or a recording of one (`session` is None).

    Requests that the program refuses raise RequestError.
    """

    def __init__(
        self,
        session: Session | None,
        breakpoints: Breakpoints,
        record: Path | None = None,
        no_lints: Collection[str] = (),
        recording: Path | None = None,
    ) -> None:
        self.session = session
        self.breakpoints = breakpoints
        self.model = Model(no_lints)
        self.pausing = False
        """A stop has been asked for, and no step has been reached since."""
        self.restarting = False
        """The program is being ended, to be started again."""
        self.all_stop = True
        """At a stop every lane halts, not only the one that reached it."""
        self.generation = 0
        """Grows with each start: there is a new model then."""
        self.stepping = False
        """A step has begun just now: keys that step wait for its stop."""
        self.said: list[tuple[str, str]] = []
        """Level and text of what the user is to be told, oldest first; the app takes them away."""
        self.on_event: Callable[[str], None] = lambda kind: None
        """Called with the type of each event once it is folded."""
        self._turn = asyncio.Lock()  # of steps, so that a held key makes one after another
        self._settled = asyncio.Event()
        self.recording = recording
        """The recording that is shown, or was before the program was started."""
        self._record = record
        self._mishaps = Mishaps(lambda text: self.say("error", text))
        self._no_lints = no_lints
        self._writer: Writer | None = None

    @classmethod
    def of(
        cls,
        spec: LaunchSpec,
        breaks: Sequence[str] = (),
        stop_on_entry: bool = True,
        record: Path | None = None,
        no_lints: Collection[str] = (),
    ) -> Debugger:
        """A debugger for a program that is yet to be started."""
        breakpoints = Breakpoints(spec.script, breaks)
        session = Session(spec, breakpoints=breakpoints.enabled(), stop_on_entry=stop_on_entry)
        return cls(session, breakpoints, record, no_lints)

    async def start(self) -> None:
        """Start the program. Raises LaunchError, RecordingError."""
        if self.session is not None:
            self._begin_recording()
            await self.session.start()

    def _begin_recording(self) -> None:
        """Each start has a recording of its own."""
        if self._record is None or self.session is None:
            return
        if self._writer is not None:
            self._writer.close()
        self._writer = Writer(self._record, self.session.spec.header())
        if self._writer.note:
            self.say("info", self._writer.note)

    def answers(self) -> Answers:
        """What the recording can answer when its program is started. Raises RecordingError, ValueError."""
        if self.recording is None or self.model.header is None or not self.model.header.script:
            raise ValueError("The recording does not say which program it is of.")
        from flowscope.recording.answers import read_answers  # needed once in a while

        return read_answers(self.recording)

    async def go_live(self, run_to: str, given: Answers) -> None:
        """From a recording to its program: it runs up to a break spec, answered by the recording.

        Raises LaunchError, RecordingError.
        """
        header = self.model.header
        assert header is not None and header.script is not None
        script, module = (None, header.script) if header.module else (header.script, None)
        spec = LaunchSpec(script, module, args=header.argv, cwd=header.cwd, answers=given.encoded())
        check_target(spec)
        self.breakpoints = Breakpoints(spec.script)
        self.session = Session(
            spec, breakpoints=self.breakpoints.enabled(), stop_on_entry=False, run_to=run_to
        )
        self.model, self.generation = Model(self._no_lints), self.generation + 1
        await self.session.start()

    async def pump(self, recorded: Iterable[Event] = ()) -> None:
        """Fold all events as they come, those of the session or those of a recording."""
        if self.session is not None:
            async for event in self.session.events():
                self._fold(event)
        else:
            await self._read(recorded)

    async def _read(self, recorded: Iterable[Event]) -> None:
        try:
            for count, event in enumerate(recorded):
                self._fold(event)
                if count % _CHUNK == 0:
                    await asyncio.sleep(0)
        except RecordingError as error:
            self.say("error", str(error))
        with self._mishaps:
            self.model.cut()

    def _fold(self, event: Event) -> None:
        is_again = self.model.header is not None or self.model.ended
        if event.get("type") == "header" and is_again and self.session is not None:
            self.model, self.generation = Model(self._no_lints), self.generation + 1
            self.restarting = False
            self._record_again()
        self._keep(event)
        if self.restarting and event["type"] != "exit":
            return  # nobody waits for the rest of what is over
        is_known = True
        with self._mishaps:
            is_known = self.model.apply(event)
        if is_known:
            self._folded(event)

    def _folded(self, event: Event) -> None:
        if event["type"] in ("stopped", "exit"):
            self.pausing = False
            self._settled.set()
        if event["type"] == "notice" and event.get("span") is None:  # else it stands in the console
            self.say(event.get("level", "info"), event["text"])
        self.on_event(event["type"])

    def _keep(self, event: Event) -> None:
        if self._writer is not None:
            try:
                self._writer.write(event)
            except RecordingError as error:
                self._writer = None
                self.say("error", str(error))

    def _record_again(self) -> None:
        try:
            self._begin_recording()
        except RecordingError as error:
            self._writer = None
            self.say("error", str(error))

    def say(self, level: str, text: str) -> None:
        """Tell the user; level is information, warning or error."""
        self.said.append(("information" if level == "info" else level, text))

    def switch_lint(self, rule: str) -> None:
        """This rule is not wanted, or it is wanted again, now and in later sessions."""
        self.model.lints.switch(rule)
        self._no_lints = frozenset(self.model.lints.off)
        is_off = rule in self._no_lints
        try:
            lint_choice.switch(rule, is_off)
        except OSError as error:
            state = "off" if is_off else "on"
            self.say("warning", f"{rule} is {state} in this session only: {error.strerror or error}.")

    @property
    def is_live(self) -> bool:
        """Is there a program that has not ended?"""
        if self.session is None or self.restarting:
            return False
        return self.session.running and not self.model.ended

    @property
    def is_stopped(self) -> bool:
        """Does the debugger hold a lane?"""
        return self.is_live and bool(self.model.stopped)

    @property
    def phase(self) -> str:
        """Where the program is in its life: starting, running, pausing, stopped, input, ended, recording."""
        model = self.model
        if self.session is None:
            return "recording"
        if self.restarting or (model.header is None and not model.ended):
            return "starting"
        if model.ended:
            return "ended"
        if model.stopped:
            return "stopped"
        if self.pausing:
            return "pausing"
        return "input" if model.input is not None else "running"

    # Commands

    async def go(self, how: str, lane: int) -> None:
        """Let the program go on: continue_, next, step_in, step_out.

        Returns at its next stop, if that is near. A step that was asked for while the program ran on is none.
        """
        async with self._turn:
            if self.session is None or not self.is_stopped:
                return
            self.stepping = True
            self._settled.clear()
            try:
                await getattr(self.session, how)(lane)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._settled.wait(), _SETTLE)
            finally:
                self.stepping = False
                self.on_event("settled")

    async def pause(self, lane: int) -> None:
        """Ask for a stop at the next step."""
        if self.session is not None:
            self.pausing = True
            await self.session.pause(lane)

    async def restart(self) -> None:
        """End the program and start it anew. Raises LaunchError; a script that is broken now ends nothing."""
        if self.session is None or self.restarting:
            return
        check_target(self.session.spec)
        self.restarting, self.pausing = True, False
        self.on_event("settled")
        try:
            await self.session.terminate()
            await self.send_breakpoints()  # some may have been set since the program ended
            await self.session.start()
        finally:
            self.restarting = False
            self.on_event("settled")
        if not self.all_stop:
            await self.set_all_stop(False)

    async def send_breakpoints(self) -> list[Message]:
        """Give the program the breakpoints that are on; the answers to each."""
        if self.session is None:
            return []
        return await self.session.set_breakpoints(self.breakpoints.enabled())

    async def set_all_stop(self, all_stop: bool) -> None:
        """What halts at a stop. Raises RequestError."""
        await self.request("flowscope/stopMode", allStop=all_stop)
        self.all_stop = all_stop

    async def request(self, command: str, **arguments: Any) -> Message:
        """Any request of the adapter. Raises RequestError."""
        if self.session is None:
            raise RequestError("A recording can be looked at, not changed; start the program for that.")
        if self.model.ended or self.restarting:
            raise RequestError("The program has ended; R starts it again.")
        return await self.session.request(command, **arguments)

    async def close(self) -> None:
        """End the program, whatever state it is in."""
        if self.session is not None:
            with contextlib.suppress(RequestError, LaunchError):
                await self.session.close()
        if self._writer is not None:
            self._writer.close()
