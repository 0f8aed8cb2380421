"""`flowscope graph`: the graph of a program, which is started and ended before the first node runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from .graph.merge import as_one
from .loop import run
from .session.launch import LaunchError, LaunchSpec
from .session.session import Session

Event = dict[str, Any]


def outline(spec: LaunchSpec, form: str) -> str:
    """The graphs of the first run and of flows that variables hold, as text in one of FORMATS.

    Raises LaunchError where there is none.
    """
    return FORMATS[form](run(_graph(replace(spec, stdout_to_stderr=True, outline=True))))


async def _graph(spec: LaunchSpec) -> Event:
    session = Session(spec, stop_on_entry=True, mode="run")
    await session.start()
    graphs = []
    async for event in session.events():
        if event["type"] == "graph":
            graphs.append(event)
        if event["type"] in ("stopped", "exit"):
            break
    await session.close()
    found = as_one(graphs)
    if found is None:
        what = spec.script or spec.module
        raise LaunchError(f"{what} ran no flow, and no global variable holds one: there is no graph to show.")
    return found


def _drawn(render: str) -> Callable[[Event], str]:
    def render_event(event: Event) -> str:
        from importlib import import_module

        from .graph.build import build

        module, name = render.split(":")
        text: str = getattr(import_module(module), name)(build(event["nodes"], event["edges"]))
        return text

    return render_event


def _json(event: Event) -> str:
    return msgspec.json.encode(event).decode()


FORMATS: dict[str, Callable[[Event], str]] = {
    "text": _drawn("flowscope.graph.text:render_text"),
    "mermaid": _drawn("flowscope.export.mermaid:to_mermaid"),
    "dot": _drawn("flowscope.export.dot:to_dot"),
    "svg": _drawn("flowscope.export.svg:to_svg"),
    "json": _json,
}
EXPORTS = sorted(FORMATS.keys() - {"text"})
