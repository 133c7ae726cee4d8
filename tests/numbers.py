"""A map for the tests: it adds up numbers, and remembers what it did to the world outside."""

from dataclasses import dataclass, field
from datetime import timedelta

from windrow import Context, Outcome, Registry, task
from windrow.engine.definition import MapDefinition


@dataclass
class World:
    """The world outside, and how it should misbehave."""

    count: int = 250
    planned: int = 0
    done: list[int] = field(default_factory=list)
    finished: list[Outcome] = field(default_factory=list)
    plan_error: Exception | None = None
    chunk_error: Exception | None = None
    failing: frozenset[int] = frozenset()
    finish_error: Exception | None = None


def numbers(
    world: World, *, chunk_size: int = 50, best_effort: bool = False
) -> tuple[Registry, MapDefinition]:
    """The map `numbers` over 0, 1, 2 ..., and a registry that holds it."""

    @task.map("numbers", chunk_size=chunk_size, unique="numbers", deadline=timedelta(hours=3))
    def plan(context: Context) -> range:
        world.planned += 1
        if world.plan_error:
            raise world.plan_error
        return range(world.count)

    @plan.chunk
    def add(context: Context, items: list[int]) -> None:
        if world.chunk_error and world.failing & set(items):
            raise world.chunk_error
        world.done += items

    @plan.finish(best_effort=best_effort)
    def finish(context: Context, outcome: Outcome) -> dict[str, int]:
        world.finished.append(outcome)
        if world.finish_error:
            raise world.finish_error
        return {"sum": sum(set(world.done))}

    return Registry([plan]), plan
