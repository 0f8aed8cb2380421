"""The program as its events tell it: folded by one `Model.apply`, read by every view.

Pure: no I/O, no clock, no import of another part of FlowScope.
"""

from .branches import Branch
from .by_hand import ByHand
from .changes import merged
from .events import Blocked, Change, Exit, Failure, Graph, Header, Input, Intervention, Notice, Stopped
from .history import History, Step
from .lanes import Lane
from .lints import RULES, Lint, Lints
from .model import Model
from .outputs import Output, Outputs
from .regions import Member, Region
from .spans import Span
from .tally import Edge

__all__ = [
    "RULES",
    "Blocked",
    "Branch",
    "ByHand",
    "Change",
    "Edge",
    "Exit",
    "Failure",
    "Graph",
    "Header",
    "History",
    "Input",
    "Intervention",
    "Lane",
    "Lint",
    "Lints",
    "Member",
    "Model",
    "Notice",
    "Output",
    "Outputs",
    "Region",
    "Span",
    "Step",
    "Stopped",
    "merged",
]
