"""The commands; no logic."""

from __future__ import annotations

import functools
import os
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click
from click_default_group import DefaultGroup

from flowscope_engine.debug import breakpoints

from .outline import EXPORTS, FORMATS, outline
from .recording import RecordingError, is_recording
from .session.launch import LaunchError, LaunchSpec

Command = Callable[..., Any]

_TARGET = {"allow_interspersed_args": False}  # what follows SCRIPT is the script's


@click.group(cls=DefaultGroup, default="debug", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flowscope", prog_name="flowscope")
def main() -> None:
    """The visual debugger for PocketFlow programs, in the terminal.

    `flowscope SCRIPT [ARG…]` debugs a program that nobody changed.
    """
    _open_closed_streams()
    warnings.simplefilter("ignore")  # PYTHONWARNINGS is meant for the program


def _target_options(command: Command) -> Command:
    """What every command that starts a program takes, handed to it as `spec`."""

    @click.option("-m", "is_module", is_flag=True, help="SCRIPT is a module, run as `python -m SCRIPT`.")
    @click.option("--python", metavar="PATH", help="The interpreter for the program.")
    @click.argument("target", metavar="SCRIPT [ARG]…", nargs=-1, type=click.UNPROCESSED)
    @functools.wraps(command)
    def with_spec(target: tuple[str, ...], is_module: bool, python: str | None, **options: Any) -> Any:
        if not target:
            raise click.UsageError("Name a script: flowscope SCRIPT [ARG]…, or flowscope -m MODULE [ARG]….")
        script, module = (None, target[0]) if is_module else (target[0], None)
        spec = LaunchSpec(script=script, module=module, args=target[1:], python=python)
        return command(spec=spec, **options)

    return with_spec


def _check_breaks(context: click.Context, option: click.Parameter, specs: tuple[str, ...]) -> tuple[str, ...]:
    for spec in specs:
        try:
            breakpoints.parse(spec)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None
    return specs


_break_option = click.option(
    "--break",
    "breaks",
    metavar="SPEC",
    multiple=True,
    callback=_check_breaks,
    help="Stop at Node, Node.exec, 'Node -> action', shared.key or raise; then *N, if EXPR, log MESSAGE. "
    "Node is a label, variable or class; with its module, module.Class, its subclasses too.",
)


def _check_lints(context: click.Context, option: click.Parameter, rules: tuple[str, ...]) -> frozenset[str]:
    from .lint_choice import chosen_off, unknown
    from .model import RULES

    for rule in rules:
        if rule not in RULES:
            raise click.BadParameter(unknown(rule))
    off, problems = chosen_off(rules)
    for problem in problems:
        click.echo(f"flowscope: {problem}", err=True)
    return off


_lint_option = click.option(
    "--no-lint",
    "no_lints",
    metavar="RULE",
    multiple=True,
    callback=_check_lints,
    help="Do not warn of shared-conflict, loop-blocked, serial-parallel, never-awaited, dead-end-action, "
    "no-progress-loop, lost-failure, early-fallback or unreached-node.",
)


_record_option = click.option(
    "--record",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep all events in a file; an earlier recording there gets a number.",
)


_replay_option = click.option(
    "--replay",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Answer exec from a recording, until the first difference.",
)


_schedule_option = click.option(
    "--schedule",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Let lanes go in the order kept in a file.",
)


@main.command(context_settings=_TARGET)
@_break_option
@_lint_option
@_record_option
@_replay_option
@_schedule_option
@click.option("--no-stop-on-entry", is_flag=True, help="Run to the first breakpoint.")
@click.option(
    "--history",
    metavar="MB",
    type=click.FloatRange(0, min_open=True),
    help="Memory for going back, in the program; 256 if not given.",
)
@_target_options
def debug(
    spec: LaunchSpec,
    breaks: tuple[str, ...],
    no_lints: frozenset[str],
    record: Path | None,
    replay: Path | None,
    schedule: Path | None,
    no_stop_on_entry: bool,
    history: float | None,
) -> None:
    """Debug SCRIPT on screen; without a terminal, do as `run` does."""
    if not _has_terminal():
        _run(spec, breaks, no_lints, record, replay, schedule, as_json=False)

    def on_screen() -> int:
        from .tui.run import run_tui

        _refuse_recording(spec)
        ready = _in_order(_replaying(spec, record, replay), schedule)
        if history is not None:
            ready = replace(ready, history=int(history * 1_048_576))
        return run_tui(ready, breaks, not no_stop_on_entry, record, no_lints)

    _exit_with(on_screen)


@main.command(context_settings=_TARGET)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")
@_break_option
@_lint_option
@_record_option
@_replay_option
@_schedule_option
@click.option(
    "--explore",
    metavar="N",
    type=click.IntRange(1),
    help="Run it N times, lanes in other orders each time, tell what differs; --schedule keeps the order.",
)
@click.option("--seed", metavar="S", type=int, default=0, show_default=True, help="For --explore.")
@_target_options
def run(
    spec: LaunchSpec,
    breaks: tuple[str, ...],
    no_lints: frozenset[str],
    record: Path | None,
    replay: Path | None,
    schedule: Path | None,
    explore: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Run SCRIPT without a screen, with a log of each step on stderr."""
    if explore is None:
        _run(spec, breaks, no_lints, record, replay, schedule, as_json)
    if as_json or record or breaks:
        raise click.UsageError("--explore takes none of --json, --record and --break: it makes many runs.")

    def orders() -> int:
        from .explore import explore as run_in_orders

        _refuse_recording(spec)
        return run_in_orders(_replaying(spec, None, replay), explore, seed, click.echo, schedule)

    _exit_with(orders)


@main.command(context_settings=_TARGET)
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True)
@_target_options
def graph(spec: LaunchSpec, form: str) -> None:
    """Print the graph of SCRIPT's flows, with no node run; or that of a recording."""

    def show() -> int:
        click.echo(_text_of(spec, form))
        return 0

    _exit_with(show)


def _text_of(spec: LaunchSpec, form: str) -> str:
    from .recorded import drawn

    if spec.script is not None and is_recording(spec.script):
        return drawn(Path(spec.script), form, _warn)
    return outline(spec, form)


_recording_argument = click.argument("recording", type=click.Path(path_type=Path))


@main.command(name="open")
@_recording_argument
def open_(recording: Path) -> None:
    """Show a RECORDING on the same screens; without a terminal, as a log."""

    def show() -> int:
        if _has_terminal():
            from .tui.run import open_recording

            return open_recording(recording)
        from .recorded import tell

        tell(recording, sys.stdout, _warn)
        return 0

    _exit_with(show)


@main.command()
@click.option("--to", "form", type=click.Choice(sorted(EXPORTS)), required=True)
@_recording_argument
def export(recording: Path, form: str) -> None:
    """Print what is in a RECORDING in another format."""

    def show() -> int:
        from .recorded import drawn

        click.echo(drawn(recording, form, _warn))
        return 0

    _exit_with(show)


@main.command(name="diff")
@click.option("--text", "as_text", is_flag=True, help="Print it, also in a terminal.")
@click.argument("one", metavar="RECORDING", type=click.Path(path_type=Path))
@click.argument("other", metavar="RECORDING", type=click.Path(path_type=Path))
def diff_(one: Path, other: Path, as_text: bool) -> None:
    """Show where two recordings part ways: visit, action, end, value.

    On screen they stand side by side; without a terminal the first differences are printed.
    Exits with 0 when nothing is different, with 1 when something is, or may be behind the end of a recording.
    """

    def show() -> int:
        if _has_terminal() and not as_text:
            from .tui.run import open_comparison

            return open_comparison(one, other)
        from .diff import diff

        return diff(one, other, click.echo)

    _exit_with(show)


@main.command()
def dap() -> None:
    """Speak the Debug Adapter Protocol on stdin and stdout, for editors."""
    from .session.dap_stdio import serve

    sys.exit(serve())


def _run(
    spec: LaunchSpec,
    breaks: tuple[str, ...],
    no_lints: frozenset[str],
    record: Path | None,
    replay: Path | None,
    schedule: Path | None,
    as_json: bool,
) -> NoReturn:
    def without_screen() -> int:
        from .run import run_headless

        _refuse_recording(spec)
        ready = _in_order(replace(_replaying(spec, record, replay), stdout_to_stderr=as_json), schedule)
        return run_headless(ready, breaks, as_json, record, no_lints)

    _exit_with(without_screen)


def _in_order(spec: LaunchSpec, schedule: Path | None) -> LaunchSpec:
    from .explore import read_schedule

    return spec if schedule is None else replace(spec, interleaving=read_schedule(schedule))


def _refuse_recording(spec: LaunchSpec) -> None:
    if spec.script is not None and is_recording(spec.script) and Path(spec.script).exists():
        raise LaunchError(f"{spec.script} is a recording: see it with flowscope open {spec.script}.")


def _replaying(spec: LaunchSpec, record: Path | None, replay: Path | None) -> LaunchSpec:
    """With what a replay needs, now or later. Raises RecordingError."""
    from .recording.answers import answers

    return replace(spec, exact=record is not None, answers=None if replay is None else answers(replay))


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _open_closed_streams() -> None:
    """With `>&-` and the like, the next file opened would become our stdout: have a null device there."""
    for fd, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            setattr(sys, name, os.fdopen(fd, mode, closefd=False))


def _exit_with(command: Callable[[], int]) -> NoReturn:
    try:
        code = command()
        sys.stdout.flush()
        sys.exit(code)
    except (LaunchError, RecordingError) as error:
        click.echo(f"flowscope: {error}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # as `head` leaves it: nobody wants to read more
        _let_go_of_output()
        sys.exit(128 + signal.SIGPIPE)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        reason = (error.strerror or str(error)).lower()
        _let_go_of_output()
        click.echo(f"flowscope: the system refused{where}: {reason}.", err=True)
        sys.exit(2)


def _warn(text: str) -> None:
    click.echo(f"flowscope: {text}", err=True)


def _let_go_of_output() -> None:
    """Python flushes its streams at its exit, and would complain of those that are broken."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
