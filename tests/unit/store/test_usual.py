"""When a new task is worth a poll: by what others of its type took."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.native import Client, deploy_native, plain
from windrow import Context, task
from windrow.clock import Clock

SLOW = {"task": "slow"}


class Passing:
    """Lets time pass on the deployment's clock, once there is one."""

    clock: Clock


@pytest.fixture
def client() -> Iterator[Client]:
    passing = Passing()

    @task("slow")
    def slow(context: Context) -> None:
        passing.clock.sleep(timedelta(seconds=30))

    with deploy_native([slow, plain]) as made:
        passing.clock = made.deployment.clock
        yield made


def done(client: Client) -> None:
    client.submitted("slow")
    client.deployment.pump()
    client.deployment.count()
    client.deployment.clock.advance(timedelta(minutes=1))


def test_a_type_that_takes_half_a_minute_is_not_polled_before(client: Client) -> None:
    first = client.post("/v1/tasks", SLOW)
    done(client)
    second = client.post("/v1/tasks", SLOW)
    other = client.post("/v1/tasks", {"task": "plain"})

    assert first.headers["retry-after"] == "2", "nothing is known yet"
    # A histogram's middle is at most a tenth beside the truth.
    assert 27 <= int(second.headers["retry-after"]) <= 33
    assert other.headers["retry-after"] == "2"


def test_the_hour_before_counts_too_and_none_before_that(client: Client) -> None:
    done(client)
    client.deployment.clock.advance(timedelta(minutes=50))
    later = client.post("/v1/tasks", SLOW)
    client.deployment.clock.advance(timedelta(hours=1))
    much_later = client.post("/v1/tasks", SLOW)

    assert int(later.headers["retry-after"]) > 2
    assert much_later.headers["retry-after"] == "2"


def test_another_tenants_tasks_say_nothing(client: Client) -> None:
    done(client)

    answer = Client(client.deployment, tenant="acme").post("/v1/tasks", SLOW)

    assert answer.headers["retry-after"] == "2"


def test_it_is_read_once_a_minute_and_an_outage_is_no_refusal(client: Client) -> None:
    done(client)
    port = client.deployment.port
    port.plan("refused", "GetItem", Key="R#default#hour", times=9)
    answers = [client.post("/v1/tasks", SLOW) for _ in range(5)]
    asked = [each for called, each in port.calls if "R#default#hour" in str(each.get("Key"))]

    assert {answer.status for answer in answers} == {202}
    assert {answer.headers["retry-after"] for answer in answers} == {"2"}
    assert len(asked) == 3, "two when there was nothing, and one that was refused"
