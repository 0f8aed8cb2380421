"""The DAP adapter: answers requests, from the state that the controller and the emitter keep.

Terms: thread = lane, stack frame = phase ▸ node ▸ enclosing flows, function breakpoint = a break spec, data
breakpoint = a path below `shared`. Source: Debug Adapter Protocol, https://microsoft.github.io/debug-adapter-protocol.
"""

from __future__ import annotations

import os
import signal
import sys
import tokenize
from collections.abc import Callable
from typing import Any

from ..encode import preview
from ..reload import CannotReload
from ..spans import clock
from . import breakpoints as specs
from .breakpoint_requests import FILTERS, BreakpointRequests
from .controller import Controller
from .emitter import Emitter, describe_error
from .lane_requests import AT_AWAIT, LaneRequests
from .replay import Replay
from .rewind import CannotRewind
from .schedule import Plan
from .stack import Frame, frame_body, frames_of, scopes_of, threads_of
from .standing import NoLane, Stop
from .travel_requests import IN_PROGRAM, TravelRequests
from .variables import EDITABLE, Handles

Body = dict[str, Any]
Send = Callable[[Body], object]

_WHOLE = 1 << 24  # characters of a value that is copied or edited
CAPABILITIES: Body = {
    "supportsConfigurationDoneRequest": True,
    "supportsFunctionBreakpoints": True,
    "supportsConditionalBreakpoints": True,
    "supportsHitConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsDataBreakpoints": True,
    "supportsEvaluateForHovers": True,
    "supportsSetVariable": True,
    "supportsStepBack": True,
    "supportsRestartFrame": True,
    "supportsSingleThreadExecutionRequests": True,
    "supportsExceptionInfoRequest": True,
    "supportsDelayedStackTraceLoading": True,
    "supportsTerminateRequest": True,
    "supportTerminateDebuggee": True,
    "exceptionBreakpointFilters": [{"filter": name, "label": label} for name, label in FILTERS.items()],
}


_IN_PROGRAM = ("evaluate", "setVariable", AT_AWAIT, *IN_PROGRAM)  # run by the thread that is stopped


class RequestFailed(Exception):
    """A request that cannot be done; the sentence goes to the client."""


_REFUSALS = (RequestFailed, CannotRewind, CannotReload, NoLane, ValueError)


