"""Random flows, run by PyPI's pocketflow and by the engine: all that can be seen is the same."""

from __future__ import annotations

import asyncio
import warnings
from types import ModuleType
from typing import Any

import pocketflow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowscope_engine
from flowscope_engine import observe
from flowscope_engine.adopt import adopt_class

ACTIONS = ["default", "a", "b", None, ""]
KINDS = ["Node", "BatchNode", "AsyncNode", "AsyncBatchNode", "AsyncParallelBatchNode"]
FLOWS = ["Flow", "BatchFlow", "AsyncFlow", "AsyncBatchFlow", "AsyncParallelBatchFlow"]
MAX_VISITS = 12

node_plans = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "items": st.sampled_from([None, [], [1, 2], [1, 2, 3]]),
        "actions": st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3),
        "failing": st.integers(0, 3),  # how many attempts fail before one succeeds
        "max_retries": st.integers(0, 3),
        "has_fallback": st.booleans(),
        "fails_in": st.sampled_from([None, None, None, None, "prep", "post"]),
        "edges": st.dictionaries(st.sampled_from(["default", "a", "b"]), st.integers(0, 4), max_size=3),
        "flavour": st.sampled_from(["plain", "plain", "mixin", "slots", "copy", "getstate", "overridden"]),
    }
)
flow_plans = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(FLOWS),
        "nodes": st.lists(node_plans, min_size=1, max_size=4),
        "nested": st.none() | st.sampled_from(FLOWS),
        "params": st.sampled_from([[], [{"k": 1}], [{"k": 1}, {"k": 2, "j": 0}]]),
    }
)


class Stopped(Exception):
    """The flow has gone round often enough."""


class Mixin:
    def post(self, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        shared["log"].append("mixin")
        return super().post(shared, prep_res, exec_res)  # type: ignore[misc]


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
            raise ValueError(f"{name} prep")
        return plan["items"] if "Batch" in plan["kind"] else shared["visits"]

    def exec_(self: Any, item: Any) -> Any:
        self.calls[item] = self.calls.get(item, 0) + 1
        if self.calls[item] <= plan["failing"]:
            raise KeyError(f"{name} {item} {self.calls[item]}")
        return [name, item, self.calls[item]]

    def exec_fallback(self: Any, item: Any, error: Exception) -> Any:
        if plan["has_fallback"]:
            return ["fallback", item, str(error)]
        raise error

    def post(self: Any, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        shared["log"].append((name, "post", prep_res, exec_res))
        if plan["fails_in"] == "post":
            raise ValueError(f"{name} post")
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
    elif plan["flavour"] == "overridden" and not base.__name__.startswith("Async"):

        def _exec(self: Any, prep_res: Any) -> Any:
            return super(cls, self)._exec(prep_res)  # type: ignore[misc]

        def _run(self: Any, shared: Any) -> Any:
            shared["log"].append((name, "run"))
            return super(cls, self)._run(shared)  # type: ignore[misc]

        body |= {"_exec": _exec, "_run": _run}
    cls = type(name, bases, body)
    return cls


def flow_class(pf: ModuleType, kind: str, plan: dict[str, Any]) -> type:
    def prep(self: Any, shared: Any) -> Any:
        return plan["params"]

    async def prep_async(self: Any, shared: Any) -> Any:
        return plan["params"]

    body: dict[str, Any] = {}
    if "Batch" in kind:
        body = {"prep_async": prep_async} if kind.startswith("Async") else {"prep": prep}
    return type(f"My{kind}", (getattr(pf, kind),), body)


def build(pf: ModuleType, plan: dict[str, Any]) -> Any:
    nodes = [node_class(pf, spec, number)(spec["max_retries"]) for number, spec in enumerate(plan["nodes"])]
    for node, spec in zip(nodes, plan["nodes"], strict=True):
        for action, target in spec["edges"].items():
            node.next(nodes[target % len(nodes)], action)
    start = nodes[0]
    if plan["nested"]:
        start = flow_class(pf, plan["nested"], plan)(nodes[0])
        start.next(node_class(pf, plan["nodes"][0], 99)(1), "default")
    flow = flow_class(pf, plan["kind"], plan)(start)
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
        except Exception as raised:
            error = (type(raised), str(raised))
    return {"shared": shared, "result": result, "error": error, "warnings": [str(w.message) for w in caught]}


@given(flow_plans)
@settings(max_examples=300, deadline=None)
def test_engine_does_what_pocketflow_does(plan: dict[str, Any]) -> None:
    assert outcome(flowscope_engine, plan) == outcome(pocketflow, plan)


@pytest.fixture
def _observed() -> Any:
    class Silent:
        def begin(self, span: Any) -> None: ...
        def end(self, span: Any) -> None: ...

    adopt_class(flowscope_engine.BaseNode, pytest.fail)  # a sentence about our own classes would be wrong
    observe.install(Silent())
    yield
    observe.install(None)


@pytest.mark.usefixtures("_observed")
def test_observed_engine_does_what_pocketflow_does() -> None:
    @given(flow_plans)
    @settings(max_examples=200, deadline=None)
    def check(plan: dict[str, Any]) -> None:
        assert outcome(flowscope_engine, plan) == outcome(pocketflow, plan)

    check()
