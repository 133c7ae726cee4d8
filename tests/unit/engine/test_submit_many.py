"""Submit many: a thousand tasks by one call, each durable, and none of them twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import BaseModel

from tests.harness import Deployment, deploy
from tests.slow import Slow
from tests.webhooks import outpost
from windrow import Context, Registry, task
from windrow.aws.errors import Unavailable
from windrow.engine.submit import Submission, submit
from windrow.engine.submit_many import MOST, Answer, submit_many
from windrow.errors import (
    InvalidOption,
    InvalidParams,
    KeyReused,
    NotTried,
    Refused,
    UnknownTask,
)
from windrow.model.draft import Draft
from windrow.model.states import State


class Letter(BaseModel):
    """Whom a letter is for."""

    to: str


@task("letter", params=Letter)
def letter(context: Context, params: Letter) -> str:
    return params.to


@task("report", pool="long", unique="report")
def report(context: Context) -> None: ...


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    with deploy(Registry([letter, report])) as deployed:
        yield deployed


def letters(count: int) -> list[Draft]:
    return [Draft("letter", {"to": f"reader {number}"}) for number in range(count)]


def stored(deployment: Deployment) -> int:
    return sum(1 for _ in deployment.engine.due.everything())


def refs(answers: list[Answer]) -> list[str]:
    assert all(isinstance(answer, Submission) for answer in answers)
    return [each.task.ref.task for each in answers if isinstance(each, Submission)]


def test_a_thousand_tasks_are_stored_and_hinted_at_in_tens(deployment: Deployment) -> None:
    answers = submit_many(deployment.engine, letters(1_000))

    assert len(set(refs(answers))) == stored(deployment) == 1_000
    assert deployment.port.count("SendMessageBatch") == 100
    deployment.pump()
    assert all(deployment.task(ref).state is State.SUCCEEDED for ref in refs(answers))


def test_each_goes_to_its_own_pool_at_its_own_time(deployment: Deployment) -> None:
    drafts = [
        Draft("report"),
        Draft("letter", {"to": "Ada"}),
        Draft("letter", {"to": "Bob"}, delay=timedelta(minutes=2)),
        Draft("letter", {"to": "Cleo"}, delay=timedelta(hours=2)),
    ]

    first, second, third, fourth = refs(submit_many(deployment.engine, drafts))

    deployment.pump()
    assert deployment.task(first).state is State.SUCCEEDED
    assert deployment.task(second).state is State.SUCCEEDED
    assert deployment.task(third).state is State.QUEUED
    deployment.run_for(timedelta(minutes=3))
    assert deployment.task(third).state is State.SUCCEEDED
    assert deployment.task(fourth).state is State.QUEUED
    deployment.run_for(timedelta(hours=2))
    assert deployment.task(fourth).state is State.SUCCEEDED


def test_one_that_is_wrong_is_named_and_none_is_stored(deployment: Deployment) -> None:
    drafts = [*letters(2), Draft("letter", {"too": "Ada"}), Draft("lettre"), Draft("letter")]

    with pytest.raises(Refused) as refused:
        submit_many(deployment.engine, drafts)

    assert {number: type(error) for number, error in refused.value.errors.items()} == {
        2: InvalidParams,
        3: UnknownTask,
        4: InvalidParams,
    }
    assert stored(deployment) == 0


def test_a_wrong_term_is_named_like_wrong_params(deployment: Deployment) -> None:
    with pytest.raises(Refused) as refused:
        submit_many(deployment.engine, [Draft("letter", {"to": "Ada"}, priority=11)])

    error = refused.value.errors[0]
    assert isinstance(error, InvalidOption)
    assert error.option == "priority"


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_none_and_too_many_are_refused(deployment: Deployment, count: int) -> None:
    with pytest.raises(InvalidOption, match="1 to 1,000"):
        submit_many(deployment.engine, letters(count))


def test_whoever_repeats_the_call_with_its_key_makes_no_second_task(
    deployment: Deployment,
) -> None:
    first = refs(submit_many(deployment.engine, letters(3), key="monday"))

    again = submit_many(deployment.engine, letters(3), key="monday")

    assert refs(again) == first
    assert all(isinstance(each, Submission) and each.is_replay for each in again)
    assert stored(deployment) == 3


def test_what_was_not_stored_is_stored_when_the_call_is_repeated(deployment: Deployment) -> None:
    deployment.port.plan("refused", "PutItem", skip=2)

    answers = submit_many(deployment.engine, letters(5), key="monday")
    again = submit_many(deployment.engine, letters(5), key="monday")

    assert [type(each) for each in answers[2:]] == [Unavailable, NotTried, NotTried]
    assert len(refs(answers[:2])) == 2
    assert len(set(refs(again))) == stored(deployment) == 5


def test_another_task_in_the_place_of_one_is_refused_alone(deployment: Deployment) -> None:
    submit_many(deployment.engine, letters(2), key="monday")

    same, other = submit_many(deployment.engine, [*letters(1), Draft("report")], key="monday")

    assert isinstance(same, Submission)
    assert isinstance(other, KeyReused)


def test_no_key_of_a_single_task_is_that_of_one_among_many(deployment: Deployment) -> None:
    (many,) = refs(submit_many(deployment.engine, letters(1), key="monday"))

    with pytest.raises(InvalidOption):
        submit(deployment.engine, "letter", {"to": "Ada"}, key="monday\n0")
    single = submit(deployment.engine, "letter", {"to": "Ada"}, key="monday/0")

    assert single.task.ref.task != many


def test_one_with_a_unique_key_that_is_held_meets_its_holder(deployment: Deployment) -> None:
    first, second = submit_many(deployment.engine, [Draft("report"), Draft("report")])

    assert isinstance(first, Submission)
    assert isinstance(second, Submission)
    assert second.is_met
    assert second.task.ref == first.task.ref


def slow_down(deployment: Deployment) -> None:
    deployment.port.inner = Slow(deployment.port.inner, deployment.clock)


def calls(deployment: Deployment) -> Counter[str]:
    made = Counter(operation for operation, _ in deployment.port.calls)
    deployment.port.calls.clear()
    return made


def test_a_thousand_tasks_of_a_key_cost_hardly_more_calls_than_without(
    deployment: Deployment,
) -> None:
    submit_many(deployment.engine, letters(1_000), key="monday")
    first = calls(deployment)

    submit_many(deployment.engine, letters(1_000), key="monday")
    again = calls(deployment)

    assert first == {"GetItem": 1, "BatchGetItem": 20, "PutItem": 1_000, "SendMessageBatch": 100}
    assert again == {"BatchGetItem": 20}


def test_hints_are_sent_while_others_are_still_to_be_stored(deployment: Deployment) -> None:
    submit_many(deployment.engine, letters(250))

    order = [operation for operation, _ in deployment.port.calls]
    first = order.index("SendMessageBatch")
    assert order[:first].count("PutItem") == 100
    assert order[first : first + 10] == ["SendMessageBatch"] * 10
    assert order[first + 10 :].count("PutItem") == 150


def test_what_there_is_no_time_for_is_not_tried_and_goes_on_with_the_same_key(
    deployment: Deployment,
) -> None:
    slow_down(deployment)
    soon = timedelta(seconds=0.5)

    stored_at_once = []
    for _ in range(6):
        until = deployment.clock.now() + soon
        answers = submit_many(deployment.engine, letters(200), key="monday", until=until)
        assert deployment.clock.now() <= until + timedelta(milliseconds=20)
        stored_at_once.append(sum(isinstance(each, Submission) for each in answers))

    assert 30 < stored_at_once[0] < 50
    assert stored_at_once == sorted(stored_at_once)
    assert stored_at_once[-1] == stored(deployment) == 200


def test_what_was_not_tried_says_so(deployment: Deployment) -> None:
    now = deployment.clock.now()

    answers = submit_many(deployment.engine, letters(2), until=now)

    assert [type(answer) for answer in answers] == [NotTried, NotTried]
    assert stored(deployment) == 0


def test_hints_that_do_not_get_through_are_left_to_the_sweeper(deployment: Deployment) -> None:
    deployment.port.plan("refused", "SendMessageBatch", times=1_000)

    answers = submit_many(deployment.engine, letters(250))

    assert deployment.port.count("SendMessageBatch") == 1
    deployment.port.faults.clear()
    deployment.run_for(timedelta(minutes=5))
    assert all(deployment.task(ref).state is State.SUCCEEDED for ref in refs(answers))


def test_the_endpoints_of_many_tasks_are_read_at_once() -> None:
    with outpost() as post:
        engine = post.deployment.engine
        known = post.register().endpoint.id
        names = [known] * 5 + [f"unheard-of-{number}" for number in range(20)]
        post.deployment.port.calls.clear()

        with pytest.raises(Refused) as refused:
            submit_many(engine, [Draft("fine", webhook=name) for name in names])

    assert sorted(refused.value.errors) == list(range(5, 25))
    assert {str(error) for error in refused.value.errors.values()} >= {
        "webhook must be the id of a registered endpoint, not 'unheard-of-0'."
    }
    assert calls(post.deployment) == {"Query": 1}
