"""What becomes of tasks whose hints died, by Windrow's redrive and by SQS's own."""

from datetime import timedelta

import pytest

from tests.harness import Deployment
from tests.simulated.deployment import Deployment as Simulated
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.time import MINUTE as SIMULATED_MINUTE
from tests.simulated.world import World
from windrow.engine.bury import bury
from windrow.engine.redrive import Redriven, redrive
from windrow.engine.submit import submit
from windrow.errors import UnknownPool
from windrow.model.ref import Ref
from windrow.model.states import State
from windrow.queue.hint import encode

MINUTE = timedelta(minutes=1)


def dead(deployment: Deployment, tenant: str = "default") -> Ref:
    """A task whose only hint died."""
    ref = submit(deployment.engine, "numbers", tenant=tenant).task.ref
    deployment.hints.lose()
    bury(deployment.engine, ref)
    return ref


def test_a_redrive_sends_one_hint_for_each_task_whose_hints_died(deployment: Deployment) -> None:
    ref = dead(deployment)
    submit(deployment.engine, "numbers", tenant="another")
    deployment.hints.lose()

    redriven = redrive(deployment.engine, "default")

    assert redriven == Redriven(hinted=1, unsent=0)
    assert [message.body for message in deployment.hints.messages] == [encode(ref)]
    deployment.pump()
    assert deployment.task(ref.task).state is State.SUCCEEDED


def test_a_redrive_writes_nothing_so_that_the_diagnosis_stays(deployment: Deployment) -> None:
    ref = dead(deployment)
    before = deployment.task(ref.task)

    redrive(deployment.engine, "default")
    redrive(deployment.engine, "default")

    assert deployment.task(ref.task) == before
    assert before.dead == 1
    assert len(deployment.hints.messages) == 2, "the second costs a look"


def test_a_task_that_is_over_is_not_redriven(deployment: Deployment) -> None:
    dead(deployment)
    deployment.run_for(3 * MINUTE)

    assert redrive(deployment.engine, "default") == Redriven(hinted=0, unsent=0)


def test_another_pool_is_left_alone(deployment: Deployment) -> None:
    dead(deployment)

    assert redrive(deployment.engine, "long") == Redriven(hinted=0, unsent=0)


def test_hints_that_cannot_be_sent_are_counted(deployment: Deployment) -> None:
    dead(deployment)
    deployment.hints.is_down = True

    assert redrive(deployment.engine, "default") == Redriven(hinted=0, unsent=1)


def test_a_pool_that_is_not_there_is_named(deployment: Deployment) -> None:
    with pytest.raises(UnknownPool, match="defalt"):
        redrive(deployment.engine, "defalt")


def test_letters_that_sqs_moves_back_cost_a_look_each_and_start_what_still_waits() -> None:
    """StartMessageMoveTask, or "Start DLQ redrive" in the console."""
    with World(1) as world:
        simulated = Simulated(world, registry(Outside()))
        # Nobody reads the letters, so that there is something to move.
        letters, queue = simulated.queues["DefaultDeadLetters"], simulated.queues["DefaultQueue"]
        letters.listeners.clear()
        simulated.submit("plain")
        world.run(SIMULATED_MINUTE)
        (accepted,) = simulated.accepted
        waiting = submit(simulated.engine, "plain").task.ref
        queue.lose()
        ended = simulated.engine.records.task(accepted.task.ref)
        for number, ref in enumerate((accepted.task.ref, waiting)):
            letters.send(1_000 + number, encode(ref), 0, "default")

        moved = letters.redrive(queue)
        world.run(SIMULATED_MINUTE // 2)

        assert moved == 2
        assert simulated.engine.records.task(accepted.task.ref) == ended
        started = simulated.engine.records.task(waiting)
        assert started is not None
        assert started.state is State.SUCCEEDED
        assert started.sends == 0, "the moved letter started it, not the sweeper"
