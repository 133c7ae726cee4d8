"""Every noun of the native API, for every deployment."""

from fastapi import APIRouter

from windrow.api.v1 import (
    acts,
    children,
    composed,
    explain,
    listing,
    parts,
    polls,
    pools,
    schedules,
    stats,
    tasks,
)
from windrow.engine.engine import Engine


def routers(engine: Engine) -> list[APIRouter]:
    """Every router of the native API, made for this engine."""
    nouns = (
        tasks,
        listing,
        polls,
        parts,
        acts,
        explain,
        pools,
        stats,
        schedules,
        children,
        composed,
    )
    return [noun.router(engine) for noun in nouns]
