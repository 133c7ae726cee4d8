"""What seed 002's routes answer where a deployment's limits end."""

from tasks import registry
from tasks.routes import routers
from tests.examples import post, start
from tests.harness import deploy

ONE = {"WINDROW_SCHEDULES_PER_TENANT": "1"}


def test_one_schedule_more_than_a_tenant_may_have_is_refused() -> None:
    with deploy(registry, routers=routers, settings=ONE) as deployment:
        start(deployment, "/start-monitoring")

        response = post(deployment, "/start-monitoring")

    assert response.status == 409
    assert list(response.json()) == ["error"]
