"""An action that is spelt wrong."""

from pocketflow import Flow, Node


class Decide(Node):
    def post(self, shared, prep_res, exec_res):
        return "anwser"


class Answer(Node):
    pass


decide = Decide()
decide - "answer" >> Answer()
Flow(start=decide).run({})
