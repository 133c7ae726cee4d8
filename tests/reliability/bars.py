"""What the full profile must show. A layer's row belongs to the bar that has its words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """`what` is counted, and the full profile wants `full` of it."""

    what: str
    full: str


MODEL = Bar("model states explored", ">= 500,000, 0 violations")
PLANNED = Bar("single and double fault schedules", ">= 30,000, 0 failures")
RANDOM = Bar(
    "random faulted task runs",
    ">= 1,000,000 runs, >= 5,000,000 faults; lost 0, doubled 0, stuck 0, wrong end 0",
)
ZOMBIES = Bar("forced zombies, clock skew +-30 s", ">= 10,000; stale writes accepted 0")
RECOVERY = Bar("recovery after a kill, simulated", "<= function timeout + 75 s")
KEYS = Bar(
    "one key raced by 10 callers",
    "10,000 keys, 10,000 tasks; another body 422 every time",
)
MILLION = Bar(
    "1,000,000-item map under faults",
    "one finish, exact sums, <= 10 write units a chunk, hottest key <= 1,000 units/s",
)
OVERTAKES = Bar("priority overtakes visible for > 2 s", "0 of >= 10,000 starts")
UNITS = Bar("write units in a plain task's life", "<= 10; a 250-item map of 5 chunks <= 60")
LOCAL = Bar(
    "local stack, real processes",
    "300 mixed tasks, workers killed at random: all end, 0 doubled effects",
)
FAMILIES = Bar(
    "group of 1,000 with failures, cancelled half way",
    "one callback; nothing starts after the cancel beyond what was claimed",
)
ROLLUPS = Bar(
    "figures from the stream, handed over badly",
    ">= 10,000 tasks; drift 0, ends untold 0",
)
MUTANTS = Bar("mutants of the code caught", ">= 15, all of them")
RIVALS = Bar("naive rivals in the same harness", "lost, doubled, stuck per 1,000 tasks")

BARS = (
    MODEL,
    PLANNED,
    RANDOM,
    ZOMBIES,
    RECOVERY,
    KEYS,
    MILLION,
    OVERTAKES,
    UNITS,
    ROLLUPS,
    LOCAL,
    FAMILIES,
    MUTANTS,
    RIVALS,
)
