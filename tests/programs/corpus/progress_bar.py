import sys
import time

from pocketflow import BatchNode, Flow


class Bar:
    def __init__(self, items):
        self.items = list(items)

    def __iter__(self):
        for count, item in enumerate(self.items, 1):
            yield item
            sys.stderr.write(f"\r{count * 100 // len(self.items):3d}%|{'█' * count:<10}| {count}/{len(self.items)}")
            sys.stderr.flush()
        sys.stderr.write("\n")


class Download(BatchNode):
    def prep(self, shared):
        return Bar(range(10))

    def exec(self, number):
        time.sleep(0.001)
        return number

    def post(self, shared, prep_res, exec_res):
        print(f"\rdone\r\n{sum(exec_res)}\x1b[1m bold\x1b[0m", end="")


Flow(start=Download()).run({})
