"""The HTTP routes of all applications."""

from fastapi import APIRouter

from tasks.articles import routes as articles
from tasks.countries import routes as countries
from tasks.examples import routes as examples
from tasks.manager import routes as manager
from tasks.notifications import routes as notifications
from tasks.reports import routes as reports
from windrow.engine.engine import Engine


def routers(engine: Engine) -> list[APIRouter]:
    """Every router, made for this engine."""
    return [
        *countries.routers(engine),
        *manager.routers(engine),
        *articles.routers(engine),
        *examples.routers(engine),
        *notifications.routers(engine),
        *reports.routers(engine),
    ]
