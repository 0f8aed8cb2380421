"""Event streams on disk: a header line, then one event a line, as JSON."""

from .format import VERSION, RecordingError
from .reader import read
from .writer import Writer

__all__ = ["VERSION", "RecordingError", "Writer", "read"]
