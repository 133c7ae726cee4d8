"""What a caller asked for, and cannot have."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from windrow.errors.base import WindrowError


class UnknownTask(WindrowError):
    """No task of this name is registered."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"There is no task {name!r}: say {one_of(name, known)}.")

    @property
    def expected(self) -> str:
        """What a field that named it is expected to be."""
        return one_of(self.name, self.known)


class UnknownPool(WindrowError):
    """There is no pool of this name."""

    def __init__(self, pool: str, known: list[str]) -> None:
        self.pool = pool
        super().__init__(f"There is no pool {pool!r}: say {one_of(pool, known)}.")


class UnknownTenant(WindrowError):
    """An authorizer named no tenant, or one that cannot be one."""

    def __init__(self) -> None:
        super().__init__(
            "The authorizer must name a tenant, as `tenant`: 1 to 64 of A-Z a-z 0-9 _ and -."
        )


class Draining(WindrowError):
    """An operator has a pool accept no tasks for now. Nothing was written; come again later."""

    retryable: ClassVar[bool] = True

    def __init__(self, pool: str, retry_after: timedelta) -> None:
        self.pool = pool
        self.retry_after = retry_after
        super().__init__(f"Pool {pool!r} is draining: it accepts no new tasks.")


class InvalidParams(WindrowError):
    """The params of a submission do not fit the task; `details` maps a field to what it expects."""

    def __init__(self, name: str, details: dict[str, str]) -> None:
        self.name = name
        self.details = details
        said = "; ".join(f"{field}: {expects}" for field, expects in details.items())
        super().__init__(f"Invalid params for task {name!r}: {said}.")


class InvalidOption(WindrowError, ValueError):
    """An option of a submission is impossible; `expected` says what it may be."""

    def __init__(self, option: str, expected: str, value: object) -> None:
        self.option = option
        self.expected = expected
        super().__init__(f"{option} must be {expected}, not {_said(value)}.")


class Refused(WindrowError):
    """Of several tasks that were submitted together some are wrong, and none was stored.

    `errors` says which, by their numbers from 0, and why; a callback's is the `count` of the tasks.
    """

    def __init__(self, errors: Mapping[int, WindrowError], count: int) -> None:
        self.errors = errors
        self.count = count
        first = min(errors)
        super().__init__(
            f"{len(errors)} of {count} tasks are refused, so none was stored."
            f" Number {first}: {errors[first]}"
        )


class NotTried(WindrowError):
    """There was no time left for one of several tasks; nothing of it is stored."""

    retryable: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("There was no time left to store this task: submit it again.")


class InvalidCursor(WindrowError):
    """A cursor is not of this list: of another tenant, of other filters, or of nobody."""

    def __init__(self) -> None:
        super().__init__("The cursor is not one that this list gave, with the same filters.")


class NoMap(WindrowError):
    """A task that is no map was asked for its items or chunks."""

    def __init__(self, task_id: str) -> None:
        self.task_id = task_id
        super().__init__(f"Task {task_id} is no map: it has no items and no chunks.")


class NoResult(WindrowError):
    """A task has no result, or none yet; `state` says how it stands, `why` what it failed with."""

    SAID: ClassVar[Mapping[str, str]] = {
        "failed": "has failed, and has no result",
        "cancelled": "was cancelled, and has no result",
    }

    def __init__(self, task_id: str, state: str, why: str | None = None) -> None:
        self.task_id = task_id
        self.state = state
        said = self.SAID.get(state, f"is {state}: it has no result yet")
        super().__init__(f"Task {task_id} {said}{f': {why}' if why else '.'}")


class KeyReused(WindrowError):
    """A key names one submission: the same task with the same params, on the same terms."""

    def __init__(self, key: str, name: str) -> None:
        self.key = key
        self.name = name
        super().__init__(
            f"Key {key!r} was used before, for another task than {name!r}, or with other params or"
            " options."
        )


class TooLarge(WindrowError):
    """What a task was given or made is larger than Windrow keeps."""

    def __init__(self, what: str, size: int, limit: int) -> None:
        self.what = what
        self.size = size
        self.limit = limit
        super().__init__(f"The {what} came to {size:,} bytes; at most {limit:,} are kept.")


