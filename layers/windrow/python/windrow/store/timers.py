"""The schedules of EventBridge Scheduler: what wakes Windrow at a schedule's planned times.

They are alarm clocks and decide nothing: what starts is read from the table when one rings.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS
from windrow.errors import ConfigurationError
from windrow.model.ref import ScheduleRef
from windrow.model.scheduled import Scheduled, Standing
from windrow.model.timing import MINUTE, Timing

# An alarm clock that was set to a time that has passed when AWS reads it might never ring.
SOON = timedelta(seconds=10)
# A name of theirs takes 64 characters (API_CreateSchedule).
LONGEST_NAME = 64
# What is not delivered within the hour is late for good; what comes once may be later.
RETRY = {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}
RETRY_ONCE = {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 50}
LONGEST_TENANT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """The alarm clocks of a schedule group.

    group   the schedule group; target, the ARN of the function that they invoke; role, the ARN of
    the role by which they may. A function that sets none of them has none of the three.
    """

    aws: AWS
    group: str | None = None
    target: str | None = None
    role: str | None = None

    @property
    def is_settable(self) -> bool:
        """Has this function what it takes to set them?"""
        return None not in (self.group, self.target, self.role)

    def check(self) -> None:
        """Raise ConfigurationError where none can be set."""
        if not self.is_settable:
            raise ConfigurationError(
                "This function sets no schedules: WINDROW_SCHEDULE_GROUP, WINDROW_SCHEDULE_TARGET"
                " and WINDROW_SCHEDULE_ROLE are not all set."
            )

    def put(self, seen: Scheduled, now: datetime) -> None:
        """Let one ring as a schedule says, or be there and not ring while that is paused.

        A second time changes nothing.
        """
        self.check()
        asked = {"GroupName": self.group, **asked_for(seen, now)}
        asked["Target"] = {
            "Arn": self.target,
            "RoleArn": self.role,
            "Input": message(seen.ref),
            "RetryPolicy": RETRY if seen.timing.at is None else RETRY_ONCE,
        }
        try:
            self.aws.call("scheduler", "UpdateSchedule", asked)
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise
        else:
            return
        try:
            self.aws.call("scheduler", "CreateSchedule", asked)
        except ServiceError as error:
            # Another one has made it since, or a first try of ours whose answer was lost.
            if error.code != "ConflictException":
                raise
            self.aws.call("scheduler", "UpdateSchedule", asked)

    def remove(self, ref: ScheduleRef) -> None:
        """Let there be none for a schedule; a second time changes nothing."""
        self.check()
        self._delete(name(ref))

    def remove_strays(self, tenant: str, wanted: set[str]) -> list[str]:
        """Remove a tenant's whose names are not `wanted`; returns the names of these."""
        self.check()
        strays = [each for each in self._names(tenant) if each not in wanted]
        for stray in strays:
            self._delete(stray)
        return strays

    def _delete(self, called: str) -> None:
        try:
            self.aws.call("scheduler", "DeleteSchedule", {"GroupName": self.group, "Name": called})
        except ServiceError as error:
            if error.code != "ResourceNotFoundException":
                raise

    def _names(self, tenant: str) -> list[str]:
        found: list[str] = []
        asked: dict[str, Any] = {"GroupName": self.group, "NamePrefix": _prefix(tenant)}
        while True:
            answer = self.aws.call("scheduler", "ListSchedules", asked)
            found += [each["Name"] for each in answer["Schedules"]]
            if not answer.get("NextToken"):
                return found
            asked["NextToken"] = answer["NextToken"]


def name(ref: ScheduleRef) -> str:
    """What the alarm clock of a schedule is called; one that would be too long ends in a hash."""
    whole = _prefix(ref.tenant) + ref.id
    if len(whole) <= LONGEST_NAME:
        return whole
    return f"{whole[: LONGEST_NAME - 21]}.{_digest(ref.id)[:20]}"


def _prefix(tenant: str) -> str:
    """How the names of a tenant's begin; no tenant has a dot, so no other's begin so."""
    is_short = len(tenant) <= LONGEST_TENANT
    return f"s.{tenant if is_short else _digest(tenant)[: LONGEST_TENANT + 4]}."


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def message(ref: ScheduleRef) -> str:
    """What the function is told when it rings."""
    return json.dumps(
        {
            "tenant": ref.tenant,
            "schedule": ref.id,
            "scheduled_time": "<aws.scheduler.scheduled-time>",
        }
    )


def asked_for(seen: Scheduled, now: datetime) -> Mapping[str, Any]:
    """When it rings, in the words of EventBridge Scheduler.

    It knows minutes. What is planned by seconds is told to it by the minute, and what comes once a
    minute before its time, for it may ring as late as that.
    """
    is_on = seen.standing is Standing.ACTIVE
    asked: dict[str, Any] = {
        "Name": name(seen.ref),
        "State": "ENABLED" if is_on else "DISABLED",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Description": f"Starts {seen.task}"[:512],
        "ScheduleExpressionTimezone": "UTC",
        "ActionAfterCompletion": "DELETE",
    }
    timing = seen.timing
    if timing.at is not None:
        early = max(timing.at - MINUTE, now + SOON).astimezone(UTC)
        return asked | {"ScheduleExpression": f"at({early:%Y-%m-%dT%H:%M:%S})"}
    if timing.end is not None:
        # What was planned just before the end is late by up to a minute.
        asked["EndDate"] = max(timing.end, now) + 2 * MINUTE
    if timing.cron is not None:
        asked["ScheduleExpression"] = timing.expression
        asked["ScheduleExpressionTimezone"] = timing.timezone
    else:
        assert timing.every is not None
        minutes = 1 if timing.is_fine else timing.every // MINUTE
        asked["ScheduleExpression"] = f"rate({minutes} minute{'s' if minutes > 1 else ''})"
    starts = _starts(timing, now)
    return asked if starts is None else asked | {"StartDate": starts}


def _starts(timing: Timing, now: datetime) -> datetime | None:
    """When it begins to ring: AWS takes no time that lies far back."""
    if timing.cron is not None:
        return timing.start if timing.start is not None and timing.start > now else None
    begins = timing.next(now, 1)
    if not begins:
        return None
    # A rate is counted from its start; what is planned by seconds has to be known before.
    return max(now, begins[0] - MINUTE) if timing.is_fine else begins[0]
