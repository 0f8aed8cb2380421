import atexit
import sys

from pocketflow import Flow, Node


class Start(Node):
    pass


class Quit(Node):
    def exec(self, prep_res):
        try:
            sys.exit(3)
        finally:
            print("cleaning up")


atexit.register(print, "at exit")
start = Start()
start >> Quit()
Flow(start=start).run({})