class NotFound(WindrowError):
    """There is no task of this id, or its record has expired."""

    def __init__(self, task_id: str) -> None:
        self.task_id = task_id
        super().__init__(f"There is no task {task_id}.")


class ResultExpired(NotFound):
    """A task is there, and its result is not kept any more; `expired` says since when."""

    def __init__(self, task_id: str, expired: datetime) -> None:
        self.expired = expired
        super().__init__(task_id)
        self.args = (f"The result of task {task_id} was kept until {expired:%Y-%m-%dT%H:%M:%SZ}.",)


class AlreadyOver(WindrowError):
    """A task that has ended cannot be cancelled any more; `state` says how it ended."""

    def __init__(self, task_id: str, state: str) -> None:
        self.task_id = task_id
        self.state = state
        super().__init__(f"Task {task_id} has {state}; only what has not ended can be cancelled.")


class NotQueued(WindrowError):
    """Only a task that waits can be given another priority; `state` says what this one does."""

    def __init__(self, task_id: str, state: str) -> None:
        self.task_id = task_id
        self.state = state
        super().__init__(f"Task {task_id} is {state}; only a queued one has a place to change.")


class NothingToRetry(WindrowError):
    """A task has nothing that could be done again; `why` says so."""

    def __init__(self, task_id: str, why: str) -> None:
        self.task_id = task_id
        self.why = why
        super().__init__(f"Task {task_id} cannot begin again: {why}.")


class RebuildRuns(WindrowError):
    """The figures are being recomputed already, by somebody else."""

    def __init__(self) -> None:
        super().__init__("Another rebuild runs. If it was killed, its lock ends within six hours.")


class UniqueKeyHeld(WindrowError):
    """A task cannot begin again: its unique key is another live task's by now, the `holder`."""

    def __init__(self, unique: str, holder: str) -> None:
        self.unique = unique
        self.holder = holder
        super().__init__(f"The unique key {unique!r} is held by task {holder}.")


def one_of(name: str, known: list[str]) -> str:
    """What could have been meant instead: "one of a, b (did you mean a?)"."""
    # Only where it is needed: what is asked right costs no import.
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"one of {', '.join(known)}{f' (did you mean {close[0]}?)' if close else ''}"


def _said(value: object) -> str:
    """A value for a person: a time in its largest unit, else as Python writes it."""
    if not isinstance(value, timedelta):
        return f"{value!r:.100}"
    if abs(value) < timedelta(days=1):
        return f"{value.total_seconds():g} seconds"
    return f"{value / timedelta(days=1):.10g} days"


class NoSchedule(NotFound):
    """There is no schedule of this id, or it was removed."""

    def __init__(self, schedule: str) -> None:
        super().__init__(schedule)
        self.args = (f"There is no schedule {schedule}.",)


class ScheduleExists(WindrowError):
    """There is a schedule of this id already, and it says something else."""

    def __init__(self, schedule: str) -> None:
        self.schedule = schedule
        super().__init__(f"There is a schedule {schedule} already.")


class DeclaredInCode(WindrowError):
    """A schedule that is declared with its task can be changed and removed there only."""

    def __init__(self, schedule: str) -> None:
        self.schedule = schedule
        super().__init__(
            f"Schedule {schedule} is declared in code, with its task: change or remove it there."
            " It can be paused here."
        )


class NoEndpoint(WindrowError):
    """There is no webhook endpoint of this id."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        super().__init__(f"There is no webhook endpoint {endpoint}.")


class TooManySchedules(WindrowError):
    """A tenant has as many schedules as there may be."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"There are {limit:,} schedules, and no more may be: delete one.")


class TooManyEndpoints(WindrowError):
    """A tenant has as many webhook endpoints as there may be."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"There are {limit} webhook endpoints, and no more may be: delete one.")


class WebhooksOff(WindrowError):
    """This deployment has no key to sign webhooks with."""

    def __init__(self) -> None:
        super().__init__("This deployment sends no webhooks: its parameter Webhooks is off.")
