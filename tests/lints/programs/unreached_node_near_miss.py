"""A branch that only the second run takes, and a program that ends badly before the rest of its nodes."""

import sys

from pocketflow import Flow, Node


class Decide(Node):
    def post(self, shared, prep_res, exec_res):
        return "search" if shared["hard"] else "answer"


class Search(Node):
    def exec(self, prep_res):
        if "--fail" in sys.argv:
            raise ValueError("no network")


class Answer(Node):
    pass


class Say(Node):
    pass


decide, search, answer = Decide(), Search(), Answer()
decide - "search" >> search >> answer
decide - "answer" >> answer
flow = Flow(start=decide)
flow.run({"hard": "--fail" in sys.argv})
flow.run({"hard": True})
