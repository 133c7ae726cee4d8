"""Commands about the receivers of webhooks: add, list, test, rotate, enable, disable, remove."""

import json
from argparse import Namespace
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from windrow.engine import endpoints
from windrow.engine.deliveries import try_out
from windrow.engine.endpoints import Registered, Wish
from windrow.engine.engine import Engine
from windrow.model.endpoint import Endpoint
from windrow.model.shown import instant
from windrow.model.states import State

SHOWN = 20


def listed(engine: Engine, options: Namespace, console: Console) -> int:
    """Show every endpoint of a tenant."""
    found = endpoints.listed(engine, options.tenant)
    if options.json:
        print(json.dumps([_as_json(each) for each in found], indent=2))
        return 0
    table = Table("id", "url", "tasks", "states", "stands")
    for each in found:
        names = "all" if each.tasks is None else ", ".join(sorted(each.tasks)) or "none"
        table.add_row(each.id, each.url, names, ", ".join(sorted(each.states)), _stands(each))
    console.print(table)
    return 0


def add(engine: Engine, options: Namespace, console: Console) -> int:
    """Register a receiver, and say its secret, this once."""
    states = None if options.states is None else [State(state) for state in options.states]
    wish = Wish(url=options.url, tasks=options.tasks, states=states)
    return _tell(endpoints.register(engine, options.tenant, wish), console)


def rotate(engine: Engine, options: Namespace, console: Console) -> int:
    """Give an endpoint another secret, and say it, this once."""
    return _tell(endpoints.rotate(engine, options.tenant, options.endpoint), console)


def test(engine: Engine, options: Namespace, console: Console) -> int:
    """Send an endpoint an event that says nothing."""
    task = try_out(engine, options.tenant, options.endpoint)
    console.print(f"Task {task.ref.task} delivers it: `windrow webhooks deliveries` says how.")
    return 0


def enable(engine: Engine, options: Namespace, console: Console) -> int:
    """Tell a disabled endpoint things again."""
    return _switch(engine, options, console, is_disabled=False)


def disable(engine: Engine, options: Namespace, console: Console) -> int:
    """Tell an endpoint nothing for now."""
    return _switch(engine, options, console, is_disabled=True)


def remove(engine: Engine, options: Namespace, console: Console) -> int:
    """Delete an endpoint."""
    endpoints.remove(engine, options.tenant, options.endpoint)
    console.print("It is deleted, and what is on its way to it is dropped.")
    return 0


def deliveries(engine: Engine, options: Namespace, console: Console) -> int:
    """Show how the last tries to deliver to an endpoint went, newest first."""
    found = endpoints.tries(engine, options.tenant, options.endpoint, SHOWN)
    if options.json:
        print(json.dumps([_plain(asdict(each)) for each in found], indent=2))
        return 0
    table = Table("when", "type", "task", "attempt", "outcome", "status", "reason")
    for each in found:
        status = "" if each.status is None else str(each.status)
        reason = each.reason or ""
        when = f"{each.at:%Y-%m-%d %H:%M:%S}Z"
        table.add_row(when, each.kind, each.task, str(each.attempt), each.outcome, status, reason)
    console.print(table)
    return 0


def _tell(registered: Registered, console: Console) -> int:
    console.print(registered.endpoint.id)
    console.print(registered.secret, soft_wrap=True)
    console.print("That is its secret. Keep it: nobody is shown it again.")
    return 0


def _switch(engine: Engine, options: Namespace, console: Console, *, is_disabled: bool) -> int:
    wish = Wish(is_disabled=is_disabled)
    endpoint = endpoints.change(engine, options.tenant, options.endpoint, wish)
    console.print(f"It is {_stands(endpoint)}.")
    return 0


def _stands(endpoint: Endpoint) -> str:
    if endpoint.disabled is not None:
        return f"disabled, {endpoint.reason}"
    if endpoint.failing_since is not None:
        return f"failing since {endpoint.failing_since:%Y-%m-%d %H:%M}Z"
    return "told"


def _as_json(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint for programs, without what its secret is made from."""
    plain = _plain(asdict(endpoint))
    return {name: value for name, value in plain.items() if "salt" not in name}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in fields.items() if value is not None}


def _value(value: Any) -> Any:
    match value:
        case datetime():
            return instant(value)
        case frozenset():
            return sorted(value)
        case _:
            return value
