"""Rewinds over what real programs hold and do: values of libraries, branches, errors carried through."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from .drive import Drive, driving
from .test_interventions import intervene
from .test_rewind import HEAD, back, begun, shared

HELD = {
    "numpy": ("numpy.arange(6).reshape(2, 3)", "value[0, 0] = 7", "value[0, 0] == 7", "(2, 3)"),
    "pandas": (
        "pandas.DataFrame({'a': [1, 2]})",
        "value.loc[0, 'a'] = 7",
        "value.loc[0, 'a'] == 7",
        "(2, 1)",
    ),
    "PIL.Image": (
        "PIL.Image.new('L', (8, 6))",
        "value.putpixel((0, 0), 7)",
        "value.getpixel((0, 0)) == 7",
        "",
    ),
}
"""By module: how a value is made, changed in place, and known to be changed; its shape."""

LIBRARY = (
    HEAD
    + """
import MODULE
class Change(Node):
    def post(self, shared, prep_res, exec_res):
        value = shared["value"]
        CHANGE
        shared["new"] = MADE
state = {"value": MADE}
value = state["value"]
change = Change()
change >> Node()
Flow(change).run(state)
print(KNOWN, state["value"] is value)
"""
)


@pytest.mark.parametrize("module", HELD)
async def test_values_of_libraries_are_shown_and_stay_by_reference(tmp_path: Path, module: str) -> None:
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"{module} is not installed")
    made, change, known, shape = HELD[module]

    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Node < Flow"
        told: dict[str, Any] = next(e for e in drive.seen if e["type"] == "change")["value"]["value"]
        assert told["$"] == "opaque"
        assert (told.get("shape") == shape) if shape else ("size=8x6" in told["repr"])
        first = begun(drive, "visit")[0]["id"]
        plan = await drive.session.request("flowscope/plan", span=first)
        assert plan["restored"] == ["shared['new']"]
        assert plan["kept"][0] == f"shared['value'] ({told['type']}) is kept as it is."
        await back(drive, first)
        assert await shared(drive, "list(shared)") == "['value']"
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "True True\n"

    source = LIBRARY.replace("MODULE", module).replace("MADE", made)
    source = source.replace("CHANGE", change).replace("KNOWN", known)
    await driving(tmp_path, source, work, breakpoints=["Node"], stop_on_entry=False)


FIELDS = (
    HEAD
    + """
IMPORT
class Change(Node):
    def post(self, shared, prep_res, exec_res):
        shared["doc"].name = "new"
        shared["doc"].tags.append("tag")
state = {"doc": Doc(name="old", tags=[])}
doc, tags = state["doc"], state["doc"].tags
change = Change()
change >> Node()
Flow(change).run(state)
print(doc.name, doc.tags, state["doc"] is doc, doc.tags is tags)
"""
)

DOCS = {
    "pydantic": "import pydantic\nclass Doc(pydantic.BaseModel):\n    name: str\n    tags: list",
    "dataclasses": "import dataclasses\n@dataclasses.dataclass\nclass Doc:\n    name: str\n    tags: list",
}


@pytest.mark.parametrize("module", DOCS)
async def test_objects_with_fields_are_restored_in_place(tmp_path: Path, module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")

    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Node < Flow"
        first = begun(drive, "visit")[0]["id"]
        assert await shared(drive, "shared['doc'].name") == "'new'"
        await back(drive, first)
        assert await shared(drive, "(shared['doc'].name, shared['doc'].tags)") == "('old', [])"
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "new ['tag'] True True\n"

    await driving(tmp_path, FIELDS.replace("IMPORT", DOCS[module]), work, ["Node"], stop_on_entry=False)


BRANCH = (
    HEAD
    + """
class Decide(Node):
    def prep(self, shared):
        return shared["mood"]
    def exec(self, mood):
        calls.append(f"decide {mood}")
        return mood
    def post(self, shared, prep_res, exec_res):
        return exec_res
class Good(Node):
    def exec(self, prep_res): calls.append("good")
class Bad(Node):
    def exec(self, prep_res): calls.append("bad")
    def post(self, shared, prep_res, exec_res): shared["regret"] = True
class End(Node): pass
decide, good, bad, end = Decide(), Good(), Bad(), End()
decide - "good" >> good >> end
decide - "bad" >> bad >> end
state = {"mood": "bad"}
Flow(decide).run(state)
print(calls, state)
"""
)


async def test_the_other_branch_is_taken_after_an_edit(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint End < Flow"
        await back(drive, begun(drive, "visit", "Decide")[0]["id"])
        await drive.session.evaluate("shared['mood'] = 'good'")
        await drive.session.continue_()
        assert await drive.stop() == "breakpoint End < Flow"
        assert begun(drive, "visit", "End")[-1]["visit"] == 1
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == "['decide bad', 'bad', 'decide good', 'good'] {'mood': 'good'}\n"

    await driving(tmp_path, BRANCH, work, breakpoints=["End"], stop_on_entry=False)


CARRIED = (
    HEAD
    + """
class Ask(Node):
    def exec(self, prep_res):
        calls.append("ask")
class Outer(Node):
    def exec(self, prep_res):
        calls.append(f"outer {self.cur_retry}")
        Flow(Flow(Ask())).run({})
    def exec_fallback(self, prep_res, error):
        calls.append(f"fell: {error}")
Flow(Outer(max_retries=2)).run({})
print(calls)
"""
)


@pytest.mark.parametrize("place", ["Ask", "Ask.exec", "Ask.post"])
async def test_an_error_raised_by_hand_is_carried_through_like_any_other(tmp_path: Path, place: str) -> None:
    """Out of two flows and a run, into the retries and the fallback of the node that has started it."""

    async def work(drive: Drive) -> None:
        for _ in range(2):
            assert await drive.stop() in (
                f"breakpoint {place} < Flow (2) < Flow < Outer.exec < Flow",
                f"breakpoint {place} < Flow (2) < Flow < Outer.exec attempt 2 < Flow",
            )
            await intervene(drive, "raise", value="ValueError('mine')")
            await drive.session.continue_()
        await drive.until("exit")
        asked = ["ask"] * (place == "Ask.post")
        assert drive.text() == f"{['outer 0', *asked, 'outer 1', *asked, 'fell: mine']}\n"

    await driving(tmp_path, CARRIED, work, breakpoints=[place], stop_on_entry=False)
