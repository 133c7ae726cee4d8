"""The commands of operators: their options, and what a failure of theirs looks like.

They act on a deployed stack (`--stack NAME`) with the rights of whoever runs them, or on the local
one that `make up` keeps in this folder.
"""

import argparse
import importlib
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from rich.console import Console

from windrow.cli import (
    arguments,
    children,
    explained,
    figures,
    outcomes,
    pools,
    schedules,
    tasks,
    webhooks,
)
from windrow.cli.listing import list_all, retry_all
from windrow.cli.target import connect
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.errors import WindrowError
from windrow.local.project import Project
from windrow.model.ref import DEFAULT_TENANT

type Act = Callable[[Engine, argparse.Namespace, Console], int]

FAILED = 2
INTERRUPTED = 130


def add(commands: Any) -> None:
    """Add every command to a parser's."""
    _add(commands, "status", pools.status, "show pools, and what runs and waits").add_argument(
        "--json", action="store_true", help="for programs"
    )
    for name, act, what in (
        ("pause", pools.pause, "start nothing: what waits is kept, what comes is accepted"),
        ("drain", pools.drain, "accept nothing: what was accepted is done"),
    ):
        command = _add(commands, name, act, what)
        _of_a_pool(command)
        command.add_argument("--wait", action="store_true", help="return when it is done")
    _of_a_pool(_add(commands, "resume", pools.resume, "take back a pause, a drain or both"))
    redrive = _add(commands, "redrive", pools.redrive, "send fresh hints for what has dead ones")
    redrive.add_argument("pool")
    schedules.add(commands, _add)
    _add_tasks(commands)
    _add_webhooks(commands)
    _add_stats(commands)


def _add_tasks(commands: Any) -> None:
    submit = _add(commands, "submit", tasks.submit, "submit a task, and print its id")
    submit.add_argument("name", help="as it is declared, such as countries.refresh")
    submit.add_argument(
        "--params",
        type=arguments.params,
        metavar="JSON",
        help="an object; @FILE reads it from a file, - from standard input; default {}",
    )
    submit.add_argument("--key", help="who submits the same key again meets the same task")
    submit.add_argument(
        "--delay",
        type=arguments.duration,
        help="do not start before: 90s, 15m, 2h, 7d; 366d at most",
    )
    submit.add_argument(
        "--start-within",
        type=arguments.duration,
        help="fail if no worker came by then: 90s, 15m, 2h, 7d; more than 0s, 3660d at most",
    )
    submit.add_argument("--priority", type=arguments.priority, help="1 to 10, 10 first")
    submit.add_argument(
        "--max-retries",
        type=arguments.retries,
        metavar="N",
        help="how many attempts may follow the first, 0 to 10; default: what its policy says",
    )
    _of_a_tenant(submit)
    listed = _add(commands, "list", list_all, "list tasks, the newest first")
    _filtered(listed)
    listed.add_argument(
        "--state", type=arguments.states, metavar="STATE[,STATE]", help="such as queued,running"
    )
    listed.add_argument("--limit", type=arguments.limit, default=20, help="default: 20")
    listed.add_argument(
        "--longest",
        action="store_true",
        help="what runs, the longest first: all of it is read, and --limit counts after that",
    )
    how = listed.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="for programs: one task a line")
    how.add_argument(
        "--watch", action="store_true", help="look again every two seconds; Ctrl-C ends it"
    )
    _of_a_tenant(listed)
    retry = _add(commands, "retry", retry_all, "let what failed or was cancelled begin again")
    retry.add_argument("task", nargs="?", type=arguments.task_id, metavar="TASK_ID")
    _of_a_tenant(retry)
    retry.add_argument("--failed-items", action="store_true", help="of a map that succeeded too")
    retry.add_argument(
        "--failed", action="store_true", help="instead of one task: all that failed, and that"
    )
    _filtered(retry)
    retry.add_argument("--dry-run", action="store_true", help="only list them")
    explain = _add(commands, "explain", explained.explain, "say why a task is not running")
    _of_a_task(explain)
    explain.add_argument("--json", action="store_true", help="for programs: the facts by name")
    for command in (submit, retry, explain):
        arguments.of_an_application(command)
    show = _add(commands, "show", tasks.show, "show the record of a task")
    failures = _add(commands, "failures", outcomes.failures, "list the failed items of a map")
    parts = _add(commands, "children", children.children, "list the tasks that a task is made of")
    for command in (show, failures, parts):
        _of_a_task(command)
        command.add_argument("--json", action="store_true", help="for programs, and in full")
    for command, first in (
        (failures, "the first item's number"),
        (parts, "the first one's number"),
    ):
        command.add_argument("--limit", type=arguments.limit, default=100, help="default: 100")
        command.add_argument("--from", dest="start", type=arguments.number, default=0, help=first)
    for name, act, what in (
        ("result", outcomes.result, "print a task's result as JSON, or a link to a large one"),
        ("cancel", tasks.cancel, "cancel a task: at once if it waits, else as it asks"),
        ("reprioritize", tasks.reprioritize, "give a waiting task another priority"),
    ):
        _of_a_task(_add(commands, name, act, what))
    commands.choices["reprioritize"].add_argument("priority", type=arguments.priority)


