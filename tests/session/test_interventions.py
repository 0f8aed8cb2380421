"""Interventions at the stops of real programs, and what the program makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowscope.model import Model
from flowscope.session.client import RequestError

from .drive import Drive, driving
from .test_rewind import HEAD, PHASES, back, begun, shared

PROGRAM = (
    HEAD
    + """
class Ask(Node):
    def prep(self, shared):
        return shared["question"]
    def exec(self, question):
        calls.append(question)
        if question == "bad": raise ValueError("no luck")
        return question.upper()
    def post(self, shared, prep_res, exec_res):
        shared["answer"] = exec_res
        return "done"
class Many(BatchNode):
    def prep(self, shared):
        return ["x", "bad", "z"]
    def exec(self, item):
        calls.append(item)
        if item == "bad": raise ValueError("no item")
        return item.upper()
    def post(self, shared, prep_res, exec_res):
        shared["many"] = exec_res
class Other(Node):
    def post(self, shared, prep_res, exec_res):
        shared["other"] = True
ask, many, other, end = Ask(max_retries=RETRIES), Many(), Other(), Node()
ask - "done" >> many
ask - "other" >> other >> end
many >> end
state = {"question": QUESTION}
try:
    Flow(ask).run(state)
except ValueError as error:
    print("caught", error)
