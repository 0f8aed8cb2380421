"""Run as `python -m vendored.app`: relative imports, and arguments after the module's name."""

import sys

from .tiny_llm import Flow, Node


class Echo(Node):
    def prep(self, shared):
        return sys.argv[1:]

    def post(self, shared, arguments, exec_res):
        shared["count"] = shared.get("count", 0) + 1
        print(__name__, __package__, arguments)
        return "again" if shared["count"] < 3 else None


echo = Echo()
echo - "again" >> echo
Flow(start=echo).run({})
