"""What the source of a phase says of `shared`: what is read, written, and carried from one to the other."""

from __future__ import annotations

import ast
import asyncio
import inspect
from typing import Any

import pytest

from flowscope_engine.uses import Uses, carried, read, uses_of


async def plain(shared: Any) -> None:
    n = shared["n"]
    await asyncio.sleep(0)
    shared["n"] = n + 1


async def through_names(shared: Any) -> None:
    n = shared.get("n", 0)
    made = [n, *range(3)]
    more = f"{n}"
    await asyncio.sleep(0)
    shared["n"] = more, made


async def in_place(shared: Any) -> None:
    shared["n"] += await asyncio.sleep(0, 1)


async def read_behind_the_await(shared: Any) -> None:
    shared["n"] = await asyncio.sleep(0, 1) + shared["n"]


async def at_once(shared: Any) -> None:
    await asyncio.sleep(0)
    shared["n"] += 1
    await asyncio.sleep(0)


async def may_return(shared: Any) -> None:
    n = shared["n"]
    if await asyncio.sleep(0):
        return
    shared["n"] = n + 1


async def in_a_branch(shared: Any) -> None:
    if shared["n"] is None:
        await asyncio.sleep(0)
        shared["n"] = 1


async def the_same_or_more(shared: Any) -> None:
    n = shared["n"]
    await asyncio.sleep(0)
    shared["n"] = max(n, 7)


async def read_again(shared: Any) -> None:
    n = shared["n"]
    await asyncio.sleep(0)
    n = shared["n"]
    shared["n"] = n + 1


async def renamed(shared: Any) -> None:
    n = shared["n"]
    n = await asyncio.sleep(0, 5)
    shared["n"] = n + 1


async def another(shared: Any) -> None:
    shared = dict(shared)
    n = shared["n"]
    await asyncio.sleep(0)
    shared["n"] = n + 1


async def deeper(shared: Any) -> None:
    n = shared["a"]["n"]
    await asyncio.sleep(0)
    shared["a"].update(n=n + 1)


def uses(method: Any) -> Uses:
    """As if it were a phase's method, of a node."""
    tree = ast.parse(inspect.getsource(method).replace("(shared", "(self, shared"))
    function = tree.body[0]
    assert isinstance(function, ast.AsyncFunctionDef)
    return read(function)


CARRIED = {
    plain: (1, 3, 2, 3, True),
    through_names: (1, 5, 2, 5, True),
    in_place: (1, 1, 1, 1, True),
    may_return: (1, 4, 2, 4, False),
    in_a_branch: (1, 3, 2, 3, False),
    the_same_or_more: (1, 3, 2, 3, False),
    read_again: (3, 4, 4, 4, True),
    renamed: (1, 3, 2, 3, False),
    deeper: (1, 3, 2, 3, True),
    read_behind_the_await: None,
    at_once: None,
    another: None,
}
"""Lines within the method: where it reads, writes, from where to where it holds what it read; certain?"""


@pytest.mark.parametrize("method", CARRIED, ids=lambda method: method.__name__)
def test_what_is_carried(method: Any) -> None:
    found = [
        (each.read - 1, each.write - 1, each.first - 1, each.last - 1, each.is_certain)
        for each in uses(method).carries
    ]
    assert found == ([CARRIED[method]] if CARRIED[method] else [])


class Phases:
    def prep(self, shared: Any) -> Any:
        name = shared["name"]
        unused = shared["unused"]
        assert unused
        return name, shared["total"]

    @staticmethod
    def other(shared: Any) -> None:
        shared["other"] = 1

    def post(self, shared: Any, prep_res: Any, exec_res: Any) -> None:
        _, total = prep_res
        shared["total"] = total + exec_res
        shared["name"] = exec_res
        shared["unused"] = 1


def test_from_prep_to_post() -> None:
    prep, post = uses_of(Phases.prep), uses_of(Phases.post)
    first = Phases.prep.__code__.co_firstlineno
    assert prep.reads == {("name",): first + 1, ("unused",): first + 2, ("total",): first + 4}
    assert prep.gives.keys() == {("name",), ("total",)}
    assert {each.place: each.is_certain for each in carried(prep, Uses(), post)} == {
        ("name",): False,
        ("total",): True,
    }
    assert uses_of(Phases.other) == Uses()