def _add_stats(commands: Any) -> None:
    stats = _add(commands, "stats", figures.figures, "show figures about work, or recompute them")
    stats.add_argument(
        "action",
        nargs="?",
        choices=("show", "rebuild"),
        default="show",
        help="rebuild: recompute them from the tasks, show what was wrong, and put it right",
    )
    stats.add_argument(
        "--window",
        type=arguments.duration,
        default=timedelta(hours=1),
        help="what happened within: 15m, 2h, 7d; default: 1h",
    )
    stats.add_argument(
        "--dry-run", action="store_true", help="of a rebuild: show what is wrong, change nothing"
    )
    stats.add_argument("--json", action="store_true", help="for programs")
    _of_a_tenant(stats)


def _add_webhooks(commands: Any) -> None:
    what = "who is told of the ends of tasks: register receivers, try them, see how it went"
    group = commands.add_parser("webhooks", help=what, description=what)
    verbs = group.add_subparsers(dest="verb", required=True)
    add = _add(verbs, "add", webhooks.add, "register a receiver, and print its id and its secret")
    add.add_argument("url", help="https, on the public internet")
    add.add_argument("--tasks", type=arguments.names, help="only of these: a,b; '' for none")
    add.add_argument("--states", type=arguments.ends, help="only of these ends: failed,cancelled")
    add.add_argument("--app", default="tasks", metavar="MODULE", help="where the registry is")
    listed = _add(verbs, "list", webhooks.listed, "show every endpoint")
    for name, act, said in (
        ("test", webhooks.test, "send an event that says nothing"),
        ("rotate", webhooks.rotate, "give it another secret; for a day both sign"),
        ("enable", webhooks.enable, "tell it things again"),
        ("disable", webhooks.disable, "tell it nothing for now"),
        ("remove", webhooks.remove, "delete it"),
        ("deliveries", webhooks.deliveries, "show how the last tries went"),
    ):
        _add(verbs, name, act, said).add_argument("endpoint", type=arguments.task_id, metavar="ID")
    for command in (listed, verbs.choices["deliveries"]):
        command.add_argument("--json", action="store_true", help="for programs")
    for command in verbs.choices.values():
        command.add_argument("--tenant", type=arguments.tenant, default=DEFAULT_TENANT)


def run(project: Project, options: argparse.Namespace) -> int:
    """Do what a command says; 2 and a sentence when it could not be done."""
    try:
        registry = _registry(project, options.app) if "app" in options else Registry([])
        engine = connect(project, options.stack, registry)
        act: Act = options.act
        return act(engine, options, Console(highlight=False))
    except WindrowError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nInterrupted; an order that was given holds.", file=sys.stderr)
        return INTERRUPTED


def _add(commands: Any, name: str, act: Act, what: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=what, description=what)
    command.set_defaults(act=act)
    command.add_argument(
        "--stack", metavar="NAME", help="a deployed stack; without it the one of `make up`"
    )
    return command


def _of_a_pool(command: argparse.ArgumentParser) -> None:
    command.add_argument("pool", nargs="?", help="one pool; without it, all")


def _filtered(command: argparse.ArgumentParser) -> None:
    command.add_argument("--type", metavar="NAME[,NAME]", help="are of these types")
    command.add_argument("--priority", type=arguments.priority, help="have this priority")
    command.add_argument("--error", metavar="KIND", help="ended with such an error: TimeoutError")
    command.add_argument(
        "--parent", type=arguments.task_id, metavar="TASK_ID", help="are children of this task"
    )
    command.add_argument("--schedule", metavar="ID", help="were started by this schedule")
    command.add_argument(
        "--after", type=arguments.moment, metavar="TIME", help="were created since: 2h ago, 7d"
    )
    command.add_argument(
        "--before", type=arguments.moment, metavar="TIME", help="were created before that"
    )


def _of_a_task(command: argparse.ArgumentParser) -> None:
    command.add_argument("task", type=arguments.task_id, metavar="TASK_ID")
    _of_a_tenant(command)


def _of_a_tenant(command: argparse.ArgumentParser) -> None:
    command.add_argument("--tenant", type=arguments.tenant, default=DEFAULT_TENANT)


def _registry(project: Project, module: str) -> Registry:
    """The tasks that the applications of this project declare."""
    sys.path[:0] = [str(path) for path in sorted(project.root.glob("layers/*/python"))]
    try:
        found = getattr(importlib.import_module(module), "registry", None)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise
        raise NoModule(module) from error
    if not isinstance(found, Registry):
        raise NoRegistry(module)
    return found


class NoModule(WindrowError):
    """There is no module of the name that should lead to the tasks."""

    def __init__(self, module: str) -> None:
        super().__init__(f"There is no module {module!r} below layers/*/python. (--app)")


class NoRegistry(WindrowError):
    """A module that should name the tasks does not."""

    def __init__(self, module: str) -> None:
        super().__init__(f"Module {module!r} has no `registry`: which one names the tasks? (--app)")
