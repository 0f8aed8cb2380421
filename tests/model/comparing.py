"""Comparisons as tests ask for them: of two models, or of a branch."""

from __future__ import annotations

from flowscope.model import Model
from flowscope.model.branches import Branch
from flowscope.model.comparison import Comparison, compare
from flowscope.model.sides import Side, of_branch


def compare_models(one: Model, other: Model) -> Comparison:
    """Two programs, from their beginning."""
    return compare(Side.whole("one", one), Side.whole("other", other))


def compare_branch(branch: Branch, model: Model) -> Comparison:
    """An abandoned branch, and what was done instead."""
    return compare(*of_branch(branch, model))
