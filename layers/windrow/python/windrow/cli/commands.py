"""The commands of operators: their options, and what a failure of theirs looks like.

They act on a deployed stack (`--stack NAME`) with the rights of whoever runs them, or on the local
one that `make up` keeps in this folder.
"""

import argparse
import importlib
import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from rich.console import Console

from windrow.cli import pools, tasks
from windrow.cli.target import connect
from windrow.engine.engine import Engine
from windrow.engine.registry import Registry
from windrow.errors import WindrowError
from windrow.local.project import Project
from windrow.model.ref import DEFAULT_TENANT, NAME

type Act = Callable[[Engine, argparse.Namespace, Console], int]

FAILED = 2
DURATION = re.compile(r"(\d{1,6}(?:\.\d+)?)([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
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
    _add_tasks(commands)


def _add_tasks(commands: Any) -> None:
    submit = _add(commands, "submit", tasks.submit, "submit a task, and print its id")
    submit.add_argument("name", help="as it is declared, such as countries.refresh")
    submit.add_argument("--params", type=_params, metavar="JSON", help="an object; default {}")
    submit.add_argument("--key", help="who submits the same key again meets the same task")
    submit.add_argument("--delay", type=_duration, help="do not start before: 90s, 15m, 2h, 7d")
    submit.add_argument("--start-within", type=_duration, help="fail if no worker came by then")
    submit.add_argument("--priority", type=int, choices=range(1, 11), help="1 to 10, 10 first")
    retry = _add(commands, "retry", tasks.retry, "let what failed or was cancelled begin again")
    retry.add_argument("task", type=_id, metavar="TASK_ID")
    retry.add_argument("--failed-items", action="store_true", help="of a map that succeeded too")
    for command in (submit, retry):
        command.add_argument(
            "--app",
            default="tasks",
            metavar="MODULE",
            help="where the registry of tasks is, below layers/*/python; default: tasks",
        )
    for name, act, what in (
        ("show", tasks.show, "show the record of a task"),
        ("cancel", tasks.cancel, "cancel a task: at once if it waits, else as it asks"),
        ("reprioritize", tasks.reprioritize, "give a waiting task another priority"),
    ):
        _add(commands, name, act, what).add_argument("task", type=_id, metavar="TASK_ID")
    commands.choices["reprioritize"].add_argument("priority", type=int, choices=range(1, 11))
    for name in ("submit", "show", "cancel", "retry", "reprioritize"):
        commands.choices[name].add_argument("--tenant", type=_id, default=DEFAULT_TENANT)


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


def _registry(project: Project, module: str) -> Registry:
    """The tasks that the applications of this project declare."""
    sys.path[:0] = [str(path) for path in sorted(project.root.glob("layers/*/python"))]
    try:
        found = getattr(importlib.import_module(module), "registry", None)
    except ImportError as error:
        raise NoRegistry(module) from error
    if not isinstance(found, Registry):
        raise NoRegistry(module)
    return found


class NoRegistry(WindrowError):
    """A module that should name the tasks does not."""

    def __init__(self, module: str) -> None:
        super().__init__(f"Module {module!r} has no `registry`: which one names the tasks? (--app)")


def _params(text: str) -> dict[str, Any]:
    try:
        params = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"params are JSON, not {text!r} ({error})") from error
    if not isinstance(params, dict):
        raise argparse.ArgumentTypeError(f"params are a JSON object, not {text!r}")
    return params


def _duration(text: str) -> timedelta:
    found = DURATION.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"a time is given as 90s, 15m, 2h or 7d, not {text!r}")
    return timedelta(**{UNITS[found[2]]: float(found[1])})


def _id(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"this is no id: {text!r}")
    return text
