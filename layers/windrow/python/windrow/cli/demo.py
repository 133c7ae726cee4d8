"""`windrow demo`: one refresh of 250 countries through the whole stack, over HTTP."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from windrow.clock import Clock, SystemClock
from windrow.local.errors import DemoFailed
from windrow.local.project import Project
from windrow.local.stack import LocalStack

COUNTRIES = 250
_PATIENCE = timedelta(seconds=60)
_LOOK_EVERY = timedelta(seconds=0.1)

# Tells the person how many countries are done.
Show = Callable[[int], None]
# Raises when there is no point in waiting any longer.
Check = Callable[[], None]


def run(project: Project, port: int, parameters: Mapping[str, str]) -> int:
    """Start, refresh, show, stop; raises a LocalError when anything is not as it must be."""
    console = Console(highlight=False)
    console.print("Starting the local stack: template.yaml on an AWS emulator on this machine.")
    with LocalStack(project, port=port, parameters=parameters) as stack:
        console.print(f"The API answers at {stack.url}; refreshing the countries through it.")
        started = time.monotonic()
        with httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as api:
            refresh(api, console, stack.check)
            stack.took["refresh"] = time.monotonic() - started
            console.print(table(_json(api, "GET", "/api/v1/countries?sort=gdp_desc")[:5]))
            picture = project.home / "demo" / "summary.png"
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(_checked(api, "GET", "/api/v1/countries/image").content)
        console.print(f"The summary image is in {picture.relative_to(project.root)}.")
        took = ", ".join(f"{part} {seconds:.1f} s" for part, seconds in stack.took.items())
        console.print(f"It took: {took}.", soft_wrap=True)
    console.print("Everything that was started is stopped. `make up` keeps it running.")
    return 0


def refresh(api: httpx.Client, console: Console, check: Check) -> None:
    """Start a refresh and follow it to its end; raises DemoFailed unless all countries came."""
    answer = _json(api, "POST", "/api/v1/countries/refresh")
    if answer["status"] != "started":
        raise DemoFailed(f"The refresh did not start: the API answered {answer}.")
    with _progress(console) as show:
        status = follow(api, SystemClock(), show, check)
    if status["status"] != "completed":
        raise DemoFailed(
            f"The refresh ended with status {status['status']!r}: {status['error']} "
            "Run `make up` and start it again to see the functions' logs."
        )
    if status["countries_processed"] != COUNTRIES:
        raise DemoFailed(
            f"The refresh ended with {status['countries_processed']} countries, not {COUNTRIES}."
        )


def follow(api: httpx.Client, clock: Clock, show: Show, check: Check) -> dict[str, Any]:
    """Poll until the refresh has ended; raises DemoFailed when it makes no progress."""
    seen, moved = -1, clock.now()
    while True:
        status = _json(api, "GET", "/api/v1/countries/refresh/status")
        if status["countries_processed"] != seen:
            seen, moved = status["countries_processed"], clock.now()
            show(seen)
        if not status["is_running"]:
            return dict(status)
        check()
        if clock.now() - moved > _PATIENCE:
            raise DemoFailed(
                f"The refresh has made no progress for {_PATIENCE.seconds} s, at {seen} countries. "
                "Run `make up` and start it again to see the functions' logs."
            )
        clock.sleep(_LOOK_EVERY)


@contextmanager
def _progress(console: Console) -> Iterator[Show]:
    """A bar where there is a terminal, a line for each change where there is none."""
    if not console.is_terminal:
        yield lambda done: console.print(f"  {done} of {COUNTRIES} countries")
        return
    columns = (TextColumn("  countries"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("refresh", total=COUNTRIES)
        yield lambda done: bar.update(task, completed=done)


def table(countries: list[dict[str, Any]]) -> Table:
    """The countries in the order given."""
    made = Table(title="The five largest by estimated GDP", title_justify="left")
    for name in ("name", "region", "currency"):
        made.add_column(name)
    for name in ("population", "estimated GDP"):
        made.add_column(name, justify="right")
    for row in countries:
        made.add_row(
            row["name"],
            row["region"] or "-",
            row["currency_code"] or "-",
            f"{row['population']:,}",
            f"{row['estimated_gdp']:,.0f}",
        )
    return made


def _json(api: httpx.Client, method: str, path: str) -> Any:
    answer = _checked(api, method, path)
    try:
        return answer.json()
    except ValueError as error:
        raise DemoFailed(f"{method} {path} answered no JSON: {answer.text[:200]!r}.") from error


def _checked(api: httpx.Client, method: str, path: str) -> httpx.Response:
    try:
        answer = api.request(method, path)
    except httpx.TransportError as error:
        raise DemoFailed(f"{method} {path} got no answer: {error}.") from error
    if not answer.is_success:
        raise DemoFailed(
            f"{method} {path} answered {answer.status_code}: {answer.text[:300]} "
            "Run `make up` and try it again to see the functions' logs."
        )
    return answer
