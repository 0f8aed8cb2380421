from __future__ import annotations

import sys
from typing import Any

import pocketflow as pf

from flowscope_engine.describe import Describer
from flowscope_engine.names import learn_names

from .conftest import Recorder


class Work(pf.Node):
    def exec(self, prep_res: Any) -> Any:
        return prep_res


class Batch(pf.AsyncParallelBatchNode):
    pass


def edges(graph: dict[str, Any]) -> set[tuple[str, str, str]]:
    labels = {node["id"]: node["label"] for node in graph["nodes"]}
    return {(labels[edge["source"]], edge["action"], labels[edge["target"]]) for edge in graph["edges"]}


def test_the_graph_of_nested_flows(recorder: Recorder) -> None:
    first, second, third = Work(max_retries=3), Work(), Batch()
    first - "again" >> first
    first >> second
    inner = pf.Flow(first)
    inner - "done" >> third
    outer = pf.AsyncFlow(inner)
    learn_names(sys._getframe(), 1)
    graph = Describer().describe(outer)
    by_label = {node["label"]: node for node in graph["nodes"]}
    assert list(by_label) == ["AsyncFlow", "Flow", "Batch", "Work (first)", "Work (second)"]
    assert edges(graph) == {
        ("Work (first)", "again", "Work (first)"),
        ("Work (first)", "default", "Work (second)"),
        ("Flow", "done", "Batch"),
    }
    work = by_label["Work (first)"]
    assert work["parent"] == by_label["Flow"]["id"]
    assert by_label["Flow"]["start"] == work["id"]
    assert (work["kind"], work["async"], work["name"], work["max_retries"]) == ("Node", False, "first", 3)
    assert (by_label["Batch"]["kind"], by_label["Batch"]["async"]) == ("AsyncParallelBatchNode", True)
    assert work["file"] == __file__
    assert work["line"] == Work.exec.__wrapped__.__code__.co_firstlineno - 1  # type: ignore[attr-defined]
    assert set(work["phases"]) == {"exec"}


def test_names_are_learnt_where_nodes_are_connected(recorder: Recorder) -> None:
    def make() -> Any:
        load, store = Work(), Work()
        load >> store
        return pf.Flow(start=load)

    labels = [node["label"] for node in Describer().describe(make())["nodes"]]
    assert labels == ["Flow", "Work (load)", "Work (store)"]


def test_names_in_containers_and_of_what_is_handed_over(recorder: Recorder) -> None:
    def connect(a: Any, b: Any) -> None:
        a >> b

    class Maker:
        def __init__(self) -> None:
            self.steps = [Work(), Work()]
            self.last = Work()
            self.steps[1] >> self.last

    class Own(pf.Flow):
        pass

    named, first, maker = {"load": Work()}, Work(), Maker()
    connect(first, named["load"])
    named["load"] >> maker.steps[0] >> maker.steps[1]
    flow = Own(start=first)
    flow.run({})
    labels = [node["label"] for node in Describer().describe(flow)["nodes"]]
    names = ["first", "named['load']", "steps[0]", "steps[1]", "last"]
    assert labels == ["Own", *(f"Work ({name})" for name in names)]


def test_ids_and_labels_stay_when_a_flow_grows(recorder: Recorder) -> None:
    start = Work()
    flow = pf.Flow(start)
    describer = Describer()
    before = describer.describe(flow)["nodes"]
    assert describer.is_current(start)
    start >> Work()
    assert not describer.is_current(start)
    after = describer.describe(flow)["nodes"]
    assert [node["id"] for node in after][:2] == [node["id"] for node in before]
    assert [node["label"] for node in after] == ["Flow", "Work", "Work (2)"]
