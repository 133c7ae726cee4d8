"""A map from its submission to its end, and every way in which that can go wrong on the way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.harness import Deployment, deploy
from windrow import Context, Outcome, Registry, Retry, task
from windrow.engine.submit import submit
from windrow.model.states import State


@dataclass
class World:
    """What a map of numbers does to the world outside."""

    planned: int = 0
    done: list[int] = field(default_factory=list)
    finished: list[Outcome] = field(default_factory=list)
    failing: set[int] = field(default_factory=set)
    finish_error: Exception | None = None


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def numbers(world: World) -> Iterator[Deployment]:
    @task.map("numbers", chunk_size=50, unique="numbers", deadline=timedelta(hours=1))
    def plan(context: Context) -> list[int]:
        world.planned += 1
        return list(range(250))

    @plan.chunk
    def add(context: Context, items: list[int]) -> None:
        if world.failing & set(items):
            raise ValueError(f"cannot add {min(world.failing)}")
        world.done += items

    @plan.finish(best_effort=True)
    def finish(context: Context, outcome: Outcome) -> dict[str, int]:
        world.finished.append(outcome)
        if world.finish_error:
            raise world.finish_error
        return {"sum": sum(set(world.done))}

    with deploy(Registry([plan])) as deployment:
        yield deployment


def test_a_map_does_every_item_once_and_finishes_once(numbers: Deployment, world: World) -> None:
    submitted = submit(numbers.engine, "numbers")

    delivered = numbers.pump()

    ended = numbers.task(submitted.task.ref.task)
    assert ended.state is State.SUCCEEDED
    assert ended.result == '{"sum": 31125}'
    assert sorted(world.done) == list(range(250))
    assert world.finished == [Outcome(250, 250, 0)]
    assert delivered == 7  # the plan, five chunks, the finish


def test_progress_grows_as_chunks_end(numbers: Deployment) -> None:
    task_id = submit(numbers.engine, "numbers").task.ref.task

    seen = [numbers.task(task_id).progress.succeeded for _ in range(8) if numbers.deliver()]

    assert seen == [0, 50, 100, 150, 200, 250, 250]
