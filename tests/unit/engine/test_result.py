"""What a caller is told of a result: the value, a link, that it is not there yet, or no more."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter

from tests.harness import Deployment, deploy
from tests.simulated.aws import Services
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.engine import Engine
from windrow.engine.result import result
from windrow.engine.submit import submit
from windrow.errors import DefinitionError, NotFound, ResultExpired
from windrow.model.payload import INLINE_RESULT
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.store.results import LINK

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@task("small")
def small(context: Context) -> dict[str, int]:
    return {"a": 1}


@task("large", keep_result=timedelta(minutes=90))
def large(context: Context) -> str:
    return "x" * INLINE_RESULT


@task("broken", retry=RetryPolicy(attempts=1))
def broken(context: Context) -> None:
    raise OSError("no route to host")


def served(engine: Engine) -> list[APIRouter]:
    """A route that asks for a result, as an application's might."""
    router = APIRouter()

    @router.get("/results/{task_id}")
    def read(task_id: str) -> dict[str, Any]:
        return {"text": result(engine, Ref("default", task_id)).text}

    return [router]


def ended(deployment: Deployment, name: str) -> Ref:
    ref = submit(deployment.engine, name).task.ref
    deployment.pump()
    return ref


def fetched(deployment: Deployment, url: str | None) -> bytes:
    services = deployment.hints.inner
    assert isinstance(services, Services)
    return services.s3.signatures.fetch(url or "")


def test_there_is_none_before_the_end() -> None:
    with deploy(Registry([small])) as deployment:
        ref = submit(deployment.engine, "small").task.ref

        asked = result(deployment.engine, ref)

        assert (asked.state, asked.text, asked.url) == (State.QUEUED, None, None)


def test_a_small_one_is_the_value_itself() -> None:
    with deploy(Registry([small])) as deployment:
        asked = result(deployment.engine, ended(deployment, "small"))

        assert (asked.state, asked.text, asked.url) == (State.SUCCEEDED, '{"a":1}', None)


def test_a_large_one_is_a_link_that_needs_no_credentials() -> None:
    with deploy(Registry([large])) as deployment:
        asked = result(deployment.engine, ended(deployment, "large"))

        assert asked.text is None
        assert fetched(deployment, asked.url) == f'"{"x" * INLINE_RESULT}"'.encode()
        assert f"X-Amz-Expires={int(LINK.total_seconds())}&" in (asked.url or "")


def test_a_link_does_not_outlive_the_result() -> None:
    with deploy(Registry([large])) as deployment:
        ref = ended(deployment, "large")
        deployment.clock.advance(HOUR)

        asked = result(deployment.engine, ref)

        assert "X-Amz-Expires=1800&" in (asked.url or "")


def test_a_task_that_failed_tells_why() -> None:
    with deploy(Registry([broken])) as deployment:
        asked = result(deployment.engine, ended(deployment, "broken"))

        assert (asked.state, asked.text) == (State.FAILED, None)
        assert asked.error is not None
        assert asked.error.message == "no route to host"


def test_after_its_time_it_is_gone_though_nothing_has_deleted_it() -> None:
    with deploy(Registry([small])) as deployment:
        ref = ended(deployment, "small")
        deployment.clock.advance(DAY - SECOND)
        assert result(deployment.engine, ref).text == '{"a":1}'

        deployment.clock.advance(SECOND)

        with pytest.raises(ResultExpired) as gone:
            result(deployment.engine, ref)
        assert str(gone.value) == (
            f"The result of task {ref.task} was kept until 2026-01-16T10:30:00Z."
        )
        assert deployment.task(ref.task).state is State.SUCCEEDED, "the record stays"


def test_how_long_it_is_kept_is_the_tasks_to_say() -> None:
    with deploy(Registry([large])) as deployment:
        ref = ended(deployment, "large")

        deployment.clock.advance(timedelta(minutes=90))

        with pytest.raises(ResultExpired):
            result(deployment.engine, ref)


def test_it_is_kept_no_longer_than_its_record() -> None:
    with deploy(Registry([replace_kept(100 * DAY)])) as deployment:
        ref = ended(deployment, "small")

        record = deployment.task(ref.task)
        assert record.result_expires == record.expires
        deployment.clock.advance(30 * DAY)
        with pytest.raises(NotFound, match="There is no task"):
            result(deployment.engine, ref)


def replace_kept(duration: timedelta) -> Any:
    """The task `small`, its result kept as long as this."""
    return replace(small, keep_result=duration)


def test_who_asks_for_a_task_that_never_was_is_told_so() -> None:
    with deploy(Registry([small])) as deployment, pytest.raises(NotFound):
        result(deployment.engine, Ref("default", "01JD8Z6N5K3Q4R7T9V2X0Y1W8E"))


def test_over_http_what_is_gone_is_404() -> None:
    with deploy(Registry([small]), routers=served) as deployment:
        ref = ended(deployment, "small")
        assert deployment.http("GET", f"/results/{ref.task}").status == 200

        deployment.clock.advance(DAY)
        gone = deployment.http("GET", f"/results/{ref.task}")

        assert gone.status == 404
        assert gone.json()["error"].startswith(f"The result of task {ref.task} was kept until")


@pytest.mark.parametrize("duration", [timedelta(), -HOUR])
def test_a_result_is_kept_for_a_positive_time(duration: timedelta) -> None:
    with pytest.raises(DefinitionError, match="keep_result must be a positive timedelta"):
        replace_kept(duration)
