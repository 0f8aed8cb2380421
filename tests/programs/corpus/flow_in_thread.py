# a web-server-like program: each job in a worker thread, results over a queue
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

from pocketflow import Flow, Node


class Step(Node):
    def __init__(self, name):
        super().__init__(max_retries=2)
        self.name = name

    def prep(self, shared):
        return shared["job"]

    def exec(self, job):
        if self.cur_retry == 0 and job == 2:
            raise OSError("first try")
        return f"{self.name}{job}"

    def post(self, shared, prep_res, exec_res):
        shared["queue"].put(exec_res)


class Last(Step):
    def post(self, shared, prep_res, exec_res):
        super().post(shared, prep_res, exec_res)
        shared["queue"].put(None)
        return "end"


def work(job):
    a, b = Step("a"), Last("b")
    a >> b
    results = queue.Queue()
    thread = threading.Thread(target=Flow(start=a).run, args=({"job": job, "queue": results},))
    thread.start()
    found = list(iter(results.get, None))
    thread.join()
    return found


for job in range(2):
    print(job, work(job))
with ThreadPoolExecutor(3) as pool:
    print(list(pool.map(work, range(2, 6))))
