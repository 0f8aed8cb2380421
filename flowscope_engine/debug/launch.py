"""The debuggee's entry: `python launch.py ARG…`, with what to run in the variable FLOWSCOPE_DEBUGGEE.

It opens the door, runs the program as `python` would, and leaves no trace of itself in what the program sees.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (the user's program has whatever Python it has)
    sys.exit("flowscope: this program's Python is older than 3.11, which FlowScope needs; try --python.")

import os


def _import_engine():  # type: ignore[no-untyped-def]  # annotations would not parse on the oldest Pythons
    """Make this very engine `flowscope_engine`, whatever is installed, without a change to sys.path."""
    from importlib.util import module_from_spec, spec_from_file_location

    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    init = os.path.join(folder, "__init__.py")
    spec = spec_from_file_location("flowscope_engine", init, submodule_search_locations=[folder])
    assert spec is not None and spec.loader is not None
    package = sys.modules["flowscope_engine"] = module_from_spec(spec)
    spec.loader.exec_module(package)


if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # our own folder
    _import_engine()  # type: ignore[no-untyped-call]
    from flowscope_engine.debug.debuggee import Debuggee

    debuggee = Debuggee(os.environ.pop("FLOWSCOPE_DEBUGGEE"), sys.argv[1:])
    try:
        debuggee.run()
    except BaseException as error:
        debuggee.ended(error)
        raise  # from the outermost frame, which leaves no mark on the traceback; the rest is Python's to do
