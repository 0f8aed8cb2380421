"""What a whole program came to, as text: counts, times of each node, errors, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from flowscope.model import Model, Span
from flowscope.model.text import duration_text, one_line

_MOST_ROWS = 40
_MOST_NAMES = 12
_MOST_LABEL = 40  # columns


@dataclass
class _Row:
    label: str
    visits: int = 0
    failed: int = 0
    total: int = 0  # ns
    longest: int = 0  # ns


def summary(model: Model, width: int) -> Text:
    """The summary of a program that has ended, in lines of about `width` columns at most."""
    text = Text("\n")
    text.append(_headline(model), "bold")
    lines: list[str | Text] = [*_table(model), *_errors(model), *_graph_notes(model, width), *_lost(model)]
    lines += _lints(model, width)
    for line in lines:
        text.append("\n").append(line)
    return text.append("\n").append(_ending(model))


def _headline(model: Model) -> str:
    outer = [run for run in model.runs if run.parent is None]
    if not outer:
        return "no flow ran: is this the program that runs it, and does it get that far?"
    parts = [_count(len(outer), "run"), _count(len(model.visits), "visit")]
    for status in ("failed", "cancelled", "unfinished"):
        if count := sum(visit.status == status for visit in model.visits):
            parts.append(f"{count} {status}")
    return ", ".join([*parts, duration_text(_time(model, outer))])


def _time(model: Model, outer: list[Span]) -> int:
    """Nanoseconds of the program's from the first run's begin to the last one's end."""
    gathered = [region for region in model.regions.values() if region.span is None]
    within = {member.span.id for region in gathered for member in region.members}
    parts = [(run.begin, run.end or run.begin, run.duration or 0) for run in outer if run.id not in within]
    parts += [(each.begin, end, each.wall(end)) for each in gathered if (end := each.end) is not None]
    if not parts:
        return 0
    worked = model.worked(max(end for _, end, _ in parts)) - model.worked(min(begin for begin, _, _ in parts))
    held = sum(model.worked(end) - model.worked(begin) - took for begin, end, took in parts)
    return max(0, worked - held)


def _table(model: Model) -> Iterator[str]:
    rows: dict[str, _Row] = {}
    for visit in model.visits:
        row = rows.setdefault(visit.node, _Row(one_line(visit.label, _MOST_LABEL)))
        row.visits += 1
        row.failed += visit.status == "failed"
        row.total += visit.duration or 0
        row.longest = max(row.longest, visit.duration or 0)
    if not rows:
        return
    shown = list(rows.values())[:_MOST_ROWS]
    label = max(len("node"), *(len(row.label) for row in shown))
    yield f"  {'node':<{label}} {'visits':>7} {'failed':>7} {'total':>9} {'mean':>9} {'longest':>9}"
    for row in shown:
        times = (row.total, row.total // row.visits, row.longest)
        yield f"  {row.label:<{label}} {row.visits:>7} {row.failed or '':>7} " + " ".join(
            f"{duration_text(time):>9}" for time in times
        )
    if len(rows) > len(shown):
        yield f"  … {len(rows) - len(shown)} more nodes"


def _errors(model: Model) -> Iterator[Text]:
    failed = [run for run in model.runs if run.status == "failed" and run.parent is None]
    for run in failed[:_MOST_NAMES]:
        yield Text(f"{run.label} failed in {run.origin().visit.name}: {one_line(str(run.error), 300)}", "red")
    if len(failed) > _MOST_NAMES:
        yield Text(f"… {len(failed) - _MOST_NAMES} more failed runs", "red")


def _graph_notes(model: Model, width: int) -> Iterator[str]:
    flows = {run.node for run in model.runs}
    unvisited = [
        str(node.get("label", id))
        for id, node in model.nodes.items()
        if id not in model.tally.visits and id not in flows
    ]
    if unvisited and model.visits:
        yield one_line(f"never visited: {_names(unvisited)}", width)
    undeclared = {edge for run in model.tally.taken for edge in model.undeclared(run)}
    labels = {id: str(node.get("label", id)) for id, node in model.nodes.items()}
    for edge in sorted(undeclared)[:_MOST_NAMES]:
        source, target = labels.get(edge.source, edge.source), labels.get(edge.target, edge.target)
        yield one_line(f"taken without being declared: {source} → {target} ({edge.action})", width)


def _lost(model: Model) -> Iterator[str]:
    cut = [run for run in model.runs if run.status == "unfinished" and run.parent is None]
    if cut:
        yield f"cut off before the end: {_names([run.label for run in cut])}"


def _lints(model: Model, width: int) -> Iterator[Text]:
    counts = model.lints.counts()
    if counts:
        text = ", ".join(f"{rule} ×{count}" if count > 1 else rule for rule, count in counts.items())
        yield Text(one_line(f"warnings: {text} (--no-lint RULE switches one off)", width), "yellow")


def _names(names: list[str]) -> str:
    more = f" … {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _ending(model: Model) -> Text:
    end = model.exit
    if end is None:
        return Text("how the program ended is not known: its events stop here", "yellow")
    if end.signal is not None:
        return Text(f"killed by {end.signal}", "bold red")
    return Text(f"exit code {end.code}", "green" if end.code == 0 else "bold red")


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
