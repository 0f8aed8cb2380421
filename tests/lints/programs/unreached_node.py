"""A branch that is never taken."""

from pocketflow import Flow, Node


class Decide(Node):
    def post(self, shared, prep_res, exec_res):
        return "answer"


class Search(Node):
    pass


class Answer(Node):
    pass


decide, answer = Decide(), Answer()
decide - "search" >> Search() >> decide
decide - "answer" >> answer
Flow(start=decide).run({})
