"""A tenant's bucket: what is counted, what it costs, and what happens when many ask at once."""

from datetime import timedelta

import pytest

from tests.clock import FakeClock
from tests.faults import FaultyPort
from tests.simulated.aws import Services
from tests.simulated.time import Time
from windrow.aws.errors import Unavailable
from windrow.model.allowance import Rule
from windrow.store.quota import Quota

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def port() -> FaultyPort:
    services = Services(Time())
    services.create_tables("TasksTable")
    return FaultyPort(services)


def bucket(port: FaultyPort, clock: FakeClock, quota: int = 3) -> Quota:
    """A process of its own: it knows nothing of what others have seen."""
    return Quota(port, "TasksTable", clock, Rule(quota))


def taken(quota: Quota, times: int, tenant: str = "acme") -> list[bool]:
    allowances = [quota.take(tenant) for _ in range(times)]
    return [allowance is None or allowance.is_allowed for allowance in allowances]


def test_the_quota_may_be_used_at_once_and_comes_back_by_and_by(
    port: FaultyPort, clock: FakeClock
) -> None:
    quota = bucket(port, clock)

    assert taken(quota, 4) == [True, True, True, False]
    clock.advance(20 * SECOND)
    assert taken(quota, 2) == [True, False]
    clock.advance(60 * SECOND)
    assert taken(quota, 4) == [True, True, True, False]


def test_the_headers_say_what_is_left_and_when_all_is_back(
    port: FaultyPort, clock: FakeClock
) -> None:
    quota = bucket(port, clock)

    first, _, third, refused = (quota.take("acme") for _ in range(4))

    assert first is not None
    assert third is not None
    assert refused is not None
    assert first.headers == {
        "RateLimit-Policy": '"default";q=3;w=60',
        "RateLimit": '"default";r=2;t=20',
    }
    assert third.headers["RateLimit"] == '"default";r=0;t=60'
    assert (refused.is_allowed, refused.retry_after) == (False, 20)
    assert refused.headers["RateLimit"] == '"default";r=0;t=60'


def test_processes_share_a_bucket_and_tenants_do_not(port: FaultyPort, clock: FakeClock) -> None:
    one, other = bucket(port, clock), bucket(port, clock)

    assert taken(one, 2) + taken(other, 2) + taken(one, 1) == [True, True, True, False, False]
    assert taken(other, 1, "globex") == [True]


def test_who_was_over_the_limit_is_refused_without_a_call(
    port: FaultyPort, clock: FakeClock
) -> None:
    quota = bucket(port, clock)
    taken(quota, 3)
    calls = port.count("UpdateItem")

    assert taken(quota, 50) == [False] * 50
    assert (calls, port.count("UpdateItem")) == (3, 3)


def test_without_a_rule_nothing_is_limited_or_written(port: FaultyPort, clock: FakeClock) -> None:
    assert Quota(port, "TasksTable", clock).take("acme") is None
    assert port.calls == []


def test_a_race_that_is_lost_is_run_again(port: FaultyPort, clock: FakeClock) -> None:
    """Both take the bucket for a full one; the second finds that it is not."""
    late, early = bucket(port, clock), bucket(port, clock)
    taken(early, 1)
    calls = port.count("UpdateItem")

    assert taken(late, 1) == [True]
    assert port.count("UpdateItem") - calls == 2
    assert taken(early, 2) == [True, False]


def test_a_fourth_of_a_second_is_no_whole_request(port: FaultyPort, clock: FakeClock) -> None:
    quota = bucket(port, clock, quota=60_000)

    assert all(taken(quota, 200))
    allowance = quota.take("acme")
    assert allowance
    assert allowance.remaining == 60_000 - 201


def test_an_outage_is_told_to_whoever_asks(port: FaultyPort, clock: FakeClock) -> None:
    port.plan("refused", "UpdateItem")

    with pytest.raises(Unavailable):
        bucket(port, clock).take("acme")


def test_a_bucket_leaves_with_ttl(port: FaultyPort, clock: FakeClock) -> None:
    taken(bucket(port, clock), 1)

    (values,) = [each["ExpressionAttributeValues"] for _, each in port.calls]
    expires = int(values[":expires"]["N"])
    assert expires == int((clock.now() + timedelta(days=1)).timestamp())
