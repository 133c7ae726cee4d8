"""Requests to the API function on the simulated AWS, and what of its answers breaks a promise."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from tests.simulated.deployment import Deployment
from tests.simulated.faults import Effect
from tests.simulated.http import Answer, Api
from tests.simulated.invariants import Invariants, Violation
from tests.simulated.outside import Outside
from tests.simulated.scenario import registry
from tests.simulated.time import MINUTE
from tests.simulated.world import World
from windrow.engine.engine import Engine
from windrow.engine.submit import submit


class Scene:
    """An API with one route, whose answers are judged."""

    def __init__(self, world: World) -> None:
        self.world = world
        deployment = Deployment(world, registry(Outside()))
        self.invariants = Invariants(world, deployment.table, deployment=deployment)
        self.invariants.watch()
        self.api = Api(deployment, routers)
        self.api.told.append(self.invariants.answers.answered)
        self.answers: list[Answer] = []

    def ask(self, *faults: Effect) -> Answer:
        """One request, with what happens to each of its calls."""
        calls = range(self.world.faults.calls, self.world.faults.calls + len(faults))
        self.world.faults.planned = dict(zip(calls, faults, strict=True))
        self.api.request("POST", "/plain", self.answers.append)
        self.world.run(MINUTE)
        return self.answers[-1]

    def judge(self, status: int, body: str = "x", caller: str = "api-1", **headers: str) -> None:
        """Judge an answer to that request, or to another caller's."""
        answer = Answer(caller, status, headers, {"error": body, "task": "none"})
        self.invariants.answers.answered(answer)


def routers(engine: Engine) -> list[APIRouter]:
    """One route that submits a task."""
    router = APIRouter()

    @router.post("/plain")
    def create() -> JSONResponse:
        return JSONResponse({"task": submit(engine, "plain").task.ref.task}, 202)

    return [router]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with World(1) as world:
        yield Scene(world)


# A submission reads the modes, writes its task and sends its hint.
OK, FAILED, LOST, KILLED = Effect.DONE, Effect.FAILED, Effect.LOST, Effect.KILLED_AFTER


def test_a_request_is_answered_by_the_real_function(scene: Scene) -> None:
    assert scene.ask().status == 202


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ([FAILED], 202),
        ([OK, FAILED], 503),
        ([OK, LOST], 202),
        ([OK, OK, FAILED], 202),
        ([OK, KILLED], 0),
        ([OK, LOST, FAILED], 503),
    ],
)
def test_a_fault_at_a_call_has_its_answer(scene: Scene, faults: list[Effect], status: int) -> None:
    assert scene.ask(*faults).status == status


def test_the_same_seed_gives_the_same_trace_through_the_event_loop() -> None:
    def digest(seed: int) -> str:
        with World(seed) as world:
            scene = Scene(world)
            for _ in range(5):
                scene.api.request("POST", "/plain", scene.answers.append)
            world.run(MINUTE)
            return world.digest

    assert digest(1) == digest(1) != digest(2)


def test_an_answer_of_503_while_aws_works_is_a_breach(scene: Scene) -> None:
    with pytest.raises(Violation, match=r"^S17: .*AWS works"):
        scene.judge(503, **{"retry-after": "2"})


def test_a_fault_of_another_caller_excuses_nobody(scene: Scene) -> None:
    scene.ask(FAILED)

    with pytest.raises(Violation, match=r"^S17: .*AWS works"):
        scene.judge(503, caller="api-2", **{"retry-after": "2"})


def test_a_promise_that_breaks_within_a_request_is_no_answer(scene: Scene) -> None:
    def broken(*_call: object) -> None:
        raise Violation("S0: it is broken")

    scene.world.witnesses.append(broken)

    with pytest.raises(Violation, match=r"^S0: "):
        scene.ask()


def test_a_promise_that_a_late_request_breaks_is_told_once() -> None:
    def broken(*_call: object) -> None:
        raise Violation("S0: it is broken")

    with World(1) as world:
        scene = Scene(world)
        world.witnesses.append(broken)
        with pytest.raises(Violation, match=r"^S0: "):
            scene.ask(Effect.LATE)
        world.spawn("somebody", lambda: world.pause(MINUTE))
        world.run(1)


def test_an_answer_of_500_is_a_breach_whatever_aws_does(scene: Scene) -> None:
    scene.ask(FAILED)

    with pytest.raises(Violation, match=r"^S17: .*503 with Retry-After"):
        scene.judge(500)


def test_an_answer_of_503_after_a_write_is_a_breach(scene: Scene) -> None:
    scene.api.told.clear()
    scene.ask(OK, OK, FAILED)

    with pytest.raises(Violation, match=r"^S17: .*it wrote"):
        scene.judge(503, **{"retry-after": "2"})


def test_an_answer_of_422_after_a_write_is_a_breach(scene: Scene) -> None:
    scene.api.told.clear()
    scene.ask()

    with pytest.raises(Violation, match=r"^S10: "):
        scene.judge(422)


def test_an_accepted_task_that_is_not_there_is_a_breach(scene: Scene) -> None:
    with pytest.raises(Violation, match=r"^S16: "):
        scene.judge(202)


def test_a_draining_pool_may_be_refused(scene: Scene) -> None:
    scene.judge(503, "Pool default is draining", **{"retry-after": "60"})
