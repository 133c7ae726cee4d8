"""Every noun of the native API, for every deployment."""

from fastapi import APIRouter

from windrow.api.v1 import explain, pools, tasks
from windrow.engine.engine import Engine


def routers(engine: Engine) -> list[APIRouter]:
    """Every router of the native API, made for this engine."""
    return [
        tasks.router(engine),
        explain.router(engine),
        pools.router(engine),
    ]
