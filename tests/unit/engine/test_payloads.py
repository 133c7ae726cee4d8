"""Params and results that are too large for a record: they lie in the bucket, and come back."""

from contextlib import suppress
from datetime import timedelta

import pytest
from pydantic import BaseModel

from tests.faults import Killed
from tests.harness import Deployment, deploy
from windrow import Context, Registry, task
from windrow.aws.errors import ServiceError, Unavailable
from windrow.engine.submit import submit
from windrow.errors import KeyReused, TooLarge
from windrow.model import payload
from windrow.model.payload import INLINE_PARAMS, INLINE_RESULT, LARGEST_PARAMS
from windrow.model.records import Task
from windrow.model.states import State

MINUTE = timedelta(minutes=1)
# Too large for a record as a param, and three times it is as a result.
LARGE = "x" * max(INLINE_PARAMS, INLINE_RESULT // 2)


class Texts(BaseModel):
    texts: dict[str, str]


@task("lengths", params=Texts)
def lengths(context: Context, params: Texts) -> dict[str, int]:
    return {name: len(text) for name, text in params.texts.items()}


@task("repeat", params=Texts)
def repeat(context: Context, params: Texts) -> str:
    return "".join(params.texts.values()) * 3


def start(deployment: Deployment, name: str, key: str | None = None, **texts: str) -> Task:
    return submit(deployment.engine, name, {"texts": texts}, key=key).task


def done(deployment: Deployment, record: Task) -> Task:
    deployment.pump()
    return deployment.task(record.ref.task)


def test_what_is_small_costs_no_call_to_the_bucket() -> None:
    with deploy(Registry([repeat])) as deployment:
        record = done(deployment, start(deployment, "repeat", a="b"))

        assert record.result == '"bbb"'
        assert (record.params_object, record.result_object) == (None, None)
        assert deployment.port.count("PutObject") == 0
        assert deployment.port.count("GetObject") == 0


def test_large_params_lie_in_the_bucket_and_come_back() -> None:
    with deploy(Registry([lengths])) as deployment:
        waiting = start(deployment, "lengths", a=LARGE)

        record = done(deployment, waiting)

        assert record.params == "{}"
        assert (record.params_object or "").startswith(f"tasks/default/{record.ref.task}/params-")
        assert record.result == f'{{"a":{len(LARGE)}}}'


def test_params_over_the_limit_are_refused_with_both_numbers() -> None:
    with deploy(Registry([lengths])) as deployment:
        with pytest.raises(TooLarge) as refused:
            start(deployment, "lengths", a="x" * LARGEST_PARAMS)

        expected = "The params came to 5,000,018 bytes; at most 5,000,000 are kept."
        assert str(refused.value) == expected
        assert not refused.value.retryable
        assert deployment.port.count("PutItem") + deployment.port.count("PutObject") == 0


def test_a_key_meets_its_task_again_whatever_the_order_of_large_params() -> None:
    with deploy(Registry([lengths])) as deployment:
        first = start(deployment, "lengths", "key", a=LARGE, b="1")

        again = start(deployment, "lengths", "key", b="1", a=LARGE)

        assert again.ref == first.ref


def test_other_large_params_with_the_same_key_are_refused_and_replace_nothing() -> None:
    with deploy(Registry([lengths])) as deployment:
        first = start(deployment, "lengths", "key", a=LARGE)

        with pytest.raises(KeyReused):
            start(deployment, "lengths", "key", a=LARGE, b="1")

        assert done(deployment, first).result == f'{{"a":{len(LARGE)}}}'


def test_large_params_with_the_key_of_small_ones_are_refused() -> None:
    with deploy(Registry([lengths])) as deployment:
        start(deployment, "lengths", "key", a="1")

        with pytest.raises(KeyReused):
            start(deployment, "lengths", "key", a=LARGE)


def test_what_a_task_needs_in_months_is_kept_for_years() -> None:
    with deploy(Registry([lengths])) as deployment:
        params = {"texts": {"a": LARGE}}
        delay = timedelta(days=60)
        later = submit(deployment.engine, "lengths", params, key="k", delay=delay)

        again = submit(deployment.engine, "lengths", params, key="k", delay=delay)

        assert (later.task.params_object or "").startswith("later/default/")
        assert not again.is_new


@pytest.mark.parametrize("effect", ["refused", "killed before", "killed after", "answer lost"])
@pytest.mark.parametrize("call", range(4))
def test_a_submission_of_large_params_survives_one_fault_at_any_call(
    effect: str, call: int
) -> None:
    with deploy(Registry([lengths])) as deployment:
        deployment.port.plan(effect, "", skip=call)
        with suppress(Killed, Unavailable):
            start(deployment, "lengths", "key", a=LARGE)

        record = start(deployment, "lengths", "key", a=LARGE)
        deployment.run_for(5 * MINUTE)

        assert deployment.task(record.ref.task).state is State.SUCCEEDED


def test_params_that_are_gone_end_the_task_with_a_sentence() -> None:
    with deploy(Registry([lengths])) as deployment:
        waiting = start(deployment, "lengths", a=LARGE)
        bucket = deployment.engine.bucket
        at = bucket.at(waiting.params_object or "")
        deployment.engine.aws.call("s3", "DeleteObject", at)

        record = done(deployment, waiting)

        assert record.state is State.FAILED
        assert record.error is not None
        assert "was changed or removed" in record.error.message


def test_a_large_result_lies_in_the_bucket_under_its_attempt() -> None:
    with deploy(Registry([repeat])) as deployment:
        record = done(deployment, start(deployment, "repeat", a=LARGE))

        assert record.state is State.SUCCEEDED
        assert record.result is None
        assert record.result_object == f"tasks/default/{record.ref.task}/result-1.json"
        assert deployment.engine.bucket.get(record.result_object) == f'"{LARGE * 3}"'.encode()


@pytest.mark.parametrize("effect", ["killed before", "killed after", "refused", "answer lost"])
@pytest.mark.parametrize("call", range(8))
def test_a_large_result_survives_one_fault_at_any_call(effect: str, call: int) -> None:
    with deploy(Registry([repeat])) as deployment:
        waiting = start(deployment, "repeat", a=LARGE)
        deployment.port.plan(effect, "", skip=call)
        deployment.pump()
        deployment.hints.lose()
        deployment.run_for(5 * MINUTE)

        record = deployment.task(waiting.ref.task)
        assert record.state is State.SUCCEEDED
        assert (record.result_object or "").endswith(f"/result-{record.attempt}.json")
        assert len(deployment.engine.bucket.get(record.result_object or "")) == 3 * len(LARGE) + 2


def test_a_result_over_the_limit_fails_the_task_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "LARGEST_RESULT", 40_000)

    with deploy(Registry([repeat])) as deployment:
        record = done(deployment, start(deployment, "repeat", a=LARGE))

        assert (record.state, record.attempt) == (State.FAILED, 1)
        assert record.error is not None
        expected = "The result came to 48,002 bytes; at most 40,000 are kept."
        assert (record.error.kind, record.error.message) == ("TooLarge", expected)
        with pytest.raises(ServiceError):
            deployment.engine.bucket.get(f"tasks/default/{record.ref.task}/result-1.json")
