"""Maps that are large: their chunks are written by as many invocations as it takes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from tests.mapped import KEY, MINUTE, Outside, Plan, ended, mapped, put, reason, start
from windrow import JsonLines, Outcome
from windrow.aws.port import Answer, Parameters
from windrow.engine import expand
from windrow.engine.expand import TRIES
from windrow.engine.run import run
from windrow.model import ref
from windrow.model.states import State

# Two groups of three chunks, the second one not full.
FEW = 5


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of three chunks, so that a map of a few items has several."""
    monkeypatch.setattr(ref, "GROUP_SIZE", 3)
    monkeypatch.setattr(expand, "GROUP_SIZE", 3)


def slow(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, takes: timedelta) -> None:
    """Let each new row take a while."""
    call = deployment.port.call

    def slowly(service: str, operation: str, parameters: Parameters) -> Answer:
        if operation == "PutItem":
            deployment.clock.advance(takes)
        return call(service, operation, parameters)

    monkeypatch.setattr(deployment.port, "call", slowly)


def test_an_object_that_changes_while_the_map_runs_fails_the_map() -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: JsonLines(KEY))) as deployment:
        put(deployment, b"0\n1\n2\n3\n4\n")
        task_id = start(deployment)
        deployment.deliver()
        deployment.deliver()

        put(deployment, b"5\n6\n7\n8\n9\n")
        deployment.pump()

        expected = f"The object {KEY!r} was changed or removed while it was being used."
        assert reason(deployment.task(task_id)) == expected
        assert outside.done == [0, 1]
        states = [chunk.state for chunk in deployment.chunks(task_id)]
        assert states == [State.SUCCEEDED, State.FAILED, State.CANCELLED]


def test_an_object_that_changes_while_it_is_cut_fails_the_map(
    small_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deploy(mapped(Outside(), lambda context: JsonLines(KEY), 1)) as deployment:
        put(deployment, b"1\n" * 20)
        task_id = start(deployment)
        deployment.port.plan("killed after", "PutItem", skip=5)
        deployment.deliver()

        put(deployment, b"2\n" * 20)
        deployment.run_for(5 * MINUTE)

        assert "was changed or removed" in reason(deployment.task(task_id))


def test_an_expansion_goes_on_in_another_invocation_when_its_time_is_up(
    small_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: range(20), 1)) as deployment:
        slow(deployment, monkeypatch, timedelta(seconds=7))
        task_id = start(deployment)
        deployment.deliver()
        waiting = deployment.task(task_id)
        groups = len(deployment.engine.records.groups(waiting.ref))

        deployment.pump()

        record = deployment.task(task_id)
        assert (waiting.state, waiting.expanded, groups) == (State.QUEUED, 2, 2)
        assert record.state is State.SUCCEEDED
        assert (record.failures, record.crashes, record.groups) == (0, 0, 7)
        assert sorted(outside.done) == list(range(20))
        assert deployment.telemetry.verbs().count("map.continued") == 3


def test_chunks_begin_and_show_while_the_expansion_goes_on(
    small_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: range(20), 1)) as deployment:
        task_id = start(deployment)
        deployment.port.plan("killed after", "PutItem", skip=9)
        deployment.deliver()
        while deployment.deliver():
            pass

        record = deployment.task(task_id)
        assert record.groups is None, "nobody knows yet how many there will be"
        assert (record.state, record.progress.succeeded) == (State.RUNNING, 6)
        assert outside.finished == []


def test_deaths_are_forgiven_also_where_the_answer_to_that_never_comes(small_groups: None) -> None:
    """The next interruption is then the first one, not the last one that there may be."""
    outside = Outside()
    with deploy(mapped(outside, lambda context: range(20), 1)) as deployment:
        task_id = start(deployment)
        deployment.port.plan("killed after", "PutItem", skip=9)
        deployment.deliver()
        killed = deployment.task(task_id)
        deployment.engine.records.write(killed, replace(killed, crashes=4))
        deployment.clock.advance(2 * MINUTE)
        deployment.port.plan("answer never came", "UpdateItem", UpdateExpression="#expanded")

        deployment.run_for(10 * MINUTE)

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert sorted(outside.done) == list(range(20))


