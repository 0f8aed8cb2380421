"""Random flows: PyPI's pocketflow and the engine, observed and not, look the same from outside."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import sys
import traceback
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pocketflow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowscope_engine
from flowscope_engine import observe
from flowscope_engine.adopt import adopt_class
from flowscope_engine.debug.controller import Controller
from flowscope_engine.debug.emitter import Emitter

ACTIONS = ["default", "a", "b", None, ""]
KINDS = ["Node", "BatchNode", "AsyncNode", "AsyncBatchNode", "AsyncParallelBatchNode"]
FLOWS = ["Flow", "BatchFlow", "AsyncFlow", "AsyncBatchFlow", "AsyncParallelBatchFlow"]
FLAVOURS = ["plain", "plain", "mixin", "slots", "copy", "getstate", "overridden", "rewiring", "warning"]
MAX_VISITS = 12
# Of tasks that nobody awaits: to format it, a garbage collection within `ast.parse` would parse once more.
logging.getLogger("asyncio").setLevel(logging.CRITICAL)
OURS = (str(pocketflow.__file__), flowscope_engine.__path__[0])


class Abort(BaseException):
    """What `except Exception` lets pass."""


ERRORS = [ValueError, ValueError, KeyError, Abort, SystemExit, KeyboardInterrupt, asyncio.CancelledError]

node_plans = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "items": st.sampled_from([None, [], [1, 2], [1, 2, 3]]),
        "actions": st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3),
        "failing": st.integers(0, 3),  # how many attempts fail before one succeeds
        "max_retries": st.integers(0, 3),
        "has_fallback": st.booleans(),
        "fails_in": st.sampled_from([None, None, None, None, "prep", "post", "fallback"]),
        "error": st.sampled_from(ERRORS),
        "edges": st.dictionaries(st.sampled_from(["default", "a", "b"]), st.integers(0, 5), max_size=3),
        "flavour": st.sampled_from(FLAVOURS),
    }
)
flow_plans = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(FLOWS),
        "nodes": st.lists(node_plans, min_size=1, max_size=4),
        "nested": st.none() | st.sampled_from(FLOWS),
        "params": st.sampled_from([[], [{"k": 1}], [{"k": 1}, {"k": 2, "j": 0}]]),
        "recursive": st.booleans(),  # may edges lead to the flow itself?
        "overridden": st.booleans(),
    }
)


class Stopped(Exception):
    """The flow has gone round often enough."""


class Mixin:
    def post(self, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        shared["log"].append("mixin")
        return super().post(shared, prep_res, exec_res)  # type: ignore[misc]

    async def post_async(self, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        shared["log"].append("mixin")
        return await super().post_async(shared, prep_res, exec_res)  # type: ignore[misc]


def node_class(pf: ModuleType, plan: dict[str, Any], number: int) -> type:
    """A node class of this PocketFlow that behaves as planned and logs what it does."""
    base = getattr(pf, plan["kind"])
    name = f"N{number}"

    def prep(self: Any, shared: Any) -> Any:
        attributes = sorted(set(vars(self)) - {"cur_retry"})  # 0.0.3's async nodes do not set it
        shared["log"].append((name, "prep", dict(self.params), attributes))
        shared["visits"] += 1
        if shared["visits"] > MAX_VISITS:
            raise Stopped
        self.calls = {}
        if plan["fails_in"] == "prep":
            raise plan["error"](f"{name} prep")
        return plan["items"] if "Batch" in plan["kind"] else shared["visits"]

    def exec_(self: Any, item: Any) -> Any:
        self.calls[item] = self.calls.get(item, 0) + 1
        if self.calls[item] <= plan["failing"]:
            raise plan["error"](f"{name} {item} {self.calls[item]}")
        return [name, item, self.calls[item]]

    def exec_fallback(self: Any, item: Any, error: Exception) -> Any:
        if plan["fails_in"] == "fallback":
            raise plan["error"](f"{name} fallback")
        if plan["has_fallback"]:
            return ["fallback", item, str(error)]
        raise error

    def post(self: Any, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        shared["log"].append((name, "post", prep_res, exec_res))
        if plan["flavour"] == "rewiring":
            other = self.successors.pop("default", None)
            self.next(other or self, "a")
        if plan["flavour"] == "warning":
            warnings.warn(f"{name} here", UserWarning, stacklevel=1)
            warnings.warn(f"{name} called", DeprecationWarning, stacklevel=2)
        if plan["fails_in"] == "post":
            raise plan["error"](f"{name} post")
        return plan["actions"][shared["visits"] % len(plan["actions"])]

    async def prep_async(self: Any, shared: Any) -> Any:
        await asyncio.sleep(0)
        return prep(self, shared)

    async def exec_async(self: Any, item: Any) -> Any:
        await asyncio.sleep(0)
        return exec_(self, item)

    async def exec_fallback_async(self: Any, item: Any, error: Exception) -> Any:
        return exec_fallback(self, item, error)

    async def post_async(self: Any, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        return post(self, shared, prep_res, exec_res)

    if base.__name__.startswith("Async"):
        members = [prep_async, exec_async, exec_fallback_async, post_async]
    else:
        members = [prep, exec_, exec_fallback, post]
    body: dict[str, Any] = {function.__name__.rstrip("_"): function for function in members}
    bases: tuple[type, ...] = (base,)
    if plan["flavour"] == "mixin":
        bases = (Mixin, base)
    elif plan["flavour"] == "slots":
        body["__slots__"] = ("calls",)
    elif plan["flavour"] == "copy":

        def __copy__(self: Any) -> Any:
            twin = type(self).__new__(type(self))
            twin.__dict__.update(self.__dict__, copied=True)
            return twin

        body["__copy__"] = __copy__
    elif plan["flavour"] == "getstate":
        body["__getstate__"] = lambda self: {**self.__dict__, "stated": True}
    elif plan["flavour"] == "overridden":
        body |= overridden_async(name) if base.__name__.startswith("Async") else overridden(name)
    cls = type(name, bases, {**body, "own": property(lambda self: super(cls, self))})
    return cls


def overridden(name: str) -> dict[str, Any]:
    """Orchestration of the user's own around PocketFlow's."""

    def _exec(self: Any, prep_res: Any) -> Any:
        return self.own._exec(prep_res)

    def _run(self: Any, shared: Any) -> Any:
        shared["log"].append((name, "run"))
        return self.own._run(shared)

    return {"_exec": _exec, "_run": _run}


def overridden_async(name: str) -> dict[str, Any]:
    async def _exec(self: Any, prep_res: Any) -> Any:
        return await self.own._exec(prep_res)

    async def _run_async(self: Any, shared: Any) -> Any:
        shared["log"].append((name, "run"))
        return await self.own._run_async(shared)

    return {"_exec": _exec, "_run_async": _run_async}


def flow_class(pf: ModuleType, kind: str, plan: dict[str, Any]) -> type:
    def prep(self: Any, shared: Any) -> Any:
        return plan["params"]

    async def prep_async(self: Any, shared: Any) -> Any:
        return plan["params"]

    def get_next_node(self: Any, curr: Any, action: Any) -> Any:
        return self.own.get_next_node(curr, action or "a")

    def _orch(self: Any, shared: Any, params: Any = None) -> Any:
        shared["log"].append(("orch", params))
        return self.own._orch(shared, params)

    async def _orch_async(self: Any, shared: Any, params: Any = None) -> Any:
        shared["log"].append(("orch", params))
        return await self.own._orch_async(shared, params)

    body: dict[str, Any] = {}
    if "Batch" in kind:
        body = {"prep_async": prep_async} if kind.startswith("Async") else {"prep": prep}
    if plan["overridden"]:
        body |= {"get_next_node": get_next_node, "_orch": _orch, "_orch_async": _orch_async}
    cls = type(f"My{kind}", (getattr(pf, kind),), {**body, "own": property(lambda self: super(cls, self))})
    return cls


def build(pf: ModuleType, plan: dict[str, Any]) -> Any:
    nodes = [node_class(pf, spec, number)(spec["max_retries"]) for number, spec in enumerate(plan["nodes"])]
    flow = flow_class(pf, plan["kind"], plan)()
    targets = [*nodes, flow] if plan["recursive"] else nodes
    for node, spec in zip(nodes, plan["nodes"], strict=True):
        for action, target in spec["edges"].items():
            node.next(targets[target % len(targets)], action)
    start = nodes[0]
    if plan["nested"]:  # which shares its nodes with the flow around it
        start = flow_class(pf, plan["nested"], plan)(nodes[0])
        start.next(node_class(pf, plan["nodes"][0], 99)(1), "default").next(nodes[-1], "a")
    flow.start(start)
    flow.set_params({"base": 0})
    return flow


def outcome(pf: ModuleType, plan: dict[str, Any]) -> dict[str, Any]:
    """All that can be seen of a run from outside."""
    shared: dict[str, Any] = {"log": [], "visits": 0}
    result, error = None, None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        flow = build(pf, plan)
        try:
            if plan["kind"].startswith("Async"):
                result = asyncio.run(flow.run_async(shared))
            else:
                result = flow.run(shared)
        except BaseException as raised:
            error = raised
    warned = [(str(w.message), w.category, w.filename, w.lineno) for w in caught]
    text = "" if error is None else "".join(traceback.format_exception(error))
    seen = {
        "shared": shared,
        "result": result,
        "error": (type(error), str(error)),
        "attributes": set(vars(flow)) - {"cur_retry"},
    }
    return {**seen, "warnings": warned, "traceback": text, "places": places(error)}


def places(error: BaseException | None) -> list[Any]:
    """Where an error and those before it came through, PocketFlow itself left out."""
    if error is None:
        return []
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        (frame.filename, frame.lineno, frame.name) for frame in frames if not is_pocketflow(frame.filename)
    ]
    return [own, places(error.__cause__), error.__suppress_context__ or places(error.__context__)]


def is_pocketflow(path: str) -> bool:
    return path.startswith(OURS)


def roughly(seen: dict[str, Any]) -> dict[str, Any]:
    """Without what tells one PocketFlow's source from another's."""
    warned = [(*w[:2], "pocketflow") if is_pocketflow(w[2]) else w for w in seen["warnings"]]
    return {key: value for key, value in seen.items() if key != "traceback"} | {"warnings": warned}


@pytest.fixture(scope="module")
def observed_pocketflow() -> Iterator[ModuleType]:
    """PyPI's pocketflow once more, adopted."""
    spec = importlib.util.spec_from_file_location("observed_pocketflow", str(pocketflow.__file__))
    assert spec is not None and spec.loader is not None
    module = sys.modules["observed_pocketflow"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    adopt_class(module.BaseNode, pytest.fail)
    yield module
    del sys.modules["observed_pocketflow"]


@pytest.fixture(scope="module")
def observed_engine() -> ModuleType:
    adopt_class(flowscope_engine.BaseNode, pytest.fail)
    return flowscope_engine


def observed_outcome(pf: ModuleType, plan: dict[str, Any]) -> dict[str, Any]:
    """The same under the observer of a debug session."""
    emitter = Emitter()
    emitter.close()
    observe.install(Controller(emitter, pytest.fail))
    try:
        return outcome(pf, plan)
    finally:
        observe.install(None)


@given(flow_plans)
@settings(max_examples=200, deadline=None)
def test_engine_does_what_pocketflow_does(plan: dict[str, Any]) -> None:
    assert roughly(outcome(flowscope_engine, plan)) == roughly(outcome(pocketflow, plan))


def test_observed_pocketflow_does_what_pocketflow_does(observed_pocketflow: ModuleType) -> None:
    @given(flow_plans)
    @settings(max_examples=150, deadline=None)
    def check(plan: dict[str, Any]) -> None:
        assert observed_outcome(observed_pocketflow, plan) == outcome(pocketflow, plan)

    check()


def test_observed_engine_does_what_pocketflow_does(observed_engine: ModuleType) -> None:
    @given(flow_plans)
    @settings(max_examples=150, deadline=None)
    def check(plan: dict[str, Any]) -> None:
        assert roughly(observed_outcome(observed_engine, plan)) == roughly(outcome(pocketflow, plan))

    check()
