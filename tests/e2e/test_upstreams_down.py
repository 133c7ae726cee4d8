"""An upstream that is down, on the stack as it is deployed by default."""

import pytest

from tests.e2e.failing import assert_fails_and_changes_nothing
from tests.e2e.functions import environment
from tests.e2e.refreshes import Refreshes


@pytest.mark.parametrize(
    ("fault", "api_name"), [("countries", "restcountries.com"), ("rates", "open.er-api.com")]
)
def test_an_upstream_that_is_down_changes_nothing_and_the_next_post_starts(
    refreshed: Refreshes, fault: str, api_name: str
) -> None:
    before = refreshed.shown()
    worker = refreshed.stack.resources["WorkerFunction"]

    with environment(refreshed.stack.clients, worker, {"COUNTRIES_FAULT": fault}):
        assert_fails_and_changes_nothing(refreshed, api_name)

    refreshed.complete()
    assert refreshed.shown() != before
