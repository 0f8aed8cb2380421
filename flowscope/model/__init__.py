"""The program as its events tell it: folded by one `Model.apply`, read by every view.

Pure: no I/O, no clock, no import of another part of FlowScope.
"""

from .changes import merged
from .events import Change, Exit, Failure, Graph, Header, Input, Notice, Stopped
from .model import Edge, Model
from .outputs import Output, Outputs
from .spans import Lane, Span

__all__ = [
    "Change",
    "Edge",
    "Exit",
    "Failure",
    "Graph",
    "Header",
    "Input",
    "Lane",
    "Model",
    "Notice",
    "Output",
    "Outputs",
    "Span",
    "Stopped",
    "merged",
]
