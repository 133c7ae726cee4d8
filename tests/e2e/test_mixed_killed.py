"""Tasks of all kinds while the processes that run them are killed at random: each effect once."""

from tests.e2e.mixed.killing import run
from tests.e2e.mixed.stack import mixed_stack


def test_mixed_tasks_whose_workers_are_killed_end_with_every_effect_once() -> None:
    with mixed_stack() as stack:
        outcome = run(stack, tasks=40, kills=6, seed=1)

    assert outcome.problems == []
    assert outcome.kills > 0
    assert outcome.crashes > 0
