"""The whole of a value of which the events told the beginning, from the program that still has it."""

from __future__ import annotations

from typing import Any

from flowscope.model import Span
from flowscope.session.client import RequestError

from .debugger import Debugger
from .screens.value import Fetch


def whole_of(debugger: Debugger, span: Span | None, key: tuple[Any, ...] | None) -> Fetch | None:
    """What gets the text at a path of `shared` as the span began; None where nobody can be asked."""
    if span is None or key is None or not debugger.is_live:
        return None

    async def fetch() -> str:
        text = ""
        while True:
            try:
                answer = await debugger.request(
                    "flowscope/value", span=span.id, at="shared", path=list(key), start=len(text)
                )
            except RequestError as error:
                raise ValueError(str(error)) from None
            piece = str(answer.get("text", ""))
            text += piece
            if not piece or len(text) >= int(answer.get("length", 0)):
                return text

    return fetch