print(calls, state)
"""
)


def program(question: str = "hi", retries: int = 1) -> str:
    return PROGRAM.replace("QUESTION", repr(question)).replace("RETRIES", str(retries))


async def intervene(drive: Drive, kind: str, **arguments: Any) -> str:
    answer = await drive.session.request("flowscope/intervene", kind=kind, **arguments)
    return str(answer["text"])


async def finish(drive: Drive) -> str:
    await drive.session.continue_(drive.lane)
    await drive.until("exit")
    return drive.text()


@pytest.mark.parametrize(
    ("place", "kind", "arguments", "text"),
    [
        ("Ask", "answer", {"value": "'by hand'"}, "['x', 'b'] {'answer': 'by hand', 'many': ['X', 'B']}"),
        (
            "Ask.exec",
            "answer",
            {"value": "[shared['question']]"},
            "['x', 'b'] {'answer': ['hi'], 'many': ['X', 'B']}",
        ),
        ("Ask.post", "answer", {"value": "1"}, "['hi', 'x', 'b'] {'answer': 1, 'many': ['X', 'B']}"),
        ("Ask", "skip", {}, "['x', 'b'] {'answer': None, 'many': ['X', 'B']}"),
        ("Ask.exec", "skip", {}, "['x', 'b'] {'answer': None, 'many': ['X', 'B']}"),
        ("Ask.exec", "raise", {"value": "ValueError('mine')"}, "caught mine\n[] {}"),
        ("Ask", "reroute", {"action": "other"}, "['hi'] {'answer': 'HI', 'other': True}"),
        ("Ask -> done", "reroute", {"action": "other"}, "['hi'] {'answer': 'HI', 'other': True}"),
        ("Many", "answer", {"value": "7", "item": 1}, "['hi', 'x'] {'answer': 'HI', 'many': ['X', 7]}"),
        ("Many[1]", "answer", {"value": "7"}, "['hi', 'x'] {'answer': 'HI', 'many': ['X', 7]}"),
    ],
)
async def test_at_a_stop_before_it(
    tmp_path: Path, place: str, kind: str, arguments: dict[str, Any], text: str
) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        await drive.session.set_breakpoints([])
        await intervene(drive, kind, **arguments)
        told = await finish(drive)
        assert told.replace("'question': 'hi', ", "").replace("'question': 'hi'", "") == text + "\n"
        assert [event["kind"] for event in drive.seen if event["type"] == "intervention"] == [kind]

    source = program().replace('"bad", "z"', '"b"')
    await driving(tmp_path, source, work, breakpoints=[place], stop_on_entry=False)


@pytest.mark.parametrize(
    ("kind", "arguments", "text"),
    [
        ("answer", {"value": "'mine'"}, "['bad'] {'question': 'bad', 'answer': 'mine', 'many': []}"),
        ("skip", {}, "['bad'] {'question': 'bad', 'answer': None, 'many': []}"),
        ("reroute", {"action": "other"}, "['bad'] {'question': 'bad', 'other': True}"),
        ("retry", {}, "['bad', 'ok'] {'question': 'ok', 'answer': 'OK', 'many': []}"),
        ("rerun", {}, "caught no luck\n['bad', 'bad'] {'question': 'bad'}"),
    ],
)
@pytest.mark.parametrize("exceptions", ["raised", "uncaught"])
async def test_where_an_error_has_stopped_it(
    tmp_path: Path, kind: str, arguments: dict[str, Any], text: str, exceptions: str
) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        await drive.session.request("setExceptionBreakpoints", filters=[])
        if kind in ("retry", "rerun"):
            await drive.session.evaluate("shared.update(question='ok')")
        await intervene(drive, kind, **arguments)
        if kind not in ("retry", "rerun"):
            if exceptions == "uncaught":
                assert (await drive.stop()).startswith("goto Ask")
            await drive.session.continue_()
        await drive.until("exit")
        assert drive.text() == text + "\n"

    source = program("bad").replace('"x", "bad", "z"', "")
    await driving(tmp_path, source, work, exceptions=[exceptions], stop_on_entry=False)


@pytest.mark.parametrize("value", ["", "shared['x'] = 1", "foo("])
async def test_what_is_no_value_changes_nothing(tmp_path: Path, value: str) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        for kind in ("answer", "raise", "pin"):
            with pytest.raises(RequestError, match=r"^Give a value, as a Python expression.*\.$"):
                await intervene(drive, kind, value=value)
        assert (await drive.session.evaluate("'x' in shared"))["result"] == "False"

    await driving(tmp_path, program(), work, breakpoints=["Ask"], stop_on_entry=False)


async def test_one_failed_item(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Many[1].exec < Flow"
        await drive.session.request("setExceptionBreakpoints", filters=["uncaught"])
        await intervene(drive, "retry")
        assert (await drive.stop()).startswith("exception Flow")
        assert begun(drive, "item", "Many")[-1]["item"] == 1
        await intervene(drive, "answer", value="'mended'", lane=0)
        assert await drive.stop() == "goto Many[1].exec < Flow"
        text = (
            "['hi', 'x', 'bad', 'bad', 'z'] {'question': 'hi', 'answer': 'HI', 'many': ['X', 'mended', 'Z']}"
        )
        assert await finish(drive) == text + "\n"

    await driving(tmp_path, program(), work, exceptions=["raised"], stop_on_entry=False)


async def test_a_pinned_result_is_kept_across_a_rewind_and_a_restart(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        await intervene(drive, "pin", span=begun(drive, "visit", "Ask")[0]["id"])
        await back(drive, begun(drive, "visit", "Ask")[0]["id"])
        await drive.session.continue_()
        await drive.stop()
        assert await shared(drive, "calls") == "['hi']"
        await drive.restart()
        await drive.stop()
        assert await shared(drive, "(calls, shared['answer'])") == "([], 'HI')"
        assert await intervene(drive, "pin", span=begun(drive, "visit", "Ask")[-1]["id"]) == (
            "Ask is pinned no longer"
        )
        await drive.restart()
        await drive.stop()
        assert await shared(drive, "calls") == "['hi']"

    await driving(tmp_path, program(), work, breakpoints=["Many"], stop_on_entry=False)


async def test_none_can_be_pinned(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        for _ in range(2):  # again is no letting go
            assert (await intervene(drive, "pin", value="None")).startswith(
                "Ask keeps this exec result at every visit: None"
            )
        await drive.session.set_breakpoints([])
        assert "'answer': None" in await finish(drive)

    await driving(tmp_path, program(), work, breakpoints=["Ask"], stop_on_entry=False)


async def test_an_item_that_failed_is_pinned_where_its_error_came_through(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert (await drive.stop()).startswith("exception")
        with pytest.raises(RequestError, match=r"Many\[1\] has no exec result"):
            await intervene(drive, "pin")
        assert (
            await intervene(drive, "pin", value="'mended'")
            == "Many[1] keeps this exec result at every visit: 'mended'"
        )
        await intervene(drive, "retry")
        await drive.until("exit")
        assert "'many': ['X', 'mended', 'Z']" in drive.text()

    await driving(tmp_path, program(), work, exceptions=["uncaught"], stop_on_entry=False)


async def test_edits_of_results_and_undo(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Ask.exec < Flow"
        frame = (await drive.session.stack())[0]["id"]
        scopes = {each["name"]: each["variablesReference"] for each in await drive.session.scopes(frame)}
        await drive.session.set_variable(scopes["Prep result"], "prep_res", "'other'")
        await drive.session.continue_()
        assert await drive.stop() == "breakpoint Ask.post < Flow"
        assert await shared(drive, "(prep_res, exec_res)") == "('other', 'OTHER')"
        await drive.session.evaluate("exec_res = 'edited'")
        await drive.session.evaluate("shared['question'] = 'gone'")
        assert (await drive.session.request("flowscope/undo"))[
            "text"
        ] == "Taken back: shared['question'] = 'gone'"
        assert await shared(drive, "shared['question']") == "'hi'"
        await drive.session.evaluate(f"shared['question'] = {'long ' * 500!r}")
        undone = await drive.session.request("flowscope/undo")
        assert undone["text"].startswith("Taken back: shared['question'] = 'long long")
        assert len(undone["text"]) < 300, "a sentence"
        await drive.session.evaluate("exec_res = 'worse'")
        await drive.session.request("flowscope/undo")
        with pytest.raises(RequestError, match="no edit"):
            for _ in range(3):
                await drive.session.request("flowscope/undo")
        await drive.session.evaluate("exec_res = 'edited'")
        assert await finish(drive) == "['other'] {'question': 'hi', 'answer': 'edited', 'many': []}\n"
        kinds = [event["kind"] for event in drive.seen if event["type"] == "intervention"]
        assert kinds == ["edit", "edit", "edit", "undo", "edit", "undo", "edit", "undo", "undo", "edit"]

    source = program().replace('"x", "bad", "z"', "")
    await driving(tmp_path, source, work, breakpoints=["Ask.exec", "Ask.post"], stop_on_entry=False)


@pytest.mark.parametrize(
    ("kind", "arguments", "where"),
    [("answer", {"value": "'mine'"}, "Ask.exec"), ("reroute", {"action": "other"}, "Ask")],
)
async def test_what_led_back_is_taken_back_where_it_arrives(
    tmp_path: Path, kind: str, arguments: dict[str, Any], where: str
) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        await drive.session.request("setExceptionBreakpoints", filters=[])
        text = await intervene(drive, kind, **arguments)
        assert (await drive.stop()).startswith(f"goto {where} ")
        undone = await drive.session.request("flowscope/undo")
        assert undone["text"] == f"Taken back: {text}"
        assert await finish(drive) == "caught no luck\n['bad', 'bad'] {'question': 'bad'}\n"

    await driving(tmp_path, program("bad"), work, exceptions=["uncaught"], stop_on_entry=False)


@pytest.mark.parametrize(("undos", "left"), [(1, "first"), (2, "pinned")])
@pytest.mark.parametrize("place", ["Ask", "Ask.exec"])
async def test_what_an_answer_has_replaced_holds_again(
    tmp_path: Path, place: str, undos: int, left: str
) -> None:
    async def work(drive: Drive) -> None:
        await drive.stop()
        await intervene(drive, "pin", value="'pinned'")
        if place != "Ask":
            await drive.session.continue_()
            await drive.stop()
        for value in ("'first'", "'second'"):
            await intervene(drive, "answer", value=value)
        for _ in range(undos):
            await drive.session.request("flowscope/undo")
        await drive.session.set_breakpoints([])
        assert f"'answer': '{left}'" in await finish(drive)

    await driving(tmp_path, program(), work, breakpoints=["Ask", "Ask.exec"], stop_on_entry=False)


async def test_an_answer_taken_back_leaves_the_error_of_prep(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Ask.prep < Flow"
        await intervene(drive, "answer", value="'mine'")
        await drive.session.request("flowscope/undo")
        await drive.session.request("setExceptionBreakpoints", filters=[])
        assert (await finish(drive)).startswith("caught 'question'\n")

    source = PROGRAM.replace('{"question": QUESTION}', "{}").replace("RETRIES", "1")
    source = source.replace("except ValueError", "except KeyError")
    await driving(tmp_path, source, work, exceptions=["raised"], stop_on_entry=False)


async def test_another_action_is_taken_back(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        for _ in range(2):  # at the begin, then at the end
            await drive.stop()
            await intervene(drive, "reroute", action="other")
            await drive.session.request("flowscope/undo")
            await drive.session.continue_()
        await drive.until("exit")
        assert "'answer': 'HI', 'many': []" in drive.text()

    source = program().replace('"x", "bad", "z"', "")
    await driving(tmp_path, source, work, breakpoints=["Ask", "Ask -> done"], stop_on_entry=False)


async def test_a_jump_and_steps_back(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "breakpoint Ask.post < Flow"
        await drive.session.set_breakpoints([])
        await drive.session.request("stepBack", threadId=1)
        assert await drive.stop() == "goto Ask.exec < Flow"
        await drive.session.request("stepBack", threadId=1)
        assert await drive.stop() == "goto Ask.prep < Flow"
        await drive.session.request("stepBack", threadId=1)
        assert await drive.stop() == "goto Ask < Flow"
        assert await drive.go(drive.session.next) == "step Many < Flow"
        with pytest.raises(RequestError, match="Nowhere is no node of the flow"):
            await drive.session.request("flowscope/jump", node="Nowhere")
        await drive.session.request("flowscope/jump", node="Other")
        assert await drive.stop() == "goto Other < Flow"
        frame = (await drive.session.stack())[0]
        await drive.session.request("restartFrame", frameId=frame["id"])
        assert await drive.stop() == "goto Other < Flow"
        assert await finish(drive) == "['hi', 'hi'] {'question': 'hi', 'answer': 'HI', 'other': True}\n"

    await driving(tmp_path, program(), work, breakpoints=["Ask.post"], stop_on_entry=False)


async def test_a_step_back_from_an_error_leads_to_where_it_was_raised(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Flow"
        await drive.session.request("stepBack", threadId=1)
        assert await drive.stop() == "goto Many[1].exec < Flow"

    await driving(tmp_path, program(), work, exceptions=["uncaught"], stop_on_entry=False)


async def test_a_jump_from_the_end_of_a_run_and_the_run_from_its_begin(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == "exception Flow"
        await drive.session.request("flowscope/jump", node="Other")
        assert await drive.stop() == "goto Other < Flow"
        assert begun(drive, "visit")[-1].get("again") is None
        run = begun(drive, "run")[0]
        frame = (await drive.session.stack())[1]
        await drive.session.request("restartFrame", frameId=frame["id"])
        assert await drive.stop() == "goto Flow"
        again = begun(drive, "run")[1]
        assert again["again"] == run["id"]
        assert await drive.go(drive.session.step_in) == "step Ask < Flow"
        await intervene(drive, "answer", value="'mended'")
        text = "['bad'] {'question': 'bad', 'answer': 'mended', 'many': []}\n"
        assert await finish(drive) == text

    source = program("bad").replace('"x", "bad", "z"', "")
    await driving(tmp_path, source, work, exceptions=["uncaught"], stop_on_entry=False)


@pytest.mark.parametrize("where", ["prep", "exec", "post"])
async def test_a_reroute_out_of_a_phase_that_failed(tmp_path: Path, where: str) -> None:
    async def work(drive: Drive) -> None:
        assert await drive.stop() == f"exception Last.{where} < Flow"
        await intervene(drive, "reroute", action="away")
        assert await finish(drive) == "['prep', 'exec 1 kept', 'post 1 2']\n"
        visit = begun(drive, "visit", "Last")[0]["id"]
        end = next(event for event in drive.seen if event["type"] == "end" and event["id"] == visit)
        assert (end["status"], end["action"]) == ("ok", "away")

    source = PHASES.replace("WHERE", repr(where))
    await driving(tmp_path, source, work, exceptions=["raised"], stop_on_entry=False)


EDITS = (
    HEAD
    + """
