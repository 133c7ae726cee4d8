"""The environment of a function, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from windrow.errors import ConfigurationError

QUEUE_PREFIX = "WINDROW_QUEUE_"
MODES = ("strict", "aging")
# Each start asks every shard: more of them than this cost more than they carry.
MOST_SHARDS = 16
# One item holds a tenant's bucket, and takes 1,000 writes a second.
MOST_REQUESTS = 60_000
# EventBridge Scheduler takes a million of an account; they are one partition of the table.
MOST_SCHEDULES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment tells the library.

    `queues` maps a pool to the URL of its queue; a function that sends nothing has none.
    `bucket` is absent where a function reads and writes no objects.
    `schedule_group`, `schedule_target` and `schedule_role` are absent where it sets no schedules.
    `requests_per_minute` is each tenant's; 0 is no limit. So are `schedules_per_tenant`, that are
    not over; those that the code declares are not refused.
    """

    table: str
    bucket: str | None = None
    queues: Mapping[str, str] = field(default_factory=dict)
    retention: timedelta = timedelta(days=30)
    ready_shards: int = 4
    priority_mode: str = "strict"
    schedule_group: str | None = None
    schedule_target: str | None = None
    schedule_role: str | None = None
    requests_per_minute: int = 0
    schedules_per_tenant: int = 1_000

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read WINDROW_TABLE, WINDROW_BUCKET, WINDROW_QUEUE_<POOL>, WINDROW_RETENTION_DAYS,
        WINDROW_READY_SHARDS, WINDROW_PRIORITY_MODE, WINDROW_REQUESTS_PER_MINUTE,
        WINDROW_SCHEDULES_PER_TENANT and WINDROW_SCHEDULE_GROUP, _TARGET and _ROLE.

        Raises ConfigurationError when a value is missing or not what it must be.
        """
        return cls(
            table=_required(environment, "WINDROW_TABLE"),
            bucket=environment.get("WINDROW_BUCKET") or None,
            queues={
                name.removeprefix(QUEUE_PREFIX).lower(): url
                for name, url in environment.items()
                if name.startswith(QUEUE_PREFIX) and url
            },
            retention=timedelta(days=_days(environment.get("WINDROW_RETENTION_DAYS", "30"))),
            ready_shards=_shards(environment.get("WINDROW_READY_SHARDS", "4")),
            priority_mode=_mode(environment.get("WINDROW_PRIORITY_MODE", "strict")),
            schedule_group=environment.get("WINDROW_SCHEDULE_GROUP") or None,
            schedule_target=environment.get("WINDROW_SCHEDULE_TARGET") or None,
            schedule_role=environment.get("WINDROW_SCHEDULE_ROLE") or None,
            requests_per_minute=_requests(environment.get("WINDROW_REQUESTS_PER_MINUTE", "0")),
            schedules_per_tenant=_schedules(
                environment.get("WINDROW_SCHEDULES_PER_TENANT", "1000")
            ),
        )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise ConfigurationError(f"The environment variable {name} is not set.")
    return value


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ConfigurationError(
            f"WINDROW_RETENTION_DAYS must be a whole number of days from 1 on, not {text!r}."
        )
    return int(text)


def _shards(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SHARDS:
        raise ConfigurationError(
            f"WINDROW_READY_SHARDS must be a whole number from 1 to {MOST_SHARDS}, not {text!r}."
        )
    return int(text)


def _mode(text: str) -> str:
    if text not in MODES:
        raise ConfigurationError(
            f"WINDROW_PRIORITY_MODE must be one of {', '.join(MODES)}, not {text!r}."
        )
    return text


def _requests(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_REQUESTS:
        raise ConfigurationError(
            f"WINDROW_REQUESTS_PER_MINUTE must be a whole number from 0 to {MOST_REQUESTS:,},"
            f" not {text!r}."
        )
    return int(text)


def _schedules(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_SCHEDULES:
        raise ConfigurationError(
            f"WINDROW_SCHEDULES_PER_TENANT must be a whole number from 1 to {MOST_SCHEDULES:,},"
            f" not {text!r}."
        )
    return int(text)
