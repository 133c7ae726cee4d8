"""Stats as the native API and the command line show them: one rendering."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from windrow.engine.stats import Stats, TypeStats, success_rate
from windrow.model.shown import instant, present
from windrow.model.states import State
from windrow.store.rollups import Reason


def shown(stats: Stats) -> dict[str, Any]:
    """The JSON object of a tenant's figures; durations in seconds."""
    return present(
        at=instant(stats.at),
        window_seconds=seconds(stats.window),
        step_seconds=seconds(stats.step),
        lag_seconds=seconds(stats.lag),
        counted_until=instant(stats.counted) if stats.counted else None,
        queued=stats.queued,
        oldest_waiting_seconds=seconds(stats.at - stats.oldest) if stats.oldest else None,
        totals=_totals(stats.states),
        types=[_type(each) for each in stats.types],
        series=[{"at": instant(at), **events} for at, events in stats.series],
        errors=[_error(each) for each in stats.errors],
    )


def _totals(states: Mapping[str, int]) -> dict[str, Any]:
    counts = {state.value: states[state.value] for state in State}
    return present(tasks=sum(counts.values()), **counts, success_rate=success_rate(counts))


def seconds(duration: timedelta) -> float:
    """In seconds, to the millisecond."""
    return round(duration.total_seconds(), 3)


def _type(each: TypeStats) -> dict[str, Any]:
    return present(
        task=each.name,
        is_system=each.is_system or None,
        states=dict(each.states),
        success_rate=each.success_rate,
        window=dict(each.events),
        peak_concurrency=each.peak,
        waited_seconds=_percentiles(each.waited),
        took_seconds=_percentiles(each.took),
    )


def _percentiles(found: Mapping[str, timedelta]) -> dict[str, float] | None:
    return {name: seconds(each) for name, each in found.items()} or None


def _error(reason: Reason) -> dict[str, Any]:
    return {
        "task": reason.row.name,
        "kind": reason.sample.kind,
        "message": reason.sample.message,
        "fingerprint": reason.row.error,
        "count": reason.count,
        "first_seen_at": instant(reason.first),
        "last_seen_at": instant(reason.sample.at),
        "example": reason.sample.task,
    }
