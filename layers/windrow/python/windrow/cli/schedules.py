"""Commands about schedules: list, show, create, pause, resume, delete, run, sync."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from windrow.cli import arguments
from windrow.engine import schedules
from windrow.engine.declared import reconcile, sync_all
from windrow.engine.engine import Engine
from windrow.model.ref import DEFAULT_TENANT, ScheduleRef
from windrow.model.schedule import Overlap, Schedule
from windrow.model.scheduled import Scheduled
from windrow.model.shown_schedule import shown_runs, shown_schedule

LAST = 5

type Add = Callable[..., ArgumentParser]
type Order = Callable[[Engine, ScheduleRef], Scheduled]


def add(commands: Any, add_one: Add) -> None:
    """Add `schedules` and its commands to a parser's; `add_one` adds one with its options."""
    what = "list, show, make, pause, resume and remove schedules"
    noun = commands.add_parser("schedules", help=what, description=what)
    verbs = noun.add_subparsers(dest="verb", required=True)
    for name, act, said in (
        ("list", every, "list schedules, and when each comes next"),
        ("show", show, "show a schedule, its next five times and its last runs"),
        ("create", create, "let a task start by itself"),
        ("pause", pause, "start nothing until it is resumed"),
        ("resume", resume, "go on with what is planned from now on"),
        ("delete", delete, "remove a schedule; what it has started goes on"),
        ("run", run, "start its task now"),
        ("sync", sync, "make what the code declares, and tell AWS of every schedule"),
    ):
        verb = add_one(verbs, name, act, said)
        verb.add_argument("--tenant", type=arguments.tenant, default=DEFAULT_TENANT)
        if name in ("list", "show"):
            verb.add_argument("--json", action="store_true", help="for programs")
        if name in ("show", "pause", "resume", "delete", "run"):
            verb.add_argument("schedule", type=arguments.schedule_id, metavar="SCHEDULE")
        if name in ("create", "run", "sync"):
            arguments.of_an_application(verb)
    _add_creation(verbs.choices["create"])


def _add_creation(create: ArgumentParser) -> None:
    create.add_argument("name", help="the task, such as countries.refresh")
    create.add_argument("--id", type=arguments.schedule_id, help="what it is called")
    create.add_argument("--cron", help='five fields, as "30 2 * * MON-FRI"')
    create.add_argument("--timezone", help="of the cron, as Europe/Berlin; default: UTC")
    create.add_argument("--every", type=arguments.duration, help="10s, 15m, 2h, 7d")
    create.add_argument("--at", type=arguments.instant, help="once, as 2026-03-01T06:00:00Z")
    create.add_argument(
        "--for", dest="lasting", type=arguments.duration, help="end after 10m, 2h, 7d"
    )
    create.add_argument(
        "--overlap",
        choices=list(Overlap),
        help="what becomes of a run while the former one has not ended; default: skip",
    )
    create.add_argument("--params", type=arguments.params, metavar="JSON", help="of its runs")
    create.add_argument("--priority", type=arguments.priority, help="1 to 10, 10 first")


def every(engine: Engine, options: Namespace, console: Console) -> int:
    """List the schedules of a tenant."""
    found = list(schedules.standing(engine, options.tenant))
    if options.json:
        now = engine.clock.now()
        print(json.dumps([shown_schedule(each, now) for each in found], indent=2))
        return 0
    table = Table()
    for name in ("schedule", "task", "when", "state", "next"):
        table.add_column(name, overflow="fold")
    for each in found:
        upcoming = each.next(engine.clock.now(), 1)
        table.add_row(
            each.ref.id,
            each.task,
            when(each),
            each.standing,
            _time(upcoming[0]) if upcoming else "-",
        )
    console.print(table)
    return 0


def show(engine: Engine, options: Namespace, console: Console) -> int:
    """Show a schedule, its next five planned times and its last runs."""
    ref = _ref(options)
    seen = schedules.read(engine, ref)
    runs = schedules.runs(engine, ref, LAST)
    tasks = schedules.tasks_of(engine, ref, runs)
    if options.json:
        whole = shown_schedule(seen, engine.clock.now())
        print(json.dumps(whole | {"last_runs": shown_runs(runs, tasks)}, indent=2))
        return 0
    console.print(f"{ref.id} starts {seen.task} {when(seen)}; it is {seen.standing}.")
    console.print(f"{seen.started} started, {seen.skipped} skipped, {seen.missed} missed.")
    for planned in seen.next(engine.clock.now(), LAST):
        console.print(f"next  {_time(planned)}")
    for run in runs:
        task = tasks.get(run.task or "")
        became = f"{run.task} {task.state if task else 'is gone'}" if run.task else run.reason
        console.print(f"last  {_time(run.planned)}  {run.outcome}  {became}", soft_wrap=True)
    return 0


def create(engine: Engine, options: Namespace, console: Console) -> int:
    """Make a schedule, and say its id and when it comes first."""
    said = {
        "id": options.id,
        "cron": options.cron,
        "timezone": options.timezone,
        "every": options.every,
        "at": options.at,
        "lasting": options.lasting,
        "overlap": options.overlap,
        "params": options.params,
        "priority": options.priority,
    }
    given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    seen = schedules.create(engine, options.name, Schedule(**given), tenant=options.tenant)
    upcoming = seen.next(engine.clock.now(), 1)
    console.print(seen.ref.id)
    if upcoming:
        console.print(f"Its next time is {_time(upcoming[0])}.")
    return 0


def pause(engine: Engine, options: Namespace, console: Console) -> int:
    """Start nothing until it is resumed."""
    return _order(schedules.pause, engine, options, console)


def resume(engine: Engine, options: Namespace, console: Console) -> int:
    """Go on with what is planned from now on."""
    return _order(schedules.resume, engine, options, console)


def delete(engine: Engine, options: Namespace, console: Console) -> int:
    """Remove a schedule; what it has started goes on."""
    schedules.remove(engine, _ref(options))
    console.print("It is removed; its runs stay listed as long as they are kept.")
    return 0


def run(engine: Engine, options: Namespace, console: Console) -> int:
    """Start its task now, and say the id of that."""
    console.print(schedules.run_now(engine, _ref(options)).task.ref.task)
    return 0


def sync(engine: Engine, options: Namespace, console: Console) -> int:
    """Make the schedules that the code declares, and tell AWS of all; 1 when some could not be."""
    done = reconcile(engine)
    strays = sync_all(engine, options.tenant)
    for what, names in (
        ("Made", done.made),
        ("Changed", done.changed),
        ("Removed", done.removed),
        ("Refused", done.refused),
        ("Removed from AWS, for there is no such schedule", strays),
    ):
        if names:
            console.print(f"{what}: {', '.join(names)}.", soft_wrap=True)
    console.print("The schedules are what the code and the table say.")
    return 1 if done.refused else 0


def when(seen: Scheduled) -> str:
    """When a schedule comes, in a few words."""
    timing = seen.timing
    if timing.cron is not None:
        return f"at {timing.cron} ({timing.timezone})"
    if timing.at is not None:
        return f"once, at {_time(timing.at)}"
    return f"every {timing.every or timedelta()}"


def _order(order: Order, engine: Engine, options: Namespace, console: Console) -> int:
    seen = order(engine, _ref(options))
    console.print(f"It is {seen.standing}.")
    return 0


def _ref(options: Namespace) -> ScheduleRef:
    return ScheduleRef(options.tenant, options.schedule)


def _time(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z"
