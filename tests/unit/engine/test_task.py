"""A plain task: what an author declares, and what a submission is told."""

import json
import traceback
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, Field

from tests.harness import deploy
from windrow import Context, Registry, RetryPolicy, task
from windrow.engine.submit import submit
from windrow.errors import (
    ConfigurationError,
    DefinitionError,
    InvalidParams,
    KeyReused,
    UnknownTask,
)
from windrow.model.records import Failure
from windrow.model.states import State

SECOND = timedelta(seconds=1)


class Greeting(BaseModel):
    """Whom to greet, and how often."""

    name: str
    times: int = Field(default=1, ge=1)


@task("greet", params=Greeting)
def greet(context: Context, params: Greeting) -> dict[str, str]:
    return {"text": f"Hello {params.name}! " * params.times}


@task("wave")
async def wave(context: Context) -> int:
    return context.attempt


def test_a_declared_task_is_still_a_function() -> None:
    assert greet(None, Greeting(name="Ada")) == {"text": "Hello Ada! "}


def test_a_task_runs_with_its_params_and_keeps_its_result() -> None:
    with deploy(Registry([greet])) as deployment:
        task_id = submit(deployment.engine, "greet", {"name": "Ada", "times": 2}).task.ref.task

        deployment.pump()

        ended = deployment.task(task_id)
        assert ended.state is State.SUCCEEDED
        assert json.loads(ended.result or "") == {"text": "Hello Ada! Hello Ada! "}


def test_a_coroutine_function_is_run_to_its_end() -> None:
    with deploy(Registry([wave])) as deployment:
        task_id = submit(deployment.engine, "wave").task.ref.task

        deployment.pump()

        assert deployment.task(task_id).result == "1"


@pytest.mark.parametrize(
    ("params", "field"),
    [({}, "name"), ({"name": "Ada", "times": 0}, "times"), ({"name": 7}, "name")],
)
def test_params_that_do_not_fit_are_refused_by_field(params: dict[str, Any], field: str) -> None:
    with deploy(Registry([greet])) as deployment:
        with pytest.raises(InvalidParams) as refusal:
            submit(deployment.engine, "greet", params)

        assert list(refusal.value.details) == [field]
        assert deployment.port.count("PutItem") == 0


def test_a_task_without_params_takes_none() -> None:
    with deploy(Registry([wave])) as deployment, pytest.raises(InvalidParams, match="loudly"):
        submit(deployment.engine, "wave", {"loudly": True})


def test_an_unknown_task_is_refused_with_the_names_that_exist() -> None:
    with (
        deploy(Registry([greet, wave])) as deployment,
        pytest.raises(UnknownTask, match=r"say one of greet, wave \(did you mean greet"),
    ):
        submit(deployment.engine, "greeet")


def test_the_same_key_meets_the_same_task() -> None:
    with deploy(Registry([wave])) as deployment:
        first = submit(deployment.engine, "wave", key="once")
        deployment.clock.advance(SECOND)

        second = submit(deployment.engine, "wave", key="once")

        assert (first.is_new, second.is_new) == (True, False)
        assert second.task == first.task


def test_the_same_key_with_other_params_is_refused() -> None:
    with deploy(Registry([greet])) as deployment:
        submit(deployment.engine, "greet", {"name": "Ada"}, key="once")

        with pytest.raises(KeyReused):
            submit(deployment.engine, "greet", {"name": "Grace"}, key="once")


@pytest.mark.parametrize("tenant", ["a#b", "", "a/b", "x" * 65])
def test_a_tenant_that_no_key_can_hold_is_refused(tenant: str) -> None:
    with deploy(Registry([wave])) as deployment, pytest.raises(ValueError, match="tenant"):
        submit(deployment.engine, "wave", tenant=tenant)


def test_params_with_half_a_character_are_refused() -> None:
    with deploy(Registry([greet])) as deployment, pytest.raises(InvalidParams):
        submit(deployment.engine, "greet", {"name": "\ud800"})


def test_an_error_with_half_a_character_is_kept_without_it() -> None:
    @task("odd", retry=RetryPolicy(attempts=1))
    def odd(context: Context) -> None:
        raise ValueError("\ud800 is no text")

    with deploy(Registry([odd])) as deployment:
        task_id = submit(deployment.engine, "odd").task.ref.task

        deployment.pump()

        error = deployment.task(task_id).error
        assert error is not None
        assert error.message == "? is no text"


def test_a_retry_that_would_come_after_the_deadline_is_none() -> None:
    @task("tight", deadline=SECOND, retry=RetryPolicy(base=900 * SECOND, attempts=9))
    def tight(context: Context) -> None:
        raise OSError("the real reason")

    with deploy(Registry([tight])) as deployment:
        task_id = submit(deployment.engine, "tight").task.ref.task

        deployment.pump()

        error = deployment.task(task_id).error
        assert error is not None
        assert error.message == "the real reason"


