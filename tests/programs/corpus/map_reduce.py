# map-reduce over résumés, BatchNode in the middle
import os

from pocketflow import BatchNode, Flow, Node

DATA = {f"resume{i}.txt": f"name: P{i}; years: {i * 2}" for i in range(5)}


class ReadResumes(Node):
    def exec(self, _):
        return {os.path.basename(k): v for k, v in DATA.items()}

    def post(self, shared, prep_res, exec_res):
        shared["resumes"] = exec_res
        return "default"


class Evaluate(BatchNode):
    def prep(self, shared):
        return list(shared["resumes"].items())

    def exec(self, item):
        name, text = item
        return name, int(text.rsplit(": ")[-1]) >= 4

    def post(self, shared, prep_res, exec_res_list):
        shared["evaluations"] = dict(exec_res_list)
        return "default"


class Reduce(Node):
    def prep(self, shared):
        return shared["evaluations"]

    def exec(self, evaluations):
        return sum(evaluations.values()), len(evaluations)

    def post(self, shared, prep_res, exec_res):
        good, total = exec_res
        print(f"Qualified: {good}/{total} ({good / total:.1%})")


class Empty(BatchNode):
    """No prep: nothing to do."""


read, evaluate, reduce_ = ReadResumes(), Evaluate(), Reduce()
read >> evaluate >> reduce_ >> Empty()
Flow(start=read).run(shared := {})
assert shared["evaluations"]["resume4.txt"]
