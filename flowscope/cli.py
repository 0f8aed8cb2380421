"""The commands; no logic."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import click
from click_default_group import DefaultGroup

from flowscope_engine.debug import breakpoints

from .outline import FORMATS, outline
from .session.launch import LaunchError, LaunchSpec

Command = Callable[..., Any]

_ARGUMENTS = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.group(cls=DefaultGroup, default="debug", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flowscope", prog_name="flowscope")
def main() -> None:
    """The visual debugger for PocketFlow programs, in the terminal.

    `flowscope SCRIPT [ARG…]` debugs a program that nobody changed.
    """


def _target_options(command: Command) -> Command:
    """What every command that starts a program takes, handed to it as `spec`."""

    @click.option("-m", "module", metavar="MODULE", help="Run a module, as `python -m MODULE` does.")
    @click.option("--python", metavar="PATH", help="The interpreter for the program.")
    @click.argument("target", metavar="SCRIPT [ARG]…", nargs=-1, type=click.UNPROCESSED)
    @functools.wraps(command)
    def with_spec(target: tuple[str, ...], module: str | None, python: str | None, **options: Any) -> Any:
        if module is None and not target:
            raise click.UsageError("Name a script: flowscope SCRIPT [ARG]…, or flowscope -m MODULE [ARG]….")
        if module is not None:
            spec = LaunchSpec(module=module, args=target, python=python)
        else:
            spec = LaunchSpec(script=target[0], args=target[1:], python=python)
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
    help="Stop at Node, Node.exec, 'Node -> action', shared.key or raise; then *N, if EXPR, log MESSAGE.",
)


@main.command(context_settings=_ARGUMENTS)
@_break_option
@click.option("--no-stop-on-entry", is_flag=True, help="Run to the first breakpoint.")
@_target_options
def debug(spec: LaunchSpec, breaks: tuple[str, ...], no_stop_on_entry: bool) -> None:
    """Debug SCRIPT on screen; without a terminal, do as `run` does."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        _run(spec, breaks, as_json=False)
    from .tui.run import run_tui

    _exit_with(lambda: run_tui(spec, breaks, stop_on_entry=not no_stop_on_entry))


@main.command(context_settings=_ARGUMENTS)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")
@_break_option
@_target_options
def run(spec: LaunchSpec, breaks: tuple[str, ...], as_json: bool) -> None:
    """Run SCRIPT without a screen, with a log of each step on stderr."""
    _run(spec, breaks, as_json)


@main.command(context_settings=_ARGUMENTS)
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True)
@_target_options
def graph(spec: LaunchSpec, form: str) -> None:
    """Print the graph of SCRIPT's flow, with no node run."""

    def show() -> int:
        click.echo(outline(spec, form))
        return 0

    _exit_with(show)


@main.command()
def dap() -> None:
    """Speak the Debug Adapter Protocol on stdin and stdout, for editors."""
    from .session.dap_stdio import serve

    sys.exit(serve())


def _run(spec: LaunchSpec, breaks: tuple[str, ...], as_json: bool) -> NoReturn:
    from .run import run_headless

    _exit_with(lambda: run_headless(replace(spec, stdout_to_stderr=as_json), breaks, as_json))


def _exit_with(command: Callable[[], int]) -> NoReturn:
    try:
        sys.exit(command())
    except LaunchError as error:
        click.echo(f"flowscope: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
