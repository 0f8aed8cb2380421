"""Nodes: PocketFlow's `BaseNode`, `Node`, `BatchNode` and their async twins, as in pocketflow 0.0.3.

One difference, on purpose: an async node sets `self.cur_retry` too, and every item counts its own attempts,
so that concurrent items never lose one to each other. In 0.0.3 only sync nodes set `cur_retry`, and there the
attribute itself is the counter.
"""

from __future__ import annotations

import asyncio
import time
import warnings
from typing import Any, TypeVar

N = TypeVar("N")


class BaseNode:
    """What nodes and flows share: parameters, successors, and `prep → exec → post`."""

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}
        self.successors: dict[str, Any] = {}

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def next(self, node: N, action: str = "default") -> N:
        """Connect `node` as the successor for `action` and return it."""
        if action in self.successors:
            warnings.warn(f"Overwriting successor for action '{action}'")  # noqa: B028
        self.successors[action] = node
        return node

    def prep(self, shared: Any) -> Any:
        """Read from `shared`; the result is exec's argument."""

    def exec(self, prep_res: Any) -> Any:
        """Compute, without `shared`; may be retried."""

    def post(self, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        """Write to `shared`; the result is the action that names the next node."""

    def _exec(self, prep_res: Any) -> Any:
        return self.exec(prep_res)

    def _run(self, shared: Any) -> Any:
        prep_res = self.prep(shared)
        exec_res = self._exec(prep_res)
        return self.post(shared, prep_res, exec_res)

    def run(self, shared: Any) -> Any:
        """Run this node alone and return its action."""
        if self.successors:
            warnings.warn("Node won't run successors. Use Flow.")  # noqa: B028
        return self._run(shared)

    def __rshift__(self, other: N) -> N:
        return self.next(other)

    def __sub__(self, action: str) -> _ConditionalTransition:
        if isinstance(action, str):
            return _ConditionalTransition(self, action)
        raise TypeError("Action must be a string")


class _ConditionalTransition:
    """`node - "action"`, waiting for `>> successor`."""

    def __init__(self, src: BaseNode, action: str) -> None:
        self.src = src
        self.action = action

    def __rshift__(self, tgt: N) -> N:
        return self.src.next(tgt, self.action)


class Node(BaseNode):
    """A node whose `exec` is tried `max_retries` times, `wait` seconds apart, then `exec_fallback`."""

    def __init__(self, max_retries: int = 1, wait: float = 0) -> None:
        super().__init__()
        self.max_retries = max_retries
        self.wait = wait

    def exec_fallback(self, prep_res: Any, exc: Exception) -> Any:
        raise exc

    def _exec(self, prep_res: Any) -> Any:
        for attempt in range(self.max_retries):
            self.cur_retry = attempt
            try:
                return self.exec(prep_res)
            except Exception as e:
                if attempt == self.max_retries - 1:
                    return self.exec_fallback(prep_res, e)
                if self.wait > 0:
                    time.sleep(self.wait)
        return None


class BatchNode(Node):
    """`prep` returns items, `exec` handles one, `post` gets the list of results."""

    def _exec(self, items: Any) -> Any:
        return [super(BatchNode, self)._exec(item) for item in (items or [])]


class AsyncNode(Node):
    """A node whose `prep_async`, `exec_async`, `exec_fallback_async` and `post_async` are awaited."""

    async def prep_async(self, shared: Any) -> Any:
        """Read from `shared`; the result is exec's argument."""

    async def exec_async(self, prep_res: Any) -> Any:
        """Compute, without `shared`; may be retried."""

    async def exec_fallback_async(self, prep_res: Any, exc: Exception) -> Any:
        raise exc

    async def post_async(self, shared: Any, prep_res: Any, exec_res: Any) -> Any:
        """Write to `shared`; the result is the action that names the next node."""

    async def _exec(self, prep_res: Any) -> Any:
        for attempt in range(self.max_retries):
            self.cur_retry = attempt
            try:
                return await self.exec_async(prep_res)
            except Exception as e:
                if attempt == self.max_retries - 1:
                    return await self.exec_fallback_async(prep_res, e)
                if self.wait > 0:
                    await asyncio.sleep(self.wait)
        return None

    async def run_async(self, shared: Any) -> Any:
        """Run this node alone and return its action."""
        if self.successors:
            warnings.warn("Node won't run successors. Use AsyncFlow.")  # noqa: B028
        return await self._run_async(shared)

    async def _run_async(self, shared: Any) -> Any:
        prep_res = await self.prep_async(shared)
        exec_res = await self._exec(prep_res)
        return await self.post_async(shared, prep_res, exec_res)

    def _run(self, shared: Any) -> Any:
        raise RuntimeError("Use run_async.")


class AsyncBatchNode(AsyncNode, BatchNode):
    """Items one after another: `await` yields to the loop, and keeps the order."""

    async def _exec(self, items: Any) -> Any:
        return [await super(AsyncBatchNode, self)._exec(item) for item in items]


class AsyncParallelBatchNode(AsyncNode, BatchNode):
    """Items concurrently, in one `asyncio.gather`."""

    async def _exec(self, items: Any) -> Any:
        return await asyncio.gather(*(super(AsyncParallelBatchNode, self)._exec(item) for item in items))