def test_an_interruption_that_cannot_be_stored_is_left_to_the_lease(small_groups: None) -> None:
    """It is not counted a second time, from the deaths that were just forgiven."""
    outside = Outside()
    with deploy(mapped(outside, lambda context: range(20), 1)) as deployment:
        task_id = start(deployment)
        deployment.port.plan("killed after", "PutItem", skip=9)
        deployment.deliver()
        killed = deployment.task(task_id)
        deployment.engine.records.write(killed, replace(killed, crashes=4))
        deployment.clock.advance(2 * MINUTE)
        deployment.port.plan("refused", "PutItem", times=TRIES)
        deployment.port.plan("refused", "UpdateItem", UpdateExpression="#not_before")

        run(deployment.engine, killed.ref, deployment.clock.now() + MINUTE)
        deployment.run_for(10 * MINUTE)

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert sorted(outside.done) == list(range(20))


def calls_of_an_expansion(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> int:
    with deploy(mapped(Outside(), plan, 1)) as deployment:
        put(deployment, b"".join(b"%d\n" % number for number in range(FEW)))
        slow(deployment, monkeypatch, timedelta(seconds=10))
        task_id = start(deployment)
        before = len(deployment.port.calls)
        while deployment.task(task_id).groups is None:
            deployment.deliver()
        return len(deployment.port.calls) - before


PLANS: dict[str, Plan] = {
    "list": lambda context: list(range(FEW)),
    "object": lambda context: JsonLines(KEY),
}


@pytest.mark.parametrize("effect", ["killed before", "killed after", "refused", "answer lost"])
@pytest.mark.parametrize("kind", PLANS)
def test_a_crash_at_any_call_of_an_expansion_costs_nothing_but_time(
    small_groups: None, monkeypatch: pytest.MonkeyPatch, kind: str, effect: str
) -> None:
    for call in range(calls_of_an_expansion(PLANS[kind], monkeypatch)):
        outside = Outside()
        with deploy(mapped(outside, PLANS[kind], 1)) as deployment:
            put(deployment, b"".join(b"%d\n" % number for number in range(FEW)))
            slow(deployment, monkeypatch, timedelta(seconds=10))
            task_id = start(deployment)
            deployment.port.plan(effect, "", skip=call)

            deployment.pump()
            deployment.hints.lose()
            deployment.run_for(4 * MINUTE)

            record = deployment.task(task_id)
            assert record.state is State.SUCCEEDED, call
            assert set(outside.done) == set(range(FEW)), call
            assert outside.finished[-1] == Outcome(FEW, FEW, 0), call
            assert len(deployment.chunks(task_id)) == FEW
            assert all(chunk.due is None for chunk in deployment.chunks(task_id))


def test_a_map_that_comes_further_each_time_is_not_given_up(
    small_groups: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside()
    with deploy(mapped(outside, lambda context: range(30), 1)) as deployment:
        task_id = start(deployment)
        for _ in range(9):
            # Each attempt dies after a group and a row of the next one.
            deployment.port.plan("killed after", "PutItem", skip=5)
            deployment.pump()
            deployment.hints.lose()
            deployment.run_for(3 * MINUTE)

        assert deployment.task(task_id).state is State.SUCCEEDED
        assert sorted(set(outside.done)) == list(range(30))


def test_a_map_that_never_comes_further_is_given_up(small_groups: None) -> None:
    with deploy(mapped(Outside(), lambda context: range(30), 1)) as deployment:
        task_id = start(deployment)
        deployment.port.plan("killed before", "PutItem", times=100)
        deployment.run_for(60 * MINUTE)

        assert reason(deployment.task(task_id)) == "It crashed or timed out 6 times."


def test_a_table_that_refuses_for_a_moment_does_not_end_the_attempt(small_groups: None) -> None:
    with deploy(mapped(Outside(), lambda context: range(8), 1)) as deployment:
        deployment.port.plan("refused", "PutItem", skip=3, times=4)

        record = ended(deployment)

        assert record.state is State.SUCCEEDED
        assert record.attempt == 2, "the plan and the finish"
