"""The program that adapter.test.js debugs. Its first `def exec` is a breakpoint there."""

import sys

from pocketflow import Flow, Node


class Double(Node):
    def prep(self, shared):
        return shared["number"]

    def exec(self, number):
        if "--fail" in sys.argv:
            raise ValueError("told to fail")
        return number * 2

    def post(self, shared, prep_res, exec_res):
        shared["result"] = exec_res


class Show(Node):
    def prep(self, shared):
        print("doubled:", shared["result"])


double, show = Double(), Show()
double >> show
Flow(start=double).run({"number": 21})
sys.exit(int(sys.argv[-1]) if "--exit" in sys.argv else 0)
