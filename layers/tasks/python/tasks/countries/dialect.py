"""Seed 000's words for what the engine and the table hold: pure functions from records to JSON.

Times of the refresh are naive UTC seconds, as the seed has them; those of the countries end in Z,
as the exercise behind it has them.
"""

from datetime import UTC, datetime
from typing import Any, assert_never

from tasks.countries.country import Country
from windrow.model.records import Task
from windrow.model.states import State

type Json = dict[str, Any]

FETCH_FAILED = "Failed to fetch data from external API"
CANCELLED = "cancelled"
# Failures that the engine words for everybody. Others may name tables and keys: the log has those.
TOLD = frozenset({"Crashed", "DeadlinePassed"})


def submitted(task: Task, *, is_new: bool) -> Json:
    """The answer to a POST: the refresh that it started, or the one that was under way."""
    if is_new:
        return {
            "message": "Country refresh started in background",
            "status": "started",
            "started_at": _naive(task.created),
        }
    return {
        "message": "Refresh already in progress",
        "status": "already_running",
        "started_at": _naive(task.created),
    }


def status(task: Task | None) -> Json:
    """The answer to a poll, from the newest refresh; None before the first."""
    if task is None:
        return {
            "is_running": False,
            "status": "idle",
            "started_at": None,
            "completed_at": None,
            "countries_processed": 0,
            "error": None,
        }
    error = _error(task)
    return {
        "is_running": not task.state.is_over,
        "status": _word(task, error),
        "started_at": _naive(task.created),
        "completed_at": _naive(task.ended) if task.ended else None,
        "countries_processed": task.progress.succeeded,
        "error": error,
    }


def country(row: Country) -> Json:
    """One country, in the order of the exercise's fields; its numbers are JSON numbers."""
    return {
        "id": row.id,
        "name": row.name,
        "capital": row.capital,
        "region": row.region,
        "population": row.population,
        "currency_code": row.currency_code,
        "exchange_rate": None if row.exchange_rate is None else float(row.exchange_rate),
        "estimated_gdp": None if row.estimated_gdp is None else float(row.estimated_gdp),
        "flag_url": row.flag_url,
        "last_refreshed_at": _zulu(row.refreshed),
    }


def totals(count: int, last_refresh: datetime | None) -> Json:
    """How many countries there are, and when they were last refreshed as a whole."""
    return {
        "total_countries": count,
        "last_refreshed_at": None if last_refresh is None else _zulu(last_refresh),
    }


def deleted(row: Country) -> Json:
    """The answer to a DELETE."""
    return {"message": f"Country '{row.name}' deleted successfully"}


def _word(task: Task, error: str | None) -> str:
    if not task.state.is_over:
        return "running"
    return "error" if error else "completed"


def _error(task: Task) -> str | None:
    """What a user is told of a refresh that did not end well."""
    match task.state:
        case State.QUEUED | State.RUNNING:
            return None
        case State.SUCCEEDED:
            # A finish that failed is no error: every row is stored by then.
            return _loss(task) if task.progress.failed else None
        case State.CANCELLED:
            return CANCELLED
        case State.FAILED:
            return _failure(task)
        case _:
            assert_never(task.state)


def _loss(task: Task) -> str:
    return f"{task.progress.failed} of {task.progress.total} countries could not be stored"


def _failure(task: Task) -> str:
    match task.error.kind if task.error else None:
        case "UpstreamUnavailable":
            return FETCH_FAILED
        case "MapFailed":
            return _loss(task)
        case kind if task.error and kind in TOLD:
            return task.error.message
        case kind:
            return f"Refresh failed ({kind})"


def _naive(time: datetime) -> str:
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _zulu(time: datetime) -> str:
    return f"{_naive(time)}Z"
