"""Times and foreign text, as every view writes them."""

from __future__ import annotations


def duration_text(ns: int) -> str:
    """Nanoseconds with the digits that matter: `850 µs`, `1.2 ms`, `34 s`, `2 min 05 s`."""
    if ns >= 120_000_000_000:
        minutes, seconds = divmod(round(ns / 1_000_000_000), 60)
        return f"{minutes} min {seconds:02} s"
    unit, size = ("µs", 1e3) if ns < 999.5e3 else ("ms", 1e6) if ns < 999.5e6 else ("s", 1e9)
    return f"{ns / size:.{1 if ns < 9.95 * size else 0}f} {unit}"


def one_line(text: str, width: int) -> str:
    """At most `width` characters of a text, a cut ending with `…`.

    What would move the cursor, colour the screen or turn the writing around becomes a space.
    """
    return printable(text if len(text) <= width else text[: max(width - 1, 0)] + "…")


def printable(text: str) -> str:
    """The text with a space for every character that is none to look at."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def counted(number: int, what: str) -> str:
    """`1 visit`, `1,000 visits`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
