"""A map may live longer than records are kept: its chunks and groups must be there at its end."""

from datetime import timedelta

from tests.harness import deploy
from tests.numbers import World, numbers
from windrow.engine.run import run
from windrow.engine.submit import submit

MINUTE = timedelta(minutes=1)


def test_what_a_map_counts_expires_after_the_map_has_to_end() -> None:
    registry, _ = numbers(World(count=100))
    with deploy(registry) as deployment:
        task = submit(deployment.engine, "numbers").task
        deployment.deliver()
        for chunk in deployment.chunks(task.ref.task):
            run(deployment.engine, chunk.ref, deployment.clock.now() + MINUTE)

        chunks = deployment.chunks(task.ref.task)
        groups = deployment.engine.records.groups(task.ref)

        last = task.deadline + deployment.engine.retention
        assert len(chunks) == 2
        assert {chunk.expires for chunk in chunks} == {last}
        assert all(group.expires and group.expires > last for group in groups), "chunks go first"
