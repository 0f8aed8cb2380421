"""A plain monkeypatch of every PocketFlow that a program makes or imports: which visits began, which ended.

Python imports a module of this name at its start, before the program. What flows do is appended to the file
SPY_LOG, a line each: `begin CLASS`, and `end CLASS ACTION` for visits that returned.
"""

import builtins
import os
import sys

build_class = builtins.__build_class__
pid = os.getpid()


def tell(*words):
    if os.getpid() == pid:  # a forked child has a life of its own
        with open(os.environ["SPY_LOG"], "a") as log:  # noqa: PTH123 (pathlib may not be imported for it)
            print(*words, file=log)


def watching(function, name, *bases, **keywords):
    cls = build_class(function, name, *bases, **keywords)
    if name == "BaseNode":
        set_params = cls.set_params

        def set_params_told(self, params):
            if sys._getframe(1).f_code.co_name in ("_orch", "_orch_async"):
                tell("begin", type(self).__name__)
            return set_params(self, params)

        cls.set_params = set_params_told
    if name == "Flow":
        get_next_node = cls.get_next_node

        def get_next_node_told(self, curr, action):
            tell("end", type(curr).__name__, repr(action))
            return get_next_node(self, curr, action)

        cls.get_next_node = get_next_node_told
    return cls


if "SPY_LOG" in os.environ:
    builtins.__build_class__ = watching