def test_the_same_key_in_the_same_millisecond_is_new_once() -> None:
    with deploy(Registry([wave])) as deployment:
        submissions = [submit(deployment.engine, "wave", key="once") for _ in range(2)]

        assert [submission.is_new for submission in submissions] == [True, False]


def test_a_submission_whose_answer_is_lost_is_still_new() -> None:
    with deploy(Registry([wave])) as deployment:
        deployment.port.plan("answer lost", "PutItem")

        submission = submit(deployment.engine, "wave")

        assert submission.is_new
        assert deployment.pump() == 1


def test_a_task_that_this_worker_does_not_know_waits_for_one_that_does() -> None:
    with deploy(Registry([wave])) as deployment:
        task_id = submit(deployment.engine, "wave").task.ref.task
        deployment.engine = replace(deployment.engine, registry=Registry([]))

        deployment.pump()

        assert deployment.task(task_id).state is State.QUEUED
        assert len(deployment.hints.messages) == 1, "its hint comes back"


def test_a_result_that_is_not_json_fails_the_task() -> None:
    @task("odd", retry=RetryPolicy(attempts=1))
    def odd(context: Context) -> object:
        return object()

    with deploy(Registry([odd])) as deployment:
        task_id = submit(deployment.engine, "odd").task.ref.task

        deployment.pump()

        ended = deployment.task(task_id)
        assert ended.error is not None
        assert ended.error.kind == "TypeError"


def test_a_hint_that_comes_too_early_is_sent_on_for_its_time() -> None:
    @task("late", retry=RetryPolicy(attempts=2, base=20 * SECOND, cap=20 * SECOND))
    def late(context: Context) -> None:
        if context.attempt == 1:
            raise OSError("not yet")

    with deploy(Registry([late])) as deployment:
        task_id = submit(deployment.engine, "late").task.ref.task
        deployment.pump()
        waiting = deployment.task(task_id)
        for message in deployment.hints.messages:
            message.visible = deployment.clock.now()

        deployment.pump()
        deployment.clock.advance(waiting.not_before - deployment.clock.now() + SECOND)
        deployment.pump()

        assert deployment.task(task_id).state is State.SUCCEEDED


def test_a_pool_without_a_queue_is_refused_before_anything_is_written() -> None:
    @task("astray", pool="nowhere")
    def astray(context: Context) -> None: ...

    with deploy(Registry([astray])) as deployment:
        with pytest.raises(ConfigurationError, match="WINDROW_QUEUE_NOWHERE"):
            submit(deployment.engine, "astray")

        assert deployment.port.count("PutItem") == 0


def test_two_tasks_of_one_name_are_refused_at_import() -> None:
    with pytest.raises(DefinitionError, match="Two tasks are named 'wave'"):
        Registry([wave, wave])


def test_a_map_that_says_nothing_about_its_items_is_refused_at_import() -> None:
    @task.map("idle")
    def idle(context: Context) -> list[int]:
        return []

    with pytest.raises(DefinitionError, match=r"\.chunk or \.each"):
        Registry([idle])


@pytest.mark.parametrize(
    ("options", "word"),
    [({"priority": 11}, "priority"), ({"deadline": timedelta()}, "deadline")],
)
def test_an_impossible_option_is_refused_at_import(options: dict[str, Any], word: str) -> None:
    with pytest.raises(DefinitionError, match=word):
        task("odd", **options)(lambda context: None)


@pytest.mark.parametrize("size", [0, 1_001, True, 2.5])
def test_a_chunk_of_no_or_too_many_items_is_refused_at_import(size: Any) -> None:
    expected = f"Map 'odd': chunk_size must be a whole number from 1 to 1,000, not {size!r}."

    with pytest.raises(DefinitionError) as refused:
        task.map("odd", chunk_size=size)(lambda context: [])

    assert str(refused.value) == expected


def test_params_that_their_model_does_not_take_any_more_are_named_but_not_shown() -> None:
    class Before(BaseModel):
        card: str

    class After(BaseModel):
        card: int

    def pay(context: Context, params: BaseModel) -> None:
        raise AssertionError("it is not called with params that do not fit")

    changing = task("pay", params=Before)(pay)
    with deploy(Registry([changing])) as deployment:
        task_id = submit(deployment.engine, "pay", {"card": "secret"}).task.ref.task
        changing.params = After

        deployment.pump()

        record = deployment.task(task_id)
        assert record.state is State.FAILED
        assert record.error == Failure(
            "InvalidParams",
            "Invalid params for task 'pay': card: a whole number.",
        )
        [error] = [
            ids["exception"] for verb, ids in deployment.telemetry.events if "exception" in ids
        ]
        assert "secret" not in "".join(traceback.format_exception(error))
