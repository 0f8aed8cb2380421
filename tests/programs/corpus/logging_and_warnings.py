# logging with file and line of the caller, warnings, both to stderr; tracing by a decorator of its own
import functools
import logging
import warnings

from pocketflow import Flow, Node

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(filename)s:%(lineno)d %(funcName)s %(message)s")
log = logging.getLogger(__name__)


def traced(cls):
    for name in ("prep", "exec", "post"):
        original = getattr(cls, name)

        @functools.wraps(original)
        def wrapper(self, *args, _original=original, _name=name):
            log.info("%s.%s", type(self).__name__, _name)
            return _original(self, *args)

        setattr(cls, name, wrapper)
    return cls


@traced
class Check(Node):
    def exec(self, prep_res):
        warnings.warn("this way is deprecated", stacklevel=1)
        try:
            1 / 0
        except ZeroDivisionError:
            log.exception("as expected")
        return "unknown"

    def post(self, shared, prep_res, exec_res):
        return exec_res


class Next(Node):
    pass


check = Check()
check - "known" >> Next()
check - "known" >> Next()
Flow(start=check).run({})
check.run({})
