"""Event streams on disk: a header line, then one event a line, as JSON."""

from .answers import answers
from .format import VERSION, RecordingError, encode
from .reader import is_recording, read
from .writer import Writer

__all__ = ["VERSION", "RecordingError", "Writer", "answers", "encode", "is_recording", "read"]
