"""A refresh that fails because of an upstream: what is told, what is logged, and what stays."""

from tests.e2e import seed
from tests.e2e.refreshes import Refreshes
from tests.e2e.waiting import eventually

*_, ERROR = seed.answers()


def assert_fails_and_changes_nothing(refreshes: Refreshes, api_name: str) -> None:
    """One refresh that ends as the seed's error, because of this API, with everything as it was."""
    before = refreshes.shown()
    log = refreshes.stack.log_reader()

    started = refreshes.start()
    failed = refreshes.end()

    assert started["status"] == "started"
    # The seed's example has 50 countries stored by then; the exercise behind it forbids that.
    assert failed == ERROR | {
        "started_at": started["started_at"],
        "completed_at": failed["completed_at"],
        "countries_processed": 0,
    }
    assert list(failed) == list(ERROR)
    assert refreshes.shown() == before
    error = refreshes.newest().error
    assert error is not None
    assert error.kind == "UpstreamUnavailable"
    assert error.message.startswith(f"Could not fetch data from {api_name}: ")
    eventually(log.read, lambda lines: any(error.message in line for line in lines))
