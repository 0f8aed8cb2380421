"""An action without a successor where none is needed, a loop and a nested flow left on purpose."""

from pocketflow import Flow, Node


class Chat(Node):
    def post(self, shared, prep_res, exec_res):
        shared["turns"] = shared.get("turns", 0) + 1
        return "continue" if shared["turns"] < 3 else None


class Answer(Node):
    def post(self, shared, prep_res, exec_res):
        return "done"


class Pay(Node):
    def post(self, shared, prep_res, exec_res):
        return "declined"


class Charge(Node):
    pass


chat, pay = Chat(), Pay()
chat - "continue" >> chat
pay - "paid" >> Charge()
payment, answer = Flow(start=pay), Answer()
payment - "declined" >> Flow(start=chat) >> answer
Flow(start=payment).run({})
