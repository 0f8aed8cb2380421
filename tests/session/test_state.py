"""Breakpoints kept per script between sessions."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowscope.session.state import SavedBreakpoint, load, save


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    monkeypatch.setattr("platformdirs.user_state_path", lambda name: home / name)
    return home


KEPT = [SavedBreakpoint("Work.exec if shared['ü'] > 1"), SavedBreakpoint("raise", enabled=False)]


def test_kept_per_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "a.py", KEPT)
    save(tmp_path / "b.py", [])
    monkeypatch.chdir(tmp_path)
    assert load("a.py").breakpoints == KEPT
    assert load("a.py").notice is None
    assert load("b.py").breakpoints == []
    assert load("never.py").breakpoints == []


def test_one_file_each_and_nothing_left_beside(tmp_path: Path, state_home: Path) -> None:
    for _ in range(3):
        save(tmp_path / "a.py", KEPT)
    assert len([p for p in state_home.rglob("*") if p.is_file()]) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"script":"a","breakpoints":7}',
        b'{"script":"a","breakpoints":[{"spec":"*"}]}',
        b"\xff",
    ],
)
def test_a_damaged_file_is_put_aside(tmp_path: Path, state_home: Path, content: bytes) -> None:
    save(tmp_path / "a.py", KEPT)
    (file,) = state_home.rglob("*.json")
    file.write_bytes(content)
    saved = load(tmp_path / "a.py")
    assert saved.breakpoints == []
    assert saved.notice and "damaged" in saved.notice
    (bad,) = state_home.rglob("*.bad")
    assert bad.read_bytes() == content
    assert load(tmp_path / "a.py").notice is None


def test_an_unreadable_file_is_told(tmp_path: Path, state_home: Path) -> None:
    save(tmp_path / "a.py", KEPT)
    (file,) = state_home.rglob("*.json")
    file.unlink()
    file.mkdir()
    notice = load(tmp_path / "a.py").notice
    assert notice and "could not be read" in notice


def test_a_failed_save_keeps_the_old_file(
    tmp_path: Path, state_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "a.py", KEPT)

    def refuse(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(OSError, match="disk full"):
            save(tmp_path / "a.py", [])
    assert load(tmp_path / "a.py").breakpoints == KEPT
    assert not list(state_home.rglob("*.new"))
