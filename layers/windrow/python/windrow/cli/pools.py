"""Commands about pools: status, pause, drain, resume, redrive."""

import json
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from windrow.engine import control
from windrow.engine.engine import Engine
from windrow.engine.redrive import redrive as redrive_pool
from windrow.engine.report import PoolReport, ShutdownReport, shutdown_report
from windrow.model.modes import Modes

LOOK_EVERY = timedelta(seconds=5)


def status(engine: Engine, options: Namespace, console: Console) -> int:
    """Show what each pool does, and what runs and waits there."""
    report = shutdown_report(engine)
    if options.json:
        print(json.dumps(as_json(report), indent=2))
    else:
        _show(report, console)
    return 0


def pause(engine: Engine, options: Namespace, console: Console) -> int:
    """Start nothing; what runs ends."""
    return _order(control.pause, engine, options, console)


def drain(engine: Engine, options: Namespace, console: Console) -> int:
    """Accept nothing; what was accepted is done."""
    return _order(control.drain, engine, options, console)


def resume(engine: Engine, options: Namespace, console: Console) -> int:
    """Run again."""
    modes = control.resume(engine, options.pool)
    _show(shutdown_report(engine), console)
    if options.pool and modes.of(options.pool).since:
        console.print(
            f"Pool {options.pool} still obeys the order for all pools: `resume` without a pool "
            "takes that back."
        )
    return 0


def redrive(engine: Engine, options: Namespace, console: Console) -> int:
    """Send fresh hints for what has dead ones; 1 when some could not be sent."""
    redriven = redrive_pool(engine, options.pool)
    console.print(f"{redriven.hinted} hints sent to pool {options.pool}.")
    if redriven.unsent:
        console.print(f"{redriven.unsent} could not be sent; the sweeper will send them.")
    return 1 if redriven.unsent else 0


def as_json(report: ShutdownReport) -> dict[str, object]:
    """The report for programs; instants as ISO 8601 in UTC."""
    return {
        "accepting_new_tasks": report.accepting_new_tasks,
        "active_tasks": report.active_tasks,
        "shutdown_initiated": report.shutdown_initiated,
        "is_quiet": report.is_quiet,
        "is_partial": report.is_partial,
        "pools": [
            {
                "pool": pool.pool,
                "mode": pool.mode,
                "since": _iso(pool.since),
                "running": pool.running,
                "waiting": pool.waiting,
                "delayed": pool.delayed,
                "oldest": _iso(pool.oldest),
            }
            for pool in report.pools
        ],
    }


def _order(
    give: Callable[[Engine, str | None], Modes],
    engine: Engine,
    options: Namespace,
    console: Console,
) -> int:
    give(engine, options.pool)
    report = shutdown_report(engine)
    told = None
    while options.wait and not _is_quiet(report, options.pool):
        if (waits_for := _waits_for(report, options.pool)) != told:
            console.print(waits_for, soft_wrap=True)
            told = waits_for
        engine.clock.sleep(LOOK_EVERY)
        report = shutdown_report(engine)
    _show(report, console)
    return 0


def _is_quiet(report: ShutdownReport, pool: str | None) -> bool:
    if pool is None:
        return report.is_quiet
    own = (each for each in report.pools if each.pool == pool)
    return not report.is_partial and all(each.is_quiet(report.at) for each in own)


def _waits_for(report: ShutdownReport, pool: str | None) -> str:
    """What has to end yet, in a line."""
    own = [each for each in report.pools if pool in (None, each.pool)]
    running, waiting, delayed = (
        sum(counts)
        for counts in zip(
            *((each.running, each.waiting, each.delayed) for each in own), strict=True
        )
    )
    if not any(each.mode.starts for each in own):
        return f"Waiting for {running} running; what waits is kept."
    if delayed and not running and not waiting and not report.is_partial:
        return (
            f"Waiting for {delayed} delayed, and for nothing else: that may take as long as their "
            "delays. Interrupt this, and pause: they are kept."
        )
    return f"Waiting for {running} running, {waiting} waiting, {delayed} delayed."


def _tasks(count: int) -> str:
    return f"{count} accepted task is" if count == 1 else f"{count} accepted tasks are"


def _since(since: datetime | None, now: datetime) -> str:
    """The time of a day, or the day itself when that is long ago: there is little room."""
    if since is None:
        return "-"
    return f"{since:%H:%M:%S}Z" if now - since < timedelta(days=1) else f"{since:%Y-%m-%d}"


def _show(report: ShutdownReport, console: Console) -> None:
    table = Table()
    for name in ("pool", "mode", "since"):
        table.add_column(name, overflow="fold")
    for name in ("running", "waiting", "delayed", "oldest waits"):
        table.add_column(name, justify="right", overflow="fold")
    for pool in report.pools:
        table.add_row(*_row(pool, report.at))
    console.print(table)
    accepting = "New tasks are accepted" if report.accepting_new_tasks else "No task is accepted"
    least = "at least " if report.is_partial else ""
    console.print(f"{accepting}; {least}{_tasks(report.active_tasks)} not over.")


def _row(pool: PoolReport, now: datetime) -> tuple[str, ...]:
    return (
        pool.pool,
        pool.mode,
        _since(pool.since, now),
        str(pool.running),
        str(pool.waiting),
        str(pool.delayed),
        str(timedelta(seconds=round((now - pool.oldest).total_seconds()))) if pool.oldest else "-",
    )


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
