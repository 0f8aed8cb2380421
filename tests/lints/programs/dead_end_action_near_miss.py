"""A flow that ends on an action of a node without successors, a loop left by returning nothing."""

from pocketflow import Flow, Node


class Chat(Node):
    def post(self, shared, prep_res, exec_res):
        shared["turns"] = shared.get("turns", 0) + 1
        return "continue" if shared["turns"] < 3 else None


class Answer(Node):
    def post(self, shared, prep_res, exec_res):
        return "done"


class Begin(Node):
    pass


chat = Chat()
chat - "continue" >> chat
inner = Flow(start=chat)
begin = Begin()
begin >> inner >> Answer()
Flow(start=begin).run({})
