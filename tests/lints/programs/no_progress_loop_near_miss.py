"""Loops that get on: in `shared`, in what they are told, in a queue that nobody can look into."""

import queue

from pocketflow import BatchFlow, Flow, Node

answers = iter(range(100))


class Count(Node):
    def post(self, shared, prep_res, exec_res):
        shared["n"] = shared.get("n", 0) + 1
        return "again" if shared["n"] % 8 else "go"


class Listen(Node):
    def exec(self, prep_res):
        return next(answers)

    def post(self, shared, prep_res, exec_res):
        return "again" if exec_res < 8 else "go"


class Take(Node):
    def prep(self, shared):
        if "queue" not in shared:
            shared["queue"] = queue.Queue()
            for _ in range(8):
                shared["queue"].put("same")
        return shared["queue"].get()

    def post(self, shared, prep_res, exec_res):
        return "go" if shared["queue"].empty() else "again"


class Same(Node):
    pass


class Many(BatchFlow):
    def prep(self, shared):
        return [{"n": n} for n in range(8)]


count, listen, take = Count(), Listen(), Take()
for node in (count, listen, take):
    node - "again" >> node
count - "go" >> listen
listen - "go" >> take
take - "go" >> Many(start=Same())
Flow(start=count).run({})
