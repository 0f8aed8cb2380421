"""Event streams on disk: a header line, then one event a line, as JSON."""

from .format import VERSION, RecordingError, encode
from .reader import is_recording, read
from .writer import Writer

__all__ = ["VERSION", "RecordingError", "Writer", "encode", "is_recording", "read"]
