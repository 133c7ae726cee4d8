"""The environment of a function."""

from datetime import timedelta

import pytest

from windrow.errors import ConfigurationError
from windrow.model.priority import Mode
from windrow.settings import MODES, Settings


def test_everything_is_read() -> None:
    settings = Settings.from_environment(
        {
            "WINDROW_TABLE": "tasks",
            "WINDROW_BUCKET": "objects",
            "WINDROW_QUEUE_DEFAULT": "https://sqs/1",
            "WINDROW_QUEUE_LONG": "https://sqs/2",
            "WINDROW_RETENTION_DAYS": "7",
            "WINDROW_READY_SHARDS": "1",
            "WINDROW_PRIORITY_MODE": "aging",
            "HOME": "/root",
        }
    )

    assert settings == Settings(
        table="tasks",
        bucket="objects",
        queues={"default": "https://sqs/1", "long": "https://sqs/2"},
        retention=timedelta(days=7),
        ready_shards=1,
        priority_mode="aging",
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


@pytest.mark.parametrize("shards", ["0", "17", "four", ""])
def test_shards_of_the_ready_index_are_one_to_sixteen(shards: str) -> None:
    with pytest.raises(ConfigurationError, match="WINDROW_READY_SHARDS"):
        Settings.from_environment({"WINDROW_TABLE": "t", "WINDROW_READY_SHARDS": shards})


def test_a_priority_mode_is_one_of_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="strict, aging"):
        Settings.from_environment({"WINDROW_TABLE": "t", "WINDROW_PRIORITY_MODE": "fifo"})
    assert set(MODES) == set(Mode)
