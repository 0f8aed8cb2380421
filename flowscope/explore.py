"""The same program under different interleavings: do its results depend on who goes first?

Each run is a process of its own; the engine lets one lane go at a time, chosen by a seed. What differs from
the run in which whoever came first went first is reported, with the shortest schedule that shows it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flowscope_engine.debug.order import END, parts

from .loop import run
from .model import Model
from .model.parting import steady, without_addresses
from .session.launch import LaunchError, LaunchSpec
from .session.session import Session

ASPECTS = ("shared", "actions", "errors", "output")
_SECONDS = 120.0  # that one run may take
_SHOWN = 60  # steps of a schedule, characters of a value
_VERSION = 1


@dataclass
class Outcome:
    """What a run came to, as texts to compare, and the order that led there."""

    aspects: dict[str, str]
    steps: list[str] = field(default_factory=list)
    has_ended: bool = True

    @property
    def has_failed(self) -> bool:
        """Has it ended with an error, or with another exit code than 0?"""
        return self.aspects["errors"] != "exit code 0"

    def differs(self, other: Outcome, aspects: Sequence[str] = ASPECTS) -> list[str]:
        """The aspects in which the two are different."""
        return [name for name in aspects if self.aspects[name] != other.aspects[name]]


def explore(
    spec: LaunchSpec, count: int, seed: int, tell: Callable[[str], None], save: Path | None = None
) -> int:
    """Run the program `count` times and tell what differs; 1 where something but the output does.

    The shortest schedule is saved in the file. Raises LaunchError, OSError.
    """
    return run(_explore(spec, count, seed, tell, save))


async def _explore(
    spec: LaunchSpec, count: int, seed: int, tell: Callable[[str], None], save: Path | None
) -> int:
    base = await run_once(spec, ())
    outcomes: dict[int, Outcome] = {}
    for number in range(seed, seed + count):
        outcomes[number] = await run_once(spec, (), number)
    different = len({tuple(outcome.steps) for outcome in outcomes.values()} - {tuple(base.steps)})
    tell(f"{count} runs took {different} orders other than that where the first to come goes first.")
    if not all(outcome.has_ended for outcome in outcomes.values()):
        tell(f"Some did not end within {_SECONDS:g} seconds, and were ended.")
    found = Counter(name for outcome in outcomes.values() for name in outcome.differs(base))
    for name in ASPECTS:
        if name in found:
            tell(f"{name}: different in {found[name]} of {count}")
            first = next(outcome for outcome in outcomes.values() if name in outcome.differs(base))
            tell(_difference(base.aspects[name], first.aspects[name]))
        else:
            tell(f"{name}: the same in all")
            if name == "errors" and base.has_failed:
                tell("  " + base.aspects[name].replace("\n", "; "))
    aspects = [name for name in ASPECTS if name in found and (name != "output" or len(found) == 1)]
    if not aspects:
        return 0
    number, worst = min(
        ((n, o) for n, o in outcomes.items() if o.differs(base, aspects)), key=lambda pair: len(pair[1].steps)
    )
    steps = await _shortest(spec, base, worst, aspects)
    tell(f"The shortest schedule that shows it, from seed {number}; then the first to come goes first:")
    tell("".join(f"  {at}. {step}\n" for at, step in enumerate(steps[:_SHOWN], 1)).rstrip("\n"))
    if len(steps) > _SHOWN:
        tell(f"  … and {len(steps) - _SHOWN} more")
    if save is not None:
        write_schedule(save, steps)
        script = ["-m", spec.module] if spec.module else [spec.script or ""]
        again = ["flowscope", "debug", "--schedule", str(save), *script, *spec.args]
        tell(f"Saved; see it with: {shlex.join(again)}")
    return int(aspects != ["output"])


async def _shortest(spec: LaunchSpec, base: Outcome, worst: Outcome, aspects: Sequence[str]) -> list[str]:
    """The shortest beginning of a schedule after which the result still differs, by bisection."""
    low, high = 0, len(worst.steps)
    while high - low > 1:
        middle = (low + high) // 2
        outcome = await run_once(spec, worst.steps[:middle])
        low, high = (low, middle) if outcome.differs(base, aspects) else (middle, high)
    return worst.steps[:high]


async def run_once(spec: LaunchSpec, steps: Sequence[str], seed: int | None = None) -> Outcome:
    """Run the program once, its lanes one at a time. Raises LaunchError."""
    env = {"PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED", "0"), **spec.env}  # sets in the same order
    spec = replace(spec, interleaving={"steps": list(steps), "seed": seed}, env=env)
    session = Session(spec, exceptions=(), stop_on_entry=False)
    model, chosen, ended = Model(), list[str](), True
    await session.start()
    try:
        async with asyncio.timeout(_SECONDS):
            async for event in session.events():
                if event["type"] == "schedule":
                    chosen = [step for step in event["steps"] if parts(step)[0] != END]
                model.apply(event)
                if event["type"] == "exit":
                    break
    except TimeoutError:
        ended = False
    finally:
        await session.close()
    return Outcome(_aspects(model), chosen, ended)


def _aspects(model: Model) -> dict[str, str]:
    runs = [span for span in model.runs if span.parent is None]
    ways = sorted(
        f"{span.label} → {span.action or 'default'}" for span in model.visits if span.status == "ok"
    )
    errors = [f"{span.label}: {span.error}" for span in runs if span.error is not None]
    code = None if model.exit is None else model.exit.code
    return {
        "shared": json.dumps(
            [steady(model.shared.get(span.id)) for span in runs], default=str, sort_keys=True
        ),
        "actions": "\n".join(ways),
        "errors": without_addresses("\n".join([*errors, f"exit code {code}"])),
        "output": without_addresses("".join(output.text for output in model.outputs)),
    }


def _difference(one: str, other: str) -> str:
    """The first place where two texts part."""
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(one), len(other)) if at is None else at
    begin = max(0, at - _SHOWN // 2)
    dots = "…" if begin else ""
    parts = (dots + repr(text[begin : begin + _SHOWN])[1:-1] for text in (one, other))
    return "  {}\n  {}".format(*parts)


def read_schedule(path: Path) -> dict[str, Any]:
    """A schedule, as LaunchSpec's `interleaving`. Raises LaunchError, one sentence, for what is none."""
    try:
        found: Any = json.loads(path.read_text("utf-8"))
        steps = found["steps"]
        if found["version"] != _VERSION or not all(isinstance(step, str) for step in steps):
            raise ValueError
        frees = found.get("then") == "free"
        return {"steps": steps, "frees": frees, "whole": bool(found.get("whole", not frees))}
    except OSError as error:
        raise LaunchError(f"Cannot read {path}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        raise LaunchError(f"{path} is not a schedule of this version of FlowScope.") from None


def write_schedule(
    path: Path, steps: Sequence[str], then: str = "first", whole: bool = True, notes: Sequence[str] = ()
) -> None:
    """Keep a schedule in a file; then the first to come goes first, or all are free. Raises OSError.

    `whole`: the steps of all lanes from the beginning. `notes` tell what following it may not come to.
    """
    found = {"version": _VERSION, "steps": list(steps), "then": then, "whole": whole, "notes": list(notes)}
    path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
