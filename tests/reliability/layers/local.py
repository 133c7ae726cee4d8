"""The local stack: tasks of all kinds on real processes, which are killed at random.

In the full profile only, as it takes minutes of waiting; `make test` has a smaller one of its own
(tests/e2e/test_mixed_killed.py).
"""

from tests.e2e.mixed.killing import run as kill_at_random
from tests.e2e.mixed.stack import mixed_stack
from tests.reliability.bars import LOCAL
from tests.reliability.frame import Budget, Outcome, Row

NAME = "local"
SHARE = 0.0

TASKS, KILLS = 300, 60


def run(budget: Budget) -> Outcome:
    """One run with this seed; RUNS is how many tasks. It takes as long as the recoveries take."""
    if not budget.is_full:
        return Outcome([])
    tasks = budget.runs or TASKS
    with mixed_stack() as stack:
        seen = kill_at_random(stack, tasks=tasks, kills=KILLS, seed=budget.seed)
    row = Row(
        what=LOCAL.what,
        bar=LOCAL.full,
        seen=f"{seen.tasks} tasks, {seen.kills} processes killed, {seen.crashes} attempts lost;"
        f" {len(seen.problems)} problems, {seen.doubled} doubled effects",
        is_met=seen.tasks >= TASKS and seen.crashes > 0 and not seen.problems,
        figures={
            "tasks": seen.tasks,
            "processes killed": seen.kills,
            "attempts lost": seen.crashes,
            "effects doubled": seen.doubled,
        },
    )
    return Outcome([row], [f"{each} | make reliability LAYER={NAME}" for each in seen.problems])
