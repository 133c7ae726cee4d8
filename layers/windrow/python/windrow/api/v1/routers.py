"""Every noun of the native API, for every deployment."""

from fastapi import APIRouter

from windrow.api.v1 import (
    acts,
    children,
    composed,
    events,
    explain,
    listing,
    parts,
    polls,
    pools,
    schedules,
    stats,
    tasks,
    webhooks,
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
        webhooks,
        events,
    )
    return [noun.router(engine) for noun in nouns]
