"""The command about figures: stats, and its rebuild."""

import json
from argparse import Namespace
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from windrow.engine.engine import Engine
from windrow.engine.rebuild import Rebuilt, rebuild
from windrow.engine.stats import Stats, TypeStats, stats, success_rate
from windrow.engine.stats_shown import shown
from windrow.model.states import State

DRIFTED = 3


def figures(engine: Engine, options: Namespace, console: Console) -> int:
    """Show figures about work, or recompute them."""
    if options.action == "rebuild":
        return _rebuild(engine, options, console)
    found = stats(engine, options.tenant, minutes=int(options.window / timedelta(minutes=1)))
    if options.json:
        print(json.dumps(shown(found), indent=2))
        return 0
    _show(found, console)
    return 0


def _rebuild(engine: Engine, options: Namespace, console: Console) -> int:
    """0 when nothing was wrong or all was put right, 3 when something is wrong still."""
    rebuilt = rebuild(engine, options.tenant, mend=not options.dry_run)
    if options.json:
        print(json.dumps(_as_json(rebuilt), indent=2))
    else:
        _show_drift(rebuilt, console)
    return DRIFTED if rebuilt.drifts and not rebuilt.is_mended else 0


def _show(found: Stats, console: Console) -> None:
    # Two narrow tables: names that are folded and figures that are cut cannot be read.
    states, times = Table("task"), Table("task", "peak", "waited p50 / p95", "took p50 / p95")
    for state in State:
        states.add_column(str(state), justify="right", no_wrap=True)
    for each in found.types:
        states.add_row(each.name, *(f"{each.states[state]:,}" for state in State))
        peak = "" if each.peak is None else f"{each.peak:,}"
        times.add_row(each.name, peak, _pair(each, "waited"), _pair(each, "took"))
    for column in times.columns[1:]:
        column.no_wrap = True
    for table in (states, times):
        table.columns[0].overflow = "fold"
        console.print(table)
    if (rate := success_rate(found.states)) is not None:
        console.print(f"In all: {found.states.total()} tasks, of which {rate} % have succeeded.")
    events = {event: sum(each[event] for _, each in found.series) for event in _EVENTS}
    said = ", ".join(f"{count} {event}" for event, count in events.items())
    console.print(f"In the last {_time(found.window)}: {said}.")
    oldest = f"; one has waited for {_time(found.at - found.oldest)}" if found.oldest else ""
    console.print(f"Queued: {found.queued}{oldest}. Counts are {_time(found.lag)} old.")
    for reason in found.errors:
        line = f"{reason.count} x {reason.row.name} failed: {reason.sample.kind}:"
        console.print(f"{line} {reason.sample.message} (as {reason.sample.task})", markup=False)


_EVENTS = ("submitted", "started", "succeeded", "failed", "cancelled")


def _show_drift(rebuilt: Rebuilt, console: Console) -> None:
    if rebuilt.drifts:
        table = Table("row", "figure", "counted", "right", "drift")
        for each in rebuilt.drifts:
            at = f" {each.row.at:%Y-%m-%d %H:%M}" if each.row.at else ""
            name = f"{each.row.kind}{at} {each.row.name} {each.row.error}".strip()
            drift = each.stored - each.right
            table.add_row(name, each.attribute, str(each.stored), str(each.right), f"{drift:+d}")
        console.print(table)
    ending = " All of it was put right." if rebuilt.drifts and rebuilt.is_mended else ""
    said = f"{rebuilt.tasks} tasks, {rebuilt.rows} rows: drift in {len(rebuilt.drifts)} figures."
    console.print(said + ending)
    if rebuilt.unreadable:
        console.print(f"{rebuilt.unreadable} records cannot be read, and are in no figure.")


def _as_json(rebuilt: Rebuilt) -> dict[str, object]:
    return {
        "tasks": rebuilt.tasks,
        "rows": rebuilt.rows,
        "unreadable": rebuilt.unreadable,
        "is_mended": rebuilt.is_mended,
        "drifts": [
            {
                "row": str(each.row.kind),
                "task": each.row.name,
                "at": each.row.at.isoformat() if each.row.at else None,
                "figure": each.attribute,
                "counted": each.stored,
                "right": each.right,
            }
            for each in rebuilt.drifts
        ],
    }


def _pair(each: TypeStats, what: str) -> str:
    found = each.waited if what == "waited" else each.took
    return f"{_time(found['p50'])} / {_time(found['p95'])}" if found else ""


def _time(duration: timedelta) -> str:
    """A time for a person: three digits, in its unit."""
    seconds = duration.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1000:.0f} ms"
