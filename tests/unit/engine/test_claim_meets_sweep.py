"""A claim and a sweep at the same moment: the due time that counts is the lease's."""

from datetime import timedelta

from tests.harness import deploy
from windrow import Context, Registry, task
from windrow.engine.claim import SKEW, claim
from windrow.engine.submit import submit
from windrow.model.records import Task
from windrow.model.states import State

MINUTE = timedelta(minutes=1)


@task("wait")
def wait(context: Context) -> None:
    return None


def test_a_sweep_between_a_workers_look_and_its_claim_does_not_hold_up_a_takeover() -> None:
    with deploy(Registry([wait])) as deployment:
        submitted = submit(deployment.engine, "wait").task
        for _ in range(2):
            deployment.clock.advance(MINUTE + timedelta(seconds=1))
            deployment.sweep()
        deployment.clock.advance(MINUTE * 2 + timedelta(seconds=1))
        seen = deployment.task(submitted.ref.task)

        deployment.sweep()
        claim(deployment.engine, seen, deployment.clock.now() + MINUTE)

        claimed = deployment.task(submitted.ref.task)
        assert claimed.state is State.RUNNING
        assert _is_soon(claimed)
        assert claimed.sends == 0


def test_a_claim_of_what_is_not_due_for_long_moves_nothing() -> None:
    with deploy(Registry([wait])) as deployment:
        submitted = submit(deployment.engine, "wait").task

        claimed = claim(deployment.engine, submitted, deployment.clock.now() + MINUTE)

        assert claimed is not None
        assert claimed.due == submitted.due


def _is_soon(task: Task) -> bool:
    """Is it looked at when its lease has run out?"""
    return task.due is not None and task.lease is not None and task.due <= task.lease + SKEW
