"""A command line tool with a flow inside, a usage error and exit codes."""

import argparse
import sys

from pocketflow import Flow, Node


class Greet(Node):
    def prep(self, shared):
        return shared["args"]

    def exec(self, args):
        return f"{args.greeting}, {args.name}{'!' * args.break_}"

    def post(self, shared, prep_res, exec_res):
        print(exec_res)
        shared["code"] = 3 if prep_res.fail else 0


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--break", dest="break_", type=int, default=1)
    parser.add_argument("-m", dest="greeting", default="Hello")
    parser.add_argument("--fail", action="store_true")
    shared = {"args": parser.parse_args(argv)}
    Flow(start=Greet()).run(shared)
    return shared["code"]


if __name__ == "__main__":
    sys.exit(main())
