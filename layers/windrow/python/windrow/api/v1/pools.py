"""/v1/pools: how each queue and its workers stand, and orders for them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import Field

from windrow.api.v1.caller import Operator
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Shown
from windrow.engine.control import drain, pause, resume
from windrow.engine.engine import Engine
from windrow.engine.report import PoolReport, ShutdownReport, shutdown_report
from windrow.errors import UnknownPool
from windrow.model.modes import Modes
from windrow.model.ref import NAME
from windrow.model.shown import instant, present

type Order = Callable[[Engine, str], Modes]

ORDERS: dict[str, tuple[Order, str, str]] = {
    "pause": (
        pause,
        "Start nothing in a pool",
        "What runs runs on, and submissions are still accepted. An order reaches every function"
        " within five seconds; given twice it changes nothing.",
    ),
    "drain": (
        drain,
        "Accept nothing for a pool",
        "Submissions are answered 503; what was accepted is still done, also if it was paused.",
    ),
    "resume": (
        resume,
        "Let a pool run again",
        "Takes its own orders back; what was ordered for all pools at once still holds for it.",
    ),
}


class TaskLimit(Shown):
    """A task of which only so many attempts run at once."""

    task: str
    limit: int


class Pool(Shown):
    """A queue and its workers. The counts are "at least" where `is_partial` says so."""

    name: str = Field(examples=["default"])
    mode: Literal["run", "pause", "drain", "stop"] = Field(
        description="run: accepts and starts; pause: accepts; drain: starts; stop: neither"
    )
    since: datetime | None = Field(default=None, description="Since when the mode is not run")
    running: int = Field(description="Attempts of tasks and chunks that may be running")
    waiting: int = Field(description="What would start if a worker were free")
    delayed: int = Field(description="What waits for its time")
    oldest_waiting_at: datetime | None = Field(
        default=None, description="Since when the one waits that has waited longest"
    )
    tasks: list[str] = Field(description="The tasks of this deployment that run in it")
    limits: list[TaskLimit] | None = None
    is_partial: bool | None = Field(
        default=None, description="There are more records than were looked at"
    )


class Pools(Shown):
    """Every pool."""

    pools: list[Pool]


# What is no name is that of no pool: 404, and not 422.
Name = Annotated[
    str,
    Path(description="A pool", json_schema_extra={"pattern": f"^{NAME.pattern}$"}),
]


def router(engine: Engine) -> APIRouter:
    """The routes of pools, for operators: a pool is shared by all tenants."""
    made = native_router("pools")

    @made.get("", summary="See how all pools stand", response_model=Pools, dependencies=[Operator])
    def list_pools() -> JSONResponse:
        """Counted from the records themselves, of which at most 2,000 are looked at."""
        report = shutdown_report(engine)
        return JSONResponse({"pools": [_shown(engine, each, report) for each in report.pools]})

    @made.get(
        "/{name}",
        summary="See how a pool stands",
        response_model=Pool,
        responses=documented(404),
        dependencies=[Operator],
    )
    def get_pool(name: Name) -> JSONResponse:
        """As in the list."""
        return JSONResponse(_found(engine, name))

    for verb, (order, summary, description) in ORDERS.items():
        _add_order(made, engine, verb, order, summary=summary, description=description)
    return made


def _add_order(
    made: APIRouter, engine: Engine, verb: str, order: Order, **documentation: str
) -> None:
    def ordered(name: Name) -> JSONResponse:
        order(engine, name)
        return JSONResponse(_found(engine, name))

    made.add_api_route(
        f"/{{name}}/{verb}",
        ordered,
        methods=["POST"],
        name=f"{verb}_pool",
        response_model=Pool,
        responses=documented(404),
        dependencies=[Operator],
        **documentation,  # type: ignore[arg-type]
    )


def _found(engine: Engine, name: str) -> dict[str, Any]:
    report = shutdown_report(engine)
    for pool in report.pools:
        if pool.pool == name:
            return _shown(engine, pool, report)
    raise UnknownPool(name, [pool.pool for pool in report.pools])


def _shown(engine: Engine, pool: PoolReport, report: ShutdownReport) -> dict[str, Any]:
    own = sorted(
        (each for each in engine.registry if each.pool == pool.pool), key=lambda each: each.name
    )
    limits = [{"task": each.name, "limit": each.limit} for each in own if each.limit is not None]
    return present(
        name=pool.pool,
        mode=str(pool.mode),
        since=instant(pool.since) if pool.since else None,
        running=pool.running,
        waiting=pool.waiting,
        delayed=pool.delayed,
        oldest_waiting_at=instant(pool.oldest) if pool.oldest else None,
        tasks=[each.name for each in own],
        limits=limits or None,
        is_partial=report.is_partial or None,
    )
