"""Colours of the screens, in a dark and a light theme; states are never told by colour alone."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="flowscope-dark",
    primary="#7aa2f7",
    secondary="#9d7cd8",
    accent="#ff9e64",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#c8d0f0",
    background="#16161e",
    surface="#1a1b26",
    panel="#24283b",
    dark=True,
    variables={"border": "#3b4261", "border-blurred": "#2a2e42"},
)
LIGHT = Theme(
    name="flowscope-light",
    primary="#2e5aa8",
    secondary="#7847bd",
    accent="#b15c00",
    warning="#8f5e15",
    error="#c0304f",
    success="#3f7a1f",
    foreground="#2b2f42",
    background="#f2f3f7",
    surface="#ffffff",
    panel="#e2e5ef",
    dark=False,
    variables={"border": "#b8bfd3", "border-blurred": "#d3d8e6"},
)
