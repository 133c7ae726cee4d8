"""The environment of a function."""

from datetime import timedelta

import pytest

from windrow.errors import ConfigurationError
from windrow.settings import Settings


def test_everything_is_read() -> None:
    settings = Settings.from_environment(
        {
            "WINDROW_TABLE": "tasks",
            "WINDROW_BUCKET": "objects",
            "WINDROW_QUEUE_DEFAULT": "https://sqs/1",
            "WINDROW_QUEUE_LONG": "https://sqs/2",
            "WINDROW_RETENTION_DAYS": "7",
            "HOME": "/root",
        }
    )

    assert settings == Settings(
        table="tasks",
        bucket="objects",
        queues={"default": "https://sqs/1", "long": "https://sqs/2"},
        retention=timedelta(days=7),
    )


def test_a_table_is_all_that_a_poll_needs() -> None:
    assert Settings.from_environment({"WINDROW_TABLE": "tasks"}) == Settings(table="tasks")


@pytest.mark.parametrize("environment", [{}, {"WINDROW_TABLE": ""}])
def test_a_missing_table_is_said_by_name(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="WINDROW_TABLE is not set"):
        Settings.from_environment(environment)


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "many", ""])
def test_a_retention_that_is_no_number_of_days_is_refused(days: str) -> None:
    with pytest.raises(ConfigurationError, match="WINDROW_RETENTION_DAYS"):
        Settings.from_environment({"WINDROW_TABLE": "t", "WINDROW_RETENTION_DAYS": days})
