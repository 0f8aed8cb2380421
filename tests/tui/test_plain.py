"""What becomes of drawings on terminals that have no Unicode."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

import flowscope
from flowscope.tui.plain import _Table, terminal_encoding

ROOT = Path(flowscope.__file__ or "").parent


@pytest.mark.parametrize(
    ("env", "encoding"),
    [
        ({}, "utf-8"),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8"),
        ({"LANG": "de_DE.UTF-8@euro"}, "utf-8"),
        ({"LANG": "en_US"}, "utf-8"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "ascii"),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "ascii"),
        ({"LC_ALL": "POSIX"}, "ascii"),
        ({"LANG": "de_DE.ISO-8859-1"}, "ascii"),
    ],
)
def test_what_the_locale_tells_of_the_terminal(env: dict[str, str], encoding: str) -> None:
    assert terminal_encoding(env, "utf-8") == encoding


def test_a_stream_that_is_not_unicode_is_believed() -> None:
    assert terminal_encoding({"LANG": "en_US.UTF-8"}, "latin-1") == "latin-1"


def test_every_character_of_ours_has_one_that_looks_like_it() -> None:
    table = _Table("ascii")
    ours = {
        char
        for folder in ("tui", "graph", "model")
        for file in (ROOT / folder).rglob("*.py")
        for char in re.findall(r"[^\x00-\x7f]", file.read_text())
    }
    assert [char for char in sorted(ours) if "?" in char.translate(table)] == []


def test_others_keep_their_place() -> None:
    text = "né 日本 \x1b[1m─└ ½"
    plain = text.translate(_Table("ascii"))
    assert plain == "ne ???? \x1b[1m-+ 1"
    assert cell_len(plain) == cell_len(text)
    assert "né ½ ─".translate(_Table("latin-1")) == "né ½ -"
