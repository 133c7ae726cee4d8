"""A calculation with a result that is kept for a day: the squares of 1 to 1,000,000 added up."""

from datetime import timedelta
from typing import Any

from tasks.examples.names import CALCULATION
from tasks.examples.times import naive
from windrow import Context, task

LAST = 1_000_000
AT_ONCE = 50_000
KEPT = timedelta(hours=24)


@task(CALCULATION, keep_result=KEPT)
def sum_squares(context: Context) -> dict[str, Any]:
    """Add number by number, and say after each 50,000 how far it is."""
    total = 0
    for first in range(1, LAST + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, LAST)
        total += sum(number**2 for number in range(first, last + 1))
        context.progress(last, LAST, f"Added the squares up to {last:,}")
    return {
        "calculation": "sum_of_squares",
        "range": f"1 to {LAST:,}",
        "result": total,
        "computed_at": naive(context.clock.now()),
    }
