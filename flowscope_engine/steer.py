"""Steering: what becomes of a call, other than what the program makes of it.

An observer leaves a `Directive` on a span for the call that opened it. An `Unwind` leads back to an earlier
step: it travels up to the call of a span around that step, which is made again. On the way down, `descend`
answers what lies before the step as it was answered then, unseen, until the step itself begins, live.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .families import traits
from .spans import Span


class Directive:
    """A result in place of the call, an error in place of it, or other arguments for it."""

    __slots__ = ("args", "by", "error", "value")

    def __init__(
        self,
        value: Any = None,
        error: BaseException | None = None,
        args: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None = None,
        by: str = "",
    ) -> None:
        self.value = value
        self.error = error
        self.args = args
        self.by = by  # the intervention that it comes of


class Edit(NamedTuple):
    """A result that was set by hand."""

    at: int
    """The id of the latest span that had begun."""
    own: Any
    """What the program had."""


def keep_edits(visit: Span, before: Span, until: int) -> None:
    """In a visit that is led back to the span `until`, what was edited later is as the program had it.

    `before` is the visit as it was, which may be the same.
    """
    kept = {name: edit for name, edit in before.edited.items() if edit.at < until}
    for name, edit in before.edited.items():
        setattr(visit, name, getattr(before, name) if name in kept else edit.own)
    visit.edited = kept or None


def give(span: Span, directive: Directive) -> None:
    """Its call is answered by this."""
    if directive.by:
        span.given = directive.by


def outcome(span: Span, method: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What a call of this method comes to, under the directive on its span."""
    directive, span.directive = span.directive, None
    give(span, directive)
    try:
        if directive.error is not None:
            raise directive.error
        return directive.value if directive.args is None else method(*directive.args(args))
    except BaseException as error:
        _forget_frame(error)
        raise


async def outcome_async(span: Span, method: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What awaiting this method comes to, under the directive on its span."""
    directive, span.directive = span.directive, None
    give(span, directive)
    try:
        if directive.error is not None:
            raise directive.error
        return directive.value if directive.args is None else await method(*directive.args(args))
    except BaseException as error:
        _forget_frame(error)
        raise


def _forget_frame(error: BaseException) -> None:
    if error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next


class Unwind(BaseException):
    """Leaves all calls up to that of `catcher`. A program sees it only where it catches BaseException."""

    def __init__(self, catcher: Span, arrive: Callable[[Span], Span]) -> None:
        super().__init__("FlowScope goes back to an earlier step; let this pass")
        self.catcher = catcher
        self.arrive = arrive
        """Called in the catcher's call when all inner ones are left: the span for making it again."""

    async def settle(self) -> None:
        """Awaited before `arrive` where the catcher is asynchronous: inner lanes come to their end."""


def unwind_in(error: BaseException) -> Unwind | None:
    """This error as an unwind; a task group hands one on in a group."""
    if isinstance(error, Unwind):
        return error
    if type(error) is BaseExceptionGroup:
        return next((unwind for part in error.exceptions if (unwind := unwind_in(part)) is not None), None)
    return None


Rule = Callable[[Any, "Span | None", tuple[Any, ...]], "Span | None"]
"""The span that a call of this node, within this span and with these arguments, opens; or None."""


def descend(rule: Rule, node: Any, parent: Span, args: tuple[Any, ...]) -> Span | None:
    """The span of a call within a span that a rewind leads through.

    One that comes back with a status is not to be made: its result is what the call came to before.
    """
    step: Span = parent.descent[0]
    if node is parent.node and rule.__name__ == "_orch" and not traits(type(node)).is_batch:
        if step.kind == "post":
            return _answered(Span("item", node, parent), step.visit.exec_res)
        start_with(parent, step)
        return rule(node, parent, args)
    span = rule(node, parent, args)
    if span is None or span.parent is not parent:
        return span
    if span.kind == step.kind and span.item == step.item:
        return _enter(span, parent, step)
    known = None if span.kind == "post" else recorded(step, span.kind, span.item)
    if known is None:
        if span.kind != "item" or not traits(type(node)).is_parallel:
            parent.descent = None  # something else happens than what did: live from here
        return span
    if known.parent is not parent:
        _adopt(known, parent)
    return _answered(span, known.result)


def recorded(step: Span, kind: str, item: int | None) -> Span | None:
    """The step beside this one that answers a descent: a phase before it, an item that has ended well."""
    beside = () if step.parent is None else step.parent.steps or ()
    for other in beside:
        if other.kind == kind and other.item == item and other.status == "ok":
            return other  # type: ignore[no-any-return]
    return None


def _adopt(known: Span, parent: Span) -> None:
    """What lies before goes on to stand, now within the call that was made again."""
    old = None if known.visit is known else known.visit  # a visit is its own, wherever it stands
    known.parent = parent
    parent.steps = [*(parent.steps or ()), known]
    pending = [known]
    while pending:
        step = pending.pop()
        step.is_left = False
        if old is not None and step.visit is old:
            step.visit = parent.visit
        pending += step.steps or ()


def _answered(span: Span, result: Any) -> Span:
    span.status, span.result = "ok", result
    return span


def starting_with(span: Span, step: Span) -> Directive:
    """Its flow begins with the node of this step, once its call is made: a lane may be held till then."""

    def args(given: tuple[Any, ...]) -> tuple[Any, ...]:
        start_with(span, step)
        return given

    return Directive(args=args)


def start_with(span: Span, step: Span) -> None:
    """The flow of this span begins with the node of this step. It is copied before anything else can run."""
    attributes = vars(span.node)
    span.forced = attributes.get("start_node")
    attributes["start_node"] = span.upcoming = step.original


def _enter(span: Span, parent: Span, step: Span) -> Span:
    inner = parent.descent[1:]
    if span.kind == "visit" and parent.forced is not None:
        vars(parent.node)["start_node"], parent.forced = parent.forced, None
    if not (span.kind == "item" and traits(type(span.node)).is_parallel):
        parent.descent = None
    span.again, span.nth = (step.id if step.begin_ns else None), step.nth  # a jump repeats nothing
    if not inner:
        span.arrives, step.arrives = step.arrives, None
        return span
    span.descent = inner
    for earlier in step.steps or ():
        if earlier.kind == "visit" and earlier.id < inner[0].id:
            _adopt(earlier, span)
    if inner[0].kind == "visit" and span.kind == "item":  # one copy of a batch flow
        span.directive = starting_with(span, inner[0])
    if span.kind == "visit":  # what its prep has left on the node is there for its exec
        vars(span.node).update(vars(step.node))
    span.prep_res, span.exec_res = step.prep_res, step.exec_res
    if step.edited is not None:
        keep_edits(span, step, inner[0].id)
    return span
