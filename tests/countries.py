"""The countries, deployed in one process, and what tests ask of them again and again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from tasks import registry
from tasks.countries.names import TASK
from tasks.countries.upstreams.base import CountryFacts
from tasks.countries.upstreams.bundled import Bundled
from tasks.routes import routers
from tasks.status import routes
from tests.harness import Deployment, deploy
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT

REFRESH = "/api/v1/countries/refresh"
STATUS = "/api/v1/countries/refresh/status"


class Few(Bundled):
    """Ten of the bundled countries, one of each kind: for tests that 250 would only slow down."""

    NAMES = frozenset(
        {
            "Antarctica",
            "Brazil",
            "Côte d'Ivoire",
            "Germany",
            "Ghana",
            "Japan",
            "Nigeria",
            "North Korea",
            "Togo",
            "United States",
        }
    )

    def countries(self) -> list[CountryFacts]:
        return [facts for facts in super().countries() if facts.name in self.NAMES]


@contextmanager
def deploy_countries() -> Iterator[Deployment]:
    """A deployment of the applications, with no country in it yet."""
    with deploy(registry, routers=routers, status_routes=routes) as deployment:
        yield deployment


@contextmanager
def deploy_few() -> Iterator[Deployment]:
    """The same, with an upstream of ten countries."""
    with pytest.MonkeyPatch.context() as patch, deploy_countries() as deployment:
        patch.setattr("tasks.countries.refresh.connect", lambda choice, **_: Few(fail=choice.fail))
        yield deployment


def start(deployment: Deployment) -> Any:
    """POST a refresh; its answer."""
    return deployment.http("POST", REFRESH).json()


def status(deployment: Deployment) -> Any:
    """Poll once."""
    return deployment.http("GET", STATUS).json()


def countries(deployment: Deployment, query: str = "") -> Any:
    """The list of countries."""
    return deployment.http("GET", f"/api/v1/countries{query}").json()


def refresh(deployment: Deployment) -> Any:
    """A whole refresh, one minute after whatever came before; the status at its end."""
    deployment.clock.advance(timedelta(minutes=1))
    assert start(deployment)["status"] == "started"
    deployment.pump()
    return status(deployment)


def newest(deployment: Deployment) -> Task:
    """The record of the newest refresh."""
    task = deployment.latest.task(DEFAULT_TENANT, TASK)
    assert task is not None
    return task
