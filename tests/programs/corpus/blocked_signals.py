"""A worker that puts signals off while it must not be disturbed."""

import os
import signal

from pocketflow import Flow, Node

LATER = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


class Save(Node):
    def exec(self, prep_res):
        signal.pthread_sigmask(signal.SIG_BLOCK, LATER)
        for number in LATER:
            os.kill(os.getpid(), number)
        print("saved, and then:", *sorted(signal.sigpending()))
        for number in LATER:
            print("came", signal.sigwait([number]).name)


Flow(start=Save()).run({})
