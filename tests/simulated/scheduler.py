"""EventBridge Scheduler, simulated: schedules of a group, and when AWS says that they fire.

When is found by a walk through every minute with the clocks of the zone, from what its user guide
says (schedule-types.html): a local time that a change of the clocks leaves out does not come, and
one that comes twice fires once. The product calculates its times in another way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulated.refusals import Refusal, Unsupported, only

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

MINUTE = timedelta(minutes=1)
NAMED = frozenset({"GroupName", "Name"})
SAID = NAMED | {
    "ActionAfterCompletion",
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
}
PAGE = 100


@dataclass(frozen=True, slots=True)
class Fire:
    """A schedule that fires: when it was to, and what its target is told."""

    name: str
    planned: datetime
    input: str


class Scheduler:
    """All schedules of a simulated world, by group and name."""

    def __init__(self) -> None:
        self.schedules: dict[tuple[str, str], dict[str, Any]] = {}

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        match operation:
            case "CreateSchedule":
                key = self._checked(operation, parameters)
                if key in self.schedules:
                    raise Refusal("ConflictException", "Schedule exists.", 409)
                self.schedules[key] = dict(parameters)
                return {"ScheduleArn": "arn:aws:scheduler:us-east-1:123456789012:" + "/".join(key)}
            case "UpdateSchedule":
                key = self._checked(operation, parameters)
                self._found(key)
                self.schedules[key] = dict(parameters)
                return {"ScheduleArn": "arn:aws:scheduler:us-east-1:123456789012:" + "/".join(key)}
            case "GetSchedule":
                only(parameters, operation, NAMED)
                return dict(self._found((parameters["GroupName"], parameters["Name"])))
            case "DeleteSchedule":
                only(parameters, operation, NAMED)
                key = (parameters["GroupName"], parameters["Name"])
                self._found(key)
                del self.schedules[key]
                return {}
            case "ListSchedules":
                return self._listed(parameters)
        raise Unsupported(f"The simulated Scheduler has no {operation}.")

    def fires(self, since: datetime, until: datetime) -> Iterator[Fire]:
        """What fires after `since` and until `until`, by the time at which it was to."""
        found = [
            Fire(said["Name"], planned, said["Target"]["Input"])
            for said in self.schedules.values()
            if said["State"] == "ENABLED"
            for planned in times(said, since, until)
        ]
        yield from sorted(found, key=lambda fire: (fire.planned, fire.name))

    def complete(self, now: datetime) -> None:
        """Delete what has nothing left to do, as ActionAfterCompletion asks."""
        for key, said in list(self.schedules.items()):
            if said["ActionAfterCompletion"] != "DELETE":
                continue
            expression = said["ScheduleExpression"]
            is_past = expression.startswith("at(") and _at(said) < now
            if is_past or ("EndDate" in said and said["EndDate"] < now):
                del self.schedules[key]

    def _checked(self, operation: str, parameters: Parameters) -> tuple[str, str]:
        """The key of a schedule that AWS would take."""
        only(parameters, operation, SAID)
        expression = parameters["ScheduleExpression"]
        if len(expression) > 256 or len(parameters["Name"]) > 64:
            raise Refusal("ValidationException", "Value is too long.")
        if expression.startswith("cron("):
            fields = expression[5:-1].split()
            if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
                raise Refusal("ValidationException", f"Invalid Schedule Expression {expression}.")
        elif not expression.startswith(("rate(", "at(")):
            raise Refusal("ValidationException", f"Invalid Schedule Expression {expression}.")
        ZoneInfo(parameters["ScheduleExpressionTimezone"])
        start, end = parameters.get("StartDate"), parameters.get("EndDate")
        if start and end and end <= start:
            raise Refusal("ValidationException", "EndDate must be after StartDate.")
        target = parameters["Target"]
        if not target["Arn"] or not target["RoleArn"]:
            raise Refusal("ValidationException", "Target needs an Arn and a RoleArn.")
        return parameters["GroupName"], parameters["Name"]

    def _found(self, key: tuple[str, str]) -> dict[str, Any]:
        if key not in self.schedules:
            raise Refusal("ResourceNotFoundException", f"Schedule {key[1]} does not exist.", 404)
        return self.schedules[key]

    def _listed(self, parameters: Parameters) -> Answer:
        only(parameters, "ListSchedules", frozenset({"GroupName", "NamePrefix", "NextToken"}))
        names = sorted(
            name
            for group, name in self.schedules
            if group == parameters["GroupName"]
            and name.startswith(parameters.get("NamePrefix", ""))
            and name > parameters.get("NextToken", "")
        )
        answer: Answer = {"Schedules": [{"Name": name} for name in names[:PAGE]]}
        return answer | ({"NextToken": names[PAGE - 1]} if len(names) > PAGE else {})


def times(said: Parameters, since: datetime, until: datetime) -> Iterator[datetime]:
    """When a schedule fires after `since` and until `until`."""
    expression = said["ScheduleExpression"]
    if expression.startswith("at("):
        at = _at(said)
        if since < at <= until:
            yield at
        return
    start, end = said.get("StartDate"), said.get("EndDate")
    found = _cron(said, since, until) if expression.startswith("cron(") else None
    for planned in found if found is not None else _rate(said, since, until):
        if (start is None or planned >= start) and (end is None or planned < end):
            yield planned


def _at(said: Parameters) -> datetime:
    text = said["ScheduleExpression"][3:-1]
    local = datetime.fromisoformat(text).replace(
        tzinfo=ZoneInfo(said["ScheduleExpressionTimezone"])
    )
    return local.astimezone(UTC)


def _rate(said: Parameters, since: datetime, until: datetime) -> Iterator[datetime]:
    number, unit = said["ScheduleExpression"][5:-1].split()
    every = int(number) * {"minute": MINUTE, "minutes": MINUTE}[unit]
    planned = said["StartDate"]
    while planned <= until:
        if planned > since:
            yield planned
        planned += every


def _cron(said: Parameters, since: datetime, until: datetime) -> Iterator[datetime]:
    fields = said["ScheduleExpression"][5:-1].split()
    zone = ZoneInfo(said["ScheduleExpressionTimezone"])
    minutes, hours, days, months, weekdays = (
        _values(text, *bounds)
        for text, bounds in zip(fields, ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7)), strict=False)
    )
    instant = since.replace(second=0, microsecond=0)
    while instant <= until:
        local = instant.astimezone(zone)
        # Of a time that comes twice, the second one has this mark.
        is_again = local.fold == 1
        if (
            instant > since
            and not is_again
            and local.minute in minutes
            and local.hour in hours
            and local.day in days
            and local.month in months
            and local.isoweekday() % 7 + 1 in weekdays
        ):
            yield instant
        instant += MINUTE


def _values(text: str, first: int, last: int) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            low, high = first, last
        else:
            begin, _, end = span.partition("-")
            low = int(begin)
            high = int(end) if end else (last if step else low)
        values.update(range(low, high + 1, int(step or 1)))
    return values
