"""Random walks with random rewinds through one program: whatever way it took, it must end the same."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from flowscope.session.client import RequestError

from .drive import Drive, driving

PROGRAM = """\
import asyncio
from pocketflow import *
class A(Node):
    def prep(self, shared):
        self.k = len(shared["log"])
        return self.k
    def exec(self, k):
        if self.cur_retry == 0 and k % 2: raise ValueError("odd")
        return k * 2
    def post(self, shared, prep_res, exec_res):
        shared["log"].append(("A", self.k, exec_res))
        shared["n"] += 1
        return "again" if shared["n"] % 3 else "default"
class B(BatchNode):
    def prep(self, shared): return list(range(shared["n"]))
    def exec(self, x): return x * x
    def post(self, shared, prep_res, exec_res):
        shared["log"].append(("B", exec_res))
        shared["d"] = {**shared["d"], len(shared["d"]): exec_res}
class C(AsyncParallelBatchNode):
    async def prep_async(self, shared): return [3, 1, 2]
    async def exec_async(self, x):
        await asyncio.sleep(0.001 * x)
        return -x
    async def post_async(self, shared, prep_res, exec_res):
        shared["log"].append(("C", exec_res))
        shared["s"].add(len(shared["log"]))
class D(Node):
    def prep(self, shared): return self.params["k"]
    def exec(self, k): return k + 1
    def post(self, shared, prep_res, exec_res):
        shared["d"][f"k{prep_res}"] = exec_res
class BF(BatchFlow):
    def prep(self, shared): return [{"k": k} for k in range(3)]
    def post(self, shared, prep_res, exec_res):
        shared["log"].append("BF")
class E1(AsyncNode):
    async def exec_async(self, p):
        await asyncio.sleep(0.001)
        return self.params["j"]
    async def post_async(self, shared, prep_res, exec_res):
        shared["par"][exec_res] = shared["par"].get(exec_res, 0) + 1
class E2(AsyncNode):
    async def post_async(self, shared, prep_res, exec_res):
        shared["par"][self.params["j"]] *= 10
class PF(AsyncParallelBatchFlow):
    async def prep_async(self, shared): return [{"j": j} for j in range(3)]
class Loop(Node):
    def post(self, shared, prep_res, exec_res):
        shared["turns"] += 1
        return "more" if shared["turns"] < 3 else "default"
class End(Node):
    def post(self, shared, prep_res, exec_res):
        shared["end"] = True
a, b, c, loop, end = A(max_retries=2), B(), C(), Loop(), End()
a - "again" >> a
a >> b
d1, d2 = D(), D()
d1 >> d2
bf = BF(d1)
e1, e2 = E1(), E2()
e1 >> e2
pf = PF(e1)
inner = Flow(a)
outer = Flow(inner)
inner >> bf
outer >> c >> pf >> loop
loop - "more" >> outer
loop >> end
shared = {"log": [], "n": 0, "d": {}, "s": set(), "par": {}, "turns": 0}
asyncio.run(AsyncFlow(outer).run_async(shared))
shared["par"] = sorted(shared["par"].items())  # lanes may overtake each other
print(sorted(shared.items(), key=lambda kv: kv[0]))
"""
PLACES = ["A.post", "B", "C[1]", "D", "E2", "Loop", "End", "E1.exec", "BF", "PF", "C.post"]


@pytest.mark.parametrize("seed", [13, 24, 52, 78])
async def test_a_walk(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    plain = tmp_path / "plain.py"
    plain.write_text(PROGRAM)
    expected = subprocess.run([sys.executable, plain], capture_output=True, text=True, check=True).stdout

    async def work(drive: Drive) -> None:
        session = drive.session
        await drive.stop()
        rewinds = 0
        while True:
            begun = [event for event in drive.seen if event["type"] == "begin"]
            if rewinds < 4 and chance.random() < 0.7:
                try:
                    await session.request("flowscope/rewind", span=chance.choice(begun[-120:])["id"])
                except RequestError as error:
                    assert "branch" in str(error) or "lane" in str(error) or "copies" in str(error)
                    continue
                rewinds += 1
            elif (
                step := chance.choice(["next", "step_in", "step_in", "step_out", "continue_"])
            ) != "continue_":
                await getattr(session, step)(drive.lane)
            else:
                await session.set_breakpoints([chance.choice(PLACES)] if rewinds < 4 else [])
                await session.continue_(drive.lane)
            if (await drive.until("stopped", "exit"))["type"] == "exit":
                break
        assert drive.text() == expected

    await driving(tmp_path, PROGRAM, work, exceptions=[])
