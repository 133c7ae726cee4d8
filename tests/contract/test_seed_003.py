"""Seed 003, as it was given to us (seeds/003.md), against the answers of the real handlers.

Its clients are run against the local stack (tests/e2e/test_seed_003.py); here each request that it
writes is made once, and each answer that it shows is compared as text.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.examples import deploy_examples
from tests.harness import Deployment, Response

SEED = (Path(__file__).parent / "seeds" / "003.md").read_text("utf-8")
(ANSWER,) = map(json.loads, re.findall(r"```json\n(.*?)```", SEED, re.DOTALL))
# Its first block in bash is the request itself; then the clients, each with its URL.
REQUEST = re.findall(r"```bash\n([A-Z]+) (\S+)\n```", SEED)
CLIENTS = re.findall(r"https://your-domain\.com(/[\w/]+)", SEED)


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deploy_examples() as deployed:
        yield deployed


def asked(deployment: Deployment) -> Response:
    ((method, path),) = REQUEST
    return deployment.http(method, path)


def test_the_request_and_all_three_clients_name_one_route() -> None:
    ((method, path),) = REQUEST

    assert (method, path) == ("POST", "/api/notifications/notify")
    assert [path] * 3 == CLIENTS


def test_the_answer_is_the_one_that_the_seed_shows(deployment: Deployment) -> None:
    response = asked(deployment)

    assert response.status == 200
    assert json.dumps(response.json(), indent=1) == json.dumps(ANSWER, indent=1)


def test_the_answer_does_not_wait_for_the_notification(deployment: Deployment) -> None:
    before = len(deployment.services.ses.sent)
    started = deployment.clock.now()

    response = asked(deployment)

    assert deployment.clock.now() == started
    assert len(deployment.services.ses.sent) == before
    state = deployment.http("GET", response.headers["location"]).json()
    assert (state["status"], state["completed_at"]) == ("pending", None)


def test_the_notification_is_told_although_its_worker_dies(deployment: Deployment) -> None:
    """What the seed calls not recommended: tasks that must be done, and tried again."""
    response = asked(deployment)
    deployment.port.plan("killed before", "TransactWriteItems")
    deployment.pump()
    deployment.hints.lose()

    deployment.run_for(timedelta(minutes=3))

    state = deployment.http("GET", response.headers["location"]).json()
    assert state["status"] == "completed"
    assert state["task_name"] == "notifications.notify"
