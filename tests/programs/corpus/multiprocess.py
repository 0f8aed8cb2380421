import multiprocessing
import os

from pocketflow import BatchNode, Flow, Node


class Job:
    def __init__(self, number):
        self.number = number


def square(job):
    return Job(job.number**2)


def in_child(number):
    shared = {"number": number}
    Flow(start=Single()).run(shared)  # a flow of the child's own
    return shared["number"]


class Single(Node):
    def post(self, shared, prep_res, exec_res):
        shared["number"] += 1


class Squares(Node):
    def prep(self, shared):
        return [Job(number) for number in range(4)]

    def exec(self, jobs):
        with multiprocessing.Pool(2) as pool:
            return [job.number for job in pool.map(square, jobs)] + pool.map(in_child, [10, 20])

    def post(self, shared, prep_res, exec_res):
        shared["squares"] = exec_res


class Print(BatchNode):
    def prep(self, shared):
        return shared["squares"]

    def exec(self, square):
        print(square, end=" ")

    def post(self, shared, prep_res, exec_res):
        print()


if __name__ == "__main__":
    squares = Squares()
    squares >> Print()
    Flow(start=squares).run({})
    print(__name__, os.path.basename(__file__))
