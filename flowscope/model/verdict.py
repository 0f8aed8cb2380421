"""What a comparison comes to, and what is to be known of its sides, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from .comparison import BEYOND, Comparison, Row
from .events import Header
from .sides import Side
from .text import counted, one_line

_WIDTH = 60  # columns of arguments


def verdict(comparison: Comparison) -> str:
    """One sentence: is it the same, or where is it not?"""
    visits = counted(comparison.alike, "visit")
    first, one, other = comparison.first, comparison.one, comparison.other
    if not comparison.rows:
        return "There is nothing to compare: neither side has a visit."
    if first is not None:
        before = f"The same for {visits}, then" if comparison.alike else "From the beginning,"
        return f"{before} {_parts(comparison, first)}."
    if one.branch is not None and not any(row.other is None for row in comparison.rows):
        same = "visit" if comparison.alike == 1 else visits
        return f"The branch took the same {same}, then was left."
    ended = _ended(comparison)
    if ended is not None and one.branch is not None:
        return f"The same for {visits}: what was done instead has come so far."
    if ended is not None and not comparison.alike:
        return f"There is nothing to compare: no visit of {ended.name} is known."
    if ended is not None:
        return f"The same for {visits}, then nothing more is known of {ended.name}."
    if comparison.has_cut:
        return f"No difference in {visits}, as far as their longest values are known."
    if one.is_cut or other.is_cut:
        return f"No difference in {visits}, as far as they are known."
    return f"No difference in {visits}: the same values, actions and ends."


def _parts(comparison: Comparison, first: Row) -> str:
    parting = comparison.partings[0]
    where = one_line(parting.where, 80)
    if parting.kind == "value":
        return f"another value: {where}"
    if parting.kind != "visit":
        return f"another action of {where}" if parting.kind == "action" else f"{where} ends otherwise"
    if "nothing more" not in (parting.one, parting.other):
        there = "instead" if comparison.one.branch is not None else f"in {comparison.other.name}"
        return f"{parting.one} in {comparison.one.name}, {parting.other} {there}"
    longer, name = (
        (comparison.other, parting.other) if parting.one == "nothing more" else (comparison.one, parting.one)
    )
    return f"only {longer.name} goes on, with {name}"


def _ended(comparison: Comparison) -> Side | None:
    """The side that ends before the other one, nobody knows with what."""
    beyond = next((row for row in comparison.rows if row.mark == BEYOND), None)
    if beyond is None:
        return None
    return comparison.one if beyond.one is None else comparison.other


def remarks(one: Side, other: Side) -> list[str]:
    """What to know before comparing."""
    return [*_programs(one, other), *_of(one), *(_of(other) if other.model is not one.model else ())]


def _programs(one: Side, other: Side) -> Iterator[str]:
    ours, theirs = one.model.header, other.model.header
    if ours is None or theirs is None or ours is theirs:
        return
    labels = [{node.get("label") for node in side.model.nodes.values()} for side in (one, other)]
    if _program(ours) != _program(theirs):
        yield (
            f"Different programs: {one.name} is of {_program(ours)}, {other.name} of {_program(theirs)};"
            " nodes are matched by their names."
        )
    elif all(labels) and not labels[0] & labels[1]:
        yield f"No node has the same name in {one.name} and {other.name}."
    elif ours.argv != theirs.argv:
        yield f"Different arguments: {_arguments(ours)} in {one.name}, {_arguments(theirs)} in {other.name}."


def _program(header: Header) -> str:
    return PurePath(header.script or "an unknown program").name


def _arguments(header: Header) -> str:
    return one_line(" ".join(header.argv), _WIDTH) or "none"


def _of(side: Side) -> Iterator[str]:
    model = side.model
    yield from side.notes
    if not model.runs and model.ended:
        yield f"{side.name} holds no run: its program ran no flow, or had not come to it."
    elif side.is_cut and side.branch is None:
        if model.ended:
            yield f"{side.name} ends before its program did: what followed is not known."
        else:
            yield f"{side.name} is compared as far as it has come."
    if side.branch is None and model.branches:
        times = counted(len(model.branches), "time")
        yield f"{side.name} was rewound {times}: what was left is not compared."
    if model.history.dropped:
        yield f"{side.name} is very long: changes of shared by its oldest visits were let go."
