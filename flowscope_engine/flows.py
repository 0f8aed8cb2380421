"""Flows: PocketFlow's `Flow`, `BatchFlow` and their async twins, as in pocketflow 0.0.3.

A flow runs a copy of one node after another, in strict order; the action a node returns names the next.
"""

from __future__ import annotations

import asyncio
import warnings
from typing import Any, TypeVar

from .copying import shallow_copy
from .nodes import AsyncNode, BaseNode

N = TypeVar("N")


class Flow(BaseNode):
    """Runs nodes along their actions, from `start_node` until an action has no successor."""

    def __init__(self, start: Any = None) -> None:
        super().__init__()
        self.start_node = start

    def start(self, start: N) -> N:
        self.start_node = start
        return start

    def get_next_node(self, curr: Any, action: Any) -> Any:
        """The successor of `curr` for `action`, None where the flow ends."""
        nxt = curr.successors.get(action or "default")
        if not nxt and curr.successors:
            warnings.warn(f"Flow ends: '{action}' not found in {list(curr.successors)}")  # noqa: B028
        return nxt

    def _orch(self, shared: Any, params: dict[str, Any] | None = None) -> Any:
        curr, p, last_action = shallow_copy(self.start_node), (params or {**self.params}), None
        while curr:
            curr.set_params(p)
            last_action = curr._run(shared)
            curr = shallow_copy(self.get_next_node(curr, last_action))
        return last_action

    def _run(self, shared: Any) -> Any:
        prep_res = self.prep(shared)
        last_action = self._orch(shared)
        return self.post(shared, prep_res, last_action)

    def post(self, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        """`exec_res` is the last action of the flow's nodes; by default it is the flow's own action."""
        return exec_res


class BatchFlow(Flow):
    """`prep` returns parameter sets; the flow runs once for each, one after another."""

    def _run(self, shared: Any) -> Any:
        prep_res = self.prep(shared) or []
        for params in prep_res:
            self._orch(shared, {**self.params, **params})
        return self.post(shared, prep_res, None)


class AsyncFlow(Flow, AsyncNode):
    """A flow of async and sync nodes. `await` yields to the loop, and keeps the order."""

    async def _orch_async(self, shared: Any, params: dict[str, Any] | None = None) -> Any:
        curr, p, last_action = shallow_copy(self.start_node), (params or {**self.params}), None
        while curr:
            curr.set_params(p)
            last_action = await curr._run_async(shared) if isinstance(curr, AsyncNode) else curr._run(shared)
            curr = shallow_copy(self.get_next_node(curr, last_action))
        return last_action

    async def _run_async(self, shared: Any) -> Any:
        prep_res = await self.prep_async(shared)
        last_action = await self._orch_async(shared)
        return await self.post_async(shared, prep_res, last_action)

    async def post_async(self, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        """`exec_res` is the last action of the flow's nodes; by default it is the flow's own action."""
        return exec_res


class AsyncBatchFlow(AsyncFlow, BatchFlow):
    """`prep_async` returns parameter sets; the flow runs once for each, one after another."""

    async def _run_async(self, shared: Any) -> Any:
        prep_res = await self.prep_async(shared) or []
        for params in prep_res:
            await self._orch_async(shared, {**self.params, **params})
        return await self.post_async(shared, prep_res, None)


class AsyncParallelBatchFlow(AsyncFlow, BatchFlow):
    """`prep_async` returns parameter sets; one copy of the flow for each, concurrently."""

    async def _run_async(self, shared: Any) -> Any:
        prep_res = await self.prep_async(shared) or []
        await asyncio.gather(*(self._orch_async(shared, {**self.params, **params}) for params in prep_res))
        return await self.post_async(shared, prep_res, None)