class Adapter(BreakpointRequests, TravelRequests, LaneRequests):
    """One client's requests. `send` takes messages without `seq`."""

    def __init__(
        self,
        emitter: Emitter,
        controller: Controller,
        admit: Callable[[str], bool],
        send: Send,
        configured: Callable[[], None],
    ) -> None:
        self.is_trusted = False  # has the client shown the launch token?
        self.ends_program = True  # does the program end with the session?
        self.wants_output = True  # as standard output events, beside our own
        self._emitter = emitter
        self._controller = controller
        self._admit = admit  # does this token let the client in?
        self._send = send
        self._configured = configured
        self._handles = Handles()
        self._frames: dict[int, Frame] = {}
        BreakpointRequests.__init__(self)

    def handle(self, request: Body) -> None:
        """Answer one request. Never raises for what a client or a user's object does."""
        command = request.get("command")
        try:
            method = getattr(self, f"_on_{command}".replace("/", "_"), None)
            if method is None:
                raise RequestFailed(f"FlowScope does not know the request {command!r}.")
            if not self.is_trusted and command not in ("initialize", "launch", "attach"):
                raise RequestFailed("Launch or attach first, with the launch token.")
            arguments = request.get("arguments") or {}
            if not isinstance(arguments, dict):
                raise RequestFailed("The arguments of a request are an object.")
            self._controller.standing.focus = self._lane_named(arguments)
            if command in _IN_PROGRAM:  # which may take for ever: other requests are answered meanwhile
                self._check_place(command, arguments)
                self._controller.post(lambda: self._answer(request, lambda: method(arguments)))
            else:
                self._answer(request, lambda: method(arguments))
        except (RequestFailed, NoLane) as error:
            self._refuse(request, str(error))

    def _answer(self, request: Body, method: Callable[[], Any]) -> None:
        """Send what the method returns; if that is a pair, its second part is called once that is sent."""
        try:
            answer = method()
        except _REFUSALS as error:
            return self._refuse(request, str(error))
        except Exception as error:
            text = f"The arguments of {request.get('command')} are not as DAP has them"
            return self._refuse(request, f"{text} ({type(error).__name__}: {error}).")
        body, then = answer if isinstance(answer, tuple) else (answer, None)
        self._send({**_response(request), "success": True, **({"body": body} if body is not None else {})})
        if then is not None:
            then()
        return None

    def _refuse(self, request: Body, text: str) -> None:
        message = {"id": 1, "format": "{text}", "variables": {"text": text}}
        self._send({**_response(request), "success": False, "message": text, "body": {"error": message}})

    def event(self, name: str, body: Body | None = None) -> None:
        """Send an event."""
        self._send({"type": "event", "event": name, **({"body": body} if body is not None else {})})

    def stopped(self, stop: Stop) -> None:
        """Tell the client of a stop; references of the stop before are void."""
        if len(self._controller.standing.stops) == 1:  # else what is known of the others still holds
            self._handles.clear()
            self._frames.clear()
        hit = {
            where: ids
            for where, bps in self._breakpoints.items()
            if (ids := [bp.id for bp in bps if specs.format(bp) in stop.breakpoints])
        }
        is_function = stop.reason == "breakpoint" and not any(map(os.path.isabs, hit))
        self.event(
            "stopped",
            {
                "reason": "function breakpoint" if is_function else stop.reason,
                "description": stop.text or f"{stop.reason} at the {stop.at} of {stop.span.kind}",
                "text": stop.text,
                "threadId": stop.span.lane + 1,
                "allThreadsStopped": stop.is_all,
                "hitBreakpointIds": [number for ids in hit.values() for number in ids],
                "flowscope": {
                    "span": stop.span.id,
                    "at": stop.at,
                    "breakpoints": stop.breakpoints,
                    "ts": clock(),
                },
            },
        )

    # Beginning and end of a session.

    def _on_initialize(self, arguments: Body) -> Body:
        self.wants_output = arguments.get("clientID") != "flowscope"
        return CAPABILITIES

    def _on_attach(self, arguments: Body) -> tuple[None, Callable[[], None]]:
        if not self.is_trusted and not self._admit(str(arguments.get("token", ""))):
            raise RequestFailed("The launch token is wrong or missing.")
        self.is_trusted = True
        self._emitter.on_graph = self._tell_unknown
        given = arguments.get("breakpoints", [])
        self._breakpoints["specs"] = [self._numbered(specs.parse(str(spec))) for spec in given]
        self._apply()
        history = arguments.get("history", True)
        if not history:
            self._travel.forgo()
        elif history is not True:
            self._travel.history.budget = int(history)
        self._emitter.is_exact = bool(arguments.get("exact"))
        self._emitter.is_outline = bool(arguments.get("outline"))
        self._controller.interventions.keep_pins(arguments.get("pins") or ())
        if order := arguments.get("interleaving"):
            steps, frees = [str(step) for step in order.get("steps", ())], bool(order.get("frees"))
            plan = Plan(steps, order.get("seed"), frees, bool(order.get("whole", not frees)))
            self._controller.holding.conduct(plan)
        if path := arguments.get("replay"):
            self._controller.interventions.replay = Replay(str(path), self._emitter.notice)
        if arguments.get("stopOnEntry"):
            self._controller.stop_on_entry()
        return None, lambda: self.event("initialized")

    _on_launch = _on_attach

    def _on_configurationDone(self, arguments: Body) -> tuple[None, Callable[[], None]]:
        return None, self._configured

    def _on_disconnect(self, arguments: Body) -> tuple[None, Callable[[], None]]:
        self.ends_program = arguments.get("terminateDebuggee", self.ends_program)
        return None, self._terminate if self.ends_program else self._controller.release

    def _on_terminate(self, arguments: Body) -> tuple[None, Callable[[], None]]:
        return None, self._terminate

    def _terminate(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    # Going on.

    def _resume(self, mode: str, arguments: Body) -> tuple[Body, Callable[[], None]]:
        stop = self._apart() or self._stop()
        lane = int(arguments.get("threadId", stop.span.lane + 1)) - 1
        alone = bool(arguments.get("singleThread"))
        if alone:
            self._controller.holding.check()
        is_all = not alone and (stop.is_all or stop.at == "await")
        thread = {"threadId": (lane if alone else stop.span.lane) + 1, "allThreadsContinued": is_all}

        def go_on() -> None:
            self._handles.clear()  # nothing of the program's is kept alive
            self.event("continued", {**thread, "flowscope": {"ts": clock()}})
            self._controller.resume(stop, mode, lane, alone=alone)

        return {"allThreadsContinued": is_all}, go_on

    def _on_continue(self, arguments: Body) -> tuple[Body, Callable[[], None]]:
        return self._resume("continue", arguments)

    def _on_next(self, arguments: Body) -> tuple[Body, Callable[[], None]]:
        return self._resume("next", arguments)

    def _on_stepIn(self, arguments: Body) -> tuple[Body, Callable[[], None]]:
        return self._resume("in", arguments)

    def _on_stepOut(self, arguments: Body) -> tuple[Body, Callable[[], None]]:
        return self._resume("out", arguments)

    def _on_restartFrame(self, arguments: Body) -> tuple[Body, Callable[[], None]]:
        frame = self._frame(arguments.get("frameId"))
        return self._rewind(frame.span.visit)

    def _on_pause(self, arguments: Body) -> None:
        self._controller.pause(self._controller.standing.focus)

    def _stop(self) -> Stop:
        stop = self._controller.stopped
        if stop is None:
            focus = self._controller.standing.focus
            if focus is not None and self._controller.standing.is_held(focus):
                raise RequestFailed("This lane is held at an await: for this it must stop at a step.")
            raise RequestFailed("The program is running; pause it first.")
        return stop

    def _apart(self) -> Stop | None:
        """Where the lane in focus is, while one has gone on alone."""
        span = self._controller.lanes.get(self._controller.standing.focus or 0)
        if span is None or not self._controller.holding.is_apart or self._controller.stopped is not None:
            return None
        return Stop(span, "await", "hold", is_all=False)

    def _check_place(self, command: str, arguments: Body) -> None:
        """Does the program stand where it can answer this?"""
        if command == AT_AWAIT:
            self._call_at_await(arguments)
        else:
            self._place()

    def _place(self) -> Stop:
        """Where there is something to look at: a stop, or where a lane is held."""
        lane = self._controller.standing.focus
        if self._controller.stopped is None and lane is not None and self._controller.standing.is_held(lane):
            return Stop(self._controller.lanes[lane], "await", "hold", is_all=False)
        return self._stop()

    def _lane_named(self, arguments: Body) -> int | None:
        """The lane that a request is about."""
        if (thread := arguments.get("threadId")) is not None:
            return int(thread) - 1
        if (lane := arguments.get("lane")) is not None:
            return int(lane)
        span = self._travel.history.spans.get(arguments.get("span", 0))
        if span is not None and span.lane in self._controller.standing.stops:
            return span.lane
        frame = self._frames.get(arguments.get("frameId", 0))
        return None if frame is None else frame.span.lane

    # Looking.

    def _on_threads(self, arguments: Body) -> Body:
        spans = [span for lane, span in sorted(dict(self._controller.lanes).items()) if lane]
        spans.sort(key=lambda span: span.lane not in self._controller.standing.stops)
        return {"threads": threads_of(spans, self._emitter)}

    def _on_stackTrace(self, arguments: Body) -> Body:
        stop = self._place()
        lane = int(arguments.get("threadId", stop.span.lane + 1)) - 1
        span = stop.span if lane == stop.span.lane else self._controller.lanes.get(lane)
        frames = [] if span is None else frames_of(span, self._emitter, len(self._frames) + 1)
        self._frames.update({frame.id: frame for frame in frames})
        first, levels = int(arguments.get("startFrame", 0)), int(arguments.get("levels", 0))
        shown = frames[first : first + levels] if levels else frames[first:]
        return {"stackFrames": [frame_body(frame) for frame in shown], "totalFrames": len(frames)}

    def _frame(self, number: Any) -> Frame:
        frame = self._frames.get(number)
        if frame is None:
            raise RequestFailed("This frame is gone: the program went on.")
        return frame

    def _on_scopes(self, arguments: Body) -> Body:
        self._place()
        return {"scopes": scopes_of(self._frame(arguments.get("frameId")), self._handles)}

    def _on_variables(self, arguments: Body) -> Body:
        self._stop()
        start, count = int(arguments.get("start", 0)), int(arguments.get("count", 0)) or None
        reference = int(arguments.get("variablesReference", 0))
        return {"variables": self._handles.page(reference, start, count, arguments.get("filter"))}

    def _on_evaluate(self, arguments: Body) -> Body | tuple[Body, Callable[[], None]]:
        stop = self._place()
        span = self._frame(arguments["frameId"]).span if arguments.get("frameId") else stop.span
        source = str(arguments.get("expression", ""))
        result, edited = self._evaluate_to_keep(source, span)
        width = _WHOLE if arguments.get("context") == "clipboard" else 2000
        body = {"result": preview(result, width), "type": type(result).__name__, **self._children(result)}
        return (body, self._invalidate) if edited else body

    def _evaluate_to_keep(self, source: str, span: Any) -> tuple[Any, bool]:
        """Evaluate, and note what that has changed as an edit."""
        before = self._editable(span)
        try:
            result = self._evaluate(source, span)
        finally:
            edited = self._edited(span, before, source.strip())
        return result, edited

    def _evaluate(self, source: str, span: Any) -> Any:
        module = sys.modules.get(type(span.node).__module__)
        given = self._controller.namespace(span)
        known = {**vars(module), **given} if module else dict(given)
        known["self"] = span.node
        try:
            try:
                code = compile(source.strip(), "<flowscope evaluate>", "eval")
            except SyntaxError:
                exec(compile(source, "<flowscope evaluate>", "exec"), known)
                self._assign(given, known)
                return None
            return eval(code, known)
        except BaseException as error:  # SystemExit and KeyboardInterrupt of an expression end nothing
            text = error.msg if isinstance(error, SyntaxError) else error  # its line is that of the question
            raise RequestFailed(f"{type(error).__name__}: {text}") from None

    def _value(self, source: str, span: Any) -> Any:
        """Of an expression: a statement has none, and is not run."""
        try:
            compile(source.strip(), "<flowscope evaluate>", "eval")
        except (SyntaxError, ValueError) as error:
            why = f": {error.msg if isinstance(error, SyntaxError) else error}" if source.strip() else ""
            raise RequestFailed(f"Give a value, as a Python expression{why}.") from None
        return self._evaluate(source, span)

    def _assign(self, given: Body, known: Body) -> None:
        """A statement has given params, prep_res or exec_res another value."""
        stop = self._stop()
        for name in EDITABLE:
            if known.get(name) is not given[name]:
                self._controller.interventions.edit(stop.span, stop.at, name, known[name])

    def _children(self, value: Any) -> Body:
        return {"variablesReference": self._handles.add(value)}

    def _on_setVariable(self, arguments: Body) -> tuple[Body, Callable[[], None]]:
        stop = self._stop()
        reference, name = int(arguments.get("variablesReference", 0)), str(arguments.get("name", ""))
        source = str(arguments.get("value", ""))
        before = self._editable(stop.span)
        value = self._value(source, stop.span)
        expression = self._handles.expression(reference, name) or name
        answer = self._handles.set(reference, name, value)
        if self._handles.is_result(reference):
            self._controller.interventions.edit(stop.span, stop.at, name, value)
        elif not self._edited(stop.span, before, f"{expression} = {answer['value']}"):
            self._travel.tell("edit", stop.span, f"{expression} = {answer['value']}")
        return answer, self._invalidate

    def _on_exceptionInfo(self, arguments: Body) -> Body:
        error = self._stop().span.error
        if error is None:
            raise RequestFailed("The program did not stop for an error.")
        told = describe_error(error)
        details = {"message": told["message"], "typeName": told["type"], "stackTrace": told["traceback"]}
        about = {"exceptionId": told["type"], "description": told["message"], "breakMode": "always"}
        return {**about, "details": details}

    def _on_source(self, arguments: Body) -> Body:
        path = str((arguments.get("source") or {}).get("path", ""))
        try:
            with tokenize.open(path) as source:
                return {"content": source.read(), "mimeType": "text/x-python"}
        except (OSError, SyntaxError, ValueError) as error:
            raise RequestFailed(f"Cannot read {path or 'a source without a path'}: {error}.") from None


def _response(request: Body) -> Body:
    return {"type": "response", "request_seq": request.get("seq"), "command": request.get("command")}
