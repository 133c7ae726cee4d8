"""The daily figures of a tenant's tasks: kept for a year, and told to CloudWatch."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from tasks.analytics.params import DashboardParams
from tasks.analytics.process import POOL, PRIORITY, RETRY
from tasks.analytics.settings import table
from windrow import Context, task
from windrow.aws.dynamodb import encoded
from windrow.engine.stats import Stats, stats
from windrow.model.states import State
from windrow.telemetry.metrics import Metric

KEPT = timedelta(days=400)
# Which of the figures CloudWatch is told, as a gauge.
METRICS = {
    "tasks_waiting": Metric.TASKS_WAITING,
    "oldest_waiting_seconds": Metric.OLDEST_WAITING_SECONDS,
    "completion_percent": Metric.COMPLETION_PERCENT,
}


@task(
    "analytics.update_dashboard", pool=POOL, params=DashboardParams, priority=PRIORITY, retry=RETRY
)
def update_dashboard(context: Context, params: DashboardParams) -> dict[str, Any]:
    """Read the rollups, keep the figures of the day, and tell CloudWatch those that are gauges.

    A second time on a day takes the place of the first.
    """
    found = figures(stats(context.engine, context.tenant, minutes=params.hours * 60))
    expires = round((context.created + KEPT).timestamp())
    item = {
        "PK": f"DASHBOARD#{context.tenant}",
        "SK": f"DAY#{context.created:%Y-%m-%d}",
        "hours": params.hours,
        "expires": expires,
        **found,
    }
    context.aws.call("dynamodb", "PutItem", {"TableName": table(), "Item": encoded(item)})
    for name, metric in METRICS.items():
        if name in found:
            context.engine.telemetry.count(metric, float(found[name]))
    return {"status": "success", "metrics_updated": sorted(found)}


def figures(found: Stats) -> dict[str, int | Decimal]:
    """The figures by name. The share of tasks that ended well is there once some have ended."""
    users = [each for each in found.types if not each.is_system]
    ended = {
        state: sum(each.events.get(state, 0) for each in users) for state in State if state.is_over
    }
    oldest = (found.at - found.oldest).total_seconds() if found.oldest else 0
    slowest = max((each.took["p95"] for each in users if "p95" in each.took), default=None)
    named: dict[str, int | Decimal] = {
        "tasks_submitted": sum(each.events.get("submitted", 0) for each in users),
        "tasks_succeeded": ended[State.SUCCEEDED],
        "tasks_failed": ended[State.FAILED],
        "tasks_cancelled": ended[State.CANCELLED],
        "tasks_waiting": found.queued,
        "tasks_running": sum(each.states.get(State.RUNNING, 0) for each in users),
        "oldest_waiting_seconds": _rounded(oldest),
    }
    if total := sum(ended.values()):
        named["completion_percent"] = _rounded(100 * ended[State.SUCCEEDED] / total)
    if slowest is not None:
        named["slowest_p95_seconds"] = _rounded(slowest.total_seconds())
    return named


def _rounded(value: float) -> Decimal:
    return Decimal(f"{value:.3f}")
