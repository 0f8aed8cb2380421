"""A loop in which nothing happens."""

from pocketflow import Flow, Node

visits = 0


class Check(Node):
    def exec(self, prep_res):
        return "not yet"

    def post(self, shared, prep_res, exec_res):
        global visits
        visits += 1
        return "again" if visits < 8 else "stop"


class Done(Node):
    pass


check = Check()
check - "again" >> check
check - "stop" >> Done()
Flow(start=check).run({"question": "?"})
