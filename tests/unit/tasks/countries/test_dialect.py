"""Seed 000's words for each state of a refresh."""

from datetime import timedelta

import pytest

from tasks.countries import dialect
from tests.unit.tasks.countries.samples import ANTARCTICA, NIGERIA, NOON, refresh
from windrow.model.records import Failure, Progress
from windrow.model.states import Phase, State

LATER = NOON + timedelta(minutes=5)


def test_before_the_first_refresh_the_status_is_idle() -> None:
    assert dialect.status(None) == {
        "is_running": False,
        "status": "idle",
        "started_at": None,
        "completed_at": None,
        "countries_processed": 0,
        "error": None,
    }


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
@pytest.mark.parametrize("phase", list(Phase))
def test_a_live_refresh_is_running_whatever_it_waits_for(state: State, phase: Phase) -> None:
    task = refresh(state=state, phase=phase, progress=Progress(250, succeeded=100))

    assert dialect.status(task) == {
        "is_running": True,
        "status": "running",
        "started_at": "2026-01-15T12:00:00",
        "completed_at": None,
        "countries_processed": 100,
        "error": None,
    }


def test_a_refresh_that_stored_everything_is_completed() -> None:
    task = refresh(state=State.SUCCEEDED, ended=LATER, progress=Progress(250, succeeded=250))

    assert dialect.status(task) == {
        "is_running": False,
        "status": "completed",
        "started_at": "2026-01-15T12:00:00",
        "completed_at": "2026-01-15T12:05:00",
        "countries_processed": 250,
        "error": None,
    }


def test_a_finish_that_failed_is_no_error_of_the_refresh() -> None:
    task = refresh(
        state=State.SUCCEEDED,
        ended=LATER,
        progress=Progress(250, succeeded=250),
        error=Failure("OSError", "cannot draw"),
    )

    assert dialect.status(task)["status"] == "completed"
    assert dialect.status(task)["error"] is None


def test_a_refresh_that_lost_rows_is_an_error_that_counts_them() -> None:
    task = refresh(
        state=State.SUCCEEDED, ended=LATER, progress=Progress(250, succeeded=200, failed=50)
    )

    status = dialect.status(task)

    assert (status["is_running"], status["status"]) == (False, "error")
    assert status["error"] == "50 of 250 countries could not be stored"
    assert status["countries_processed"] == 200


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (
            Failure("UpstreamUnavailable", "Could not fetch data from open.er-api.com: 503"),
            "Failed to fetch data from external API",
        ),
        (
            Failure("DeadlinePassed", "It did not end by its deadline."),
            "It did not end by its deadline.",
        ),
        (Failure("Crashed", "It crashed 6 times."), "It crashed 6 times."),
        (
            Failure("ServiceError", "dynamodb UpdateItem failed: arn:aws:dynamodb:..."),
            "Refresh failed (ServiceError)",
        ),
        (None, "Refresh failed (None)"),
    ],
)
def test_a_failed_refresh_says_why_and_tells_no_secrets(
    failure: Failure | None, sentence: str
) -> None:
    task = refresh(state=State.FAILED, ended=LATER, error=failure)

    status = dialect.status(task)

    assert (status["is_running"], status["status"]) == (False, "error")
    assert status["error"] == sentence
    assert status["completed_at"] == "2026-01-15T12:05:00"


def test_a_refresh_of_which_no_row_was_stored_says_so() -> None:
    task = refresh(
        state=State.FAILED,
        ended=LATER,
        progress=Progress(250, failed=250),
        error=Failure("MapFailed", "Every item failed: dynamodb ..."),
    )

    assert dialect.status(task)["error"] == "250 of 250 countries could not be stored"


def test_a_cancelled_refresh_is_an_error_that_is_called_cancelled() -> None:
    status = dialect.status(refresh(state=State.CANCELLED, ended=LATER))

    assert (status["is_running"], status["status"]) == (False, "error")
    assert status["error"] == "cancelled"


def test_a_post_names_the_start_of_the_refresh_that_answers_it() -> None:
    assert dialect.submitted(refresh(), is_new=True) == {
        "message": "Country refresh started in background",
        "status": "started",
        "started_at": "2026-01-15T12:00:00",
    }
    assert dialect.submitted(refresh(), is_new=False) == {
        "message": "Refresh already in progress",
        "status": "already_running",
        "started_at": "2026-01-15T12:00:00",
    }


def test_a_country_has_json_numbers_and_a_zoned_time() -> None:
    assert dialect.country(NIGERIA) == {
        "id": 161,
        "name": "Nigeria",
        "capital": "Abuja",
        "region": "Africa",
        "population": 206139589,
        "currency_code": "NGN",
        "exchange_rate": 1600.23,
        "estimated_gdp": 193228088.15,
        "flag_url": "https://flagcdn.com/ng.svg",
        "last_refreshed_at": "2026-01-15T12:00:00Z",
    }


def test_what_is_not_known_of_a_country_is_null() -> None:
    shown = dialect.country(ANTARCTICA)

    assert {name for name, value in shown.items() if value is None} == {
        "capital",
        "region",
        "currency_code",
        "exchange_rate",
        "flag_url",
    }
    assert shown["estimated_gdp"] == 0


def test_totals_have_no_time_before_the_first_refresh() -> None:
    assert dialect.totals(0, None) == {"total_countries": 0, "last_refreshed_at": None}
    assert dialect.totals(250, NOON)["last_refreshed_at"] == "2026-01-15T12:00:00Z"