class Work(Node):
    def prep(self, shared):
        return ["prep"]
    def exec(self, prep_res):
        return [*prep_res, "exec", self.params["tone"]]
    def post(self, shared, prep_res, exec_res):
        calls.append((prep_res, exec_res))
class End(Node): pass
work = Work()
work.set_params({"tone": "own"})
work >> End()
flow = Flow(work)
flow.set_params({"tone": "own"})
flow.run({})
print(calls)
"""
)


async def test_what_was_set_by_hand_is_told_apart_from_the_programs_own(tmp_path: Path) -> None:
    async def work(drive: Drive) -> None:
        model, folded = Model(), 0

        async def by_hand(expression: str | None = None) -> dict[str, Any]:
            """What is set in Work after this expression, or after an undo."""
            nonlocal folded
            if expression is None:
                await drive.session.request("flowscope/undo")
            else:
                await drive.session.evaluate(expression)
            await drive.until("intervention")
            for event in drive.seen[folded:]:
                model.apply(event)
            folded = len(drive.seen)
            return next(visit for visit in model.visits if visit.label == "Work").by_hand()

        assert await drive.stop() == "breakpoint Work.exec < Flow"
        assert await by_hand("prep_res.append('inside')") == {"prep_res": ["prep", "inside"]}
        assert (await by_hand("params = {'tone': 'set'}"))["params"] == {"tone": "set"}
        assert (await by_hand("params['tone'] = 'loud'"))["params"] == {"tone": "loud"}
        await drive.session.continue_()
        assert await drive.stop() == "breakpoint Work.post < Flow"
        execute = begun(drive, "exec", "Work")[0]["id"]
        assert (await by_hand("exec_res = 'mine'"))["exec_res"] == "mine"
        assert (await by_hand("exec_res = 'better'"))["exec_res"] == "better"
        assert (await by_hand())["exec_res"] == "mine"
        assert model.spans[execute].result == ["prep", "inside", "exec", "loud"]
        await back(drive, begun(drive, "post", "Work")[0]["id"])
        assert await shared(drive, "exec_res") == "['prep', 'inside', 'exec', 'loud']"
        before = {"prep_res": ["prep", "inside"], "params": {"tone": "loud"}}
        assert (await by_hand("prep_res = None")) == {**before, "prep_res": None}
        assert await by_hand() == before
        await drive.session.set_breakpoints(["End"])
        await drive.session.continue_()
        assert await drive.stop() == "breakpoint End < Flow"
        await back(drive, execute)
        await intervene(drive, "answer", value="'given'")
        await drive.session.set_breakpoints([])
        await drive.session.continue_()
        await drive.until("exit")
        result = ["prep", "inside", "exec", "loud"]
        assert drive.text() == f"{[(['prep', 'inside'], result), (['prep', 'inside'], 'given')]}\n"
        ends = [event for event in drive.seen if event["type"] == "end" and "given" in event]
        assert [(end["given"], end["result"]) for end in ends] == [("answer", "given")]

    await driving(tmp_path, EDITS, work, breakpoints=["Work.exec", "Work.post"], stop_on_entry=False)
