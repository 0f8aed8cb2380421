from __future__ import annotations

import asyncio
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pocketflow as pf
import pytest

from .conftest import Recorder


class Retry(pf.Node):
    def exec(self, prep_res: Any) -> Any:
        if self.cur_retry == 0:
            raise ValueError("first")
        return super().exec(prep_res)

    def post(self, shared: Any, prep_res: Any, exec_res: Any) -> str:
        super().post(shared, prep_res, exec_res)
        return "go"


class Items(pf.BatchNode):
    def prep(self, shared: Any) -> list[int]:
        return [10, 20]


class Parallel(pf.AsyncParallelBatchNode):
    async def prep_async(self, shared: Any) -> list[int]:
        return [1, 2]

    async def exec_async(self, item: int) -> int:
        await asyncio.sleep(0)
        return item * 2


def test_run_visit_phase_item_attempt(recorder: Recorder) -> None:
    retry, items = Retry(max_retries=2), Items()
    retry - "go" >> items
    pf.Flow(retry).run({})
    assert recorder.lines() == [
        "run Flow",
        "  prep Flow",
        "  visit Retry",
        "    prep Retry",
        "    exec Retry",
        "      attempt1 Retry failed",
        "      attempt2 Retry",
        "    post Retry",
        "  visit Items",
        "    prep Items",
        "    exec Items",
        "      item0 Items",
        "        attempt1 Items",
        "      item1 Items",
        "        attempt1 Items",
        "    post Items",
        "  post Flow",
    ]
    visit = recorder.spans[2]
    assert (visit.original, visit.action, visit.node is retry) == (retry, "go", False)


def test_copies_of_a_batch_flow_are_items(recorder: Recorder) -> None:
    class Each(pf.BatchFlow):
        def prep(self, shared: Any) -> list[dict[str, int]]:
            return [{"k": 1}, {"k": 2}]

    Each(pf.Node()).run({})
    items = [span for span in recorder.spans if span.kind == "item"]
    assert [span.item_value for span in items] == [{"k": 1}, {"k": 2}]
    assert recorder.lines("visit") == ["    visit Node", "    visit Node"]


def test_concurrent_items_have_lanes_of_their_own_and_sequential_ones_have_not(recorder: Recorder) -> None:
    first, then = Parallel(), Items()
    first >> then
    asyncio.run(pf.AsyncFlow(first).run_async({}))
    lanes = {
        (type(span.node).__name__, span.item): span.lane for span in recorder.spans if span.kind == "item"
    }
    assert lanes[("Items", 0)] == lanes[("Items", 1)] == 0
    assert len({0, lanes[("Parallel", 0)], lanes[("Parallel", 1)]}) == 3


def test_gathered_runs_and_threads_have_lanes_of_their_own(recorder: Recorder) -> None:
    async def both() -> None:
        flows = [pf.AsyncFlow(Parallel()), pf.AsyncFlow(Parallel())]
        await asyncio.gather(*(flow.run_async({}) for flow in flows))

    asyncio.run(both())
    thread = threading.Thread(target=pf.Flow(pf.Node()).run, args=({},))
    thread.start()
    thread.join()
    pf.Flow(pf.Node()).run({})
    lanes = [span.lane for span in recorder.spans if span.kind == "run"]
    assert lanes[0] == 0 == lanes[-1]
    assert len(set(lanes)) == 3


def test_a_batch_that_hands_its_items_to_a_pool_keeps_them(recorder: Recorder) -> None:
    class Pool(pf.BatchNode):
        def _exec(self, items: Any) -> Any:
            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(self.exec, items))

        def prep(self, shared: Any) -> list[int]:
            return [1, 2]

    pf.Flow(Pool()).run({})
    assert len(recorder.lines("item")) == 2


def test_a_run_inside_exec_is_a_run(recorder: Recorder) -> None:
    class Outer(pf.Node):
        def exec(self, prep_res: Any) -> Any:
            return pf.Flow(Items()).run({})

    pf.Flow(Outer()).run({})
    assert [line.strip() for line in recorder.lines("run", "visit")] == [
        "run Flow",
        "visit Outer",
        "run Flow",
        "visit Items",
    ]
    nested = [span for span in recorder.spans if span.kind == "run"][1]
    assert nested.parent is not None
    assert nested.parent.kind == "attempt"


def test_overridden_orchestration_and_mixins(recorder: Recorder) -> None:
    class Mixin:
        def exec(self, prep_res: Any) -> str:
            return "mixed"

    class Mixed(Mixin, pf.Node):
        def _run(self, shared: Any) -> Any:
            return super()._run(shared)

        def _exec(self, prep_res: Any) -> Any:
            return [super(Mixed, self)._exec(prep_res) for _ in range(2)]

    class Own(pf.Flow):
        def _orch(self, shared: Any, params: Any = None) -> Any:
            return super()._orch(shared, params)

        def get_next_node(self, curr: Any, action: Any) -> Any:
            return None

    Own(Mixed()).run({})
    assert recorder.lines("visit", "exec", "attempt") == [
        "  visit Mixed",
        "    exec Mixed",
        "      attempt1 Mixed",
        "      attempt1 Mixed",
    ]


def test_tracebacks_show_no_frame_of_ours(recorder: Recorder) -> None:
    class Failing(pf.AsyncNode):
        async def exec_async(self, prep_res: Any) -> Any:
            raise LookupError("gone")

    with pytest.raises(LookupError) as caught:
        asyncio.run(pf.AsyncFlow(Failing()).run_async({}))
    seen = "".join(traceback.format_tb(caught.value.__traceback__)[1:])
    assert "flowscope_engine" not in seen and "<flowscope" not in seen


def test_wrappers_keep_what_a_method_is_known_by(recorder: Recorder) -> None:
    assert Retry.exec.__qualname__ == "Retry.exec"
    assert asyncio.iscoroutinefunction(Parallel().exec_async)
