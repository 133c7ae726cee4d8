"""What can go wrong, and whether another try helps.

WindrowError
├── ConfigurationError      the deployment is wrong: a setting is missing or impossible
├── DefinitionError         a task is declared wrong; raised at import
├── UnknownTask             no task of this name is registered
├── InvalidParams           the params of a submission do not fit the task
├── UnknownPool             there is no pool of this name
├── Draining                a pool accepts no tasks for now, as an operator wants it
├── InvalidOption           an option of a submission is impossible
├── KeyReused               a key was submitted before, with another task or other params
├── TooLarge                what a task was given or made is larger than Windrow keeps
├── NotFound                there is no task of this id, or its record has expired
│   └── ResultExpired       a task is there, and its result is not kept any more
├── AlreadyOver             a task that has ended cannot be cancelled any more
├── NotQueued               only a task that waits can be given another priority
├── TooManyItems            a plan has more items than a map takes
├── InvalidItems            an object that a plan names is no JSON Lines of items
├── OutOfTime               a plan was not through with its items when its invocation's time was up
├── ObjectChanged           an object that a map is cut from was changed or removed while it ran
├── Misused                 a task asked its context for what there is not
├── WriteRefused            one of the writes of a step was refused; carries its index
├── NothingToRetry          a task has nothing that could be done again
├── UniqueKeyHeld           a task cannot begin again: its unique key is another one's by now
├── IllegalMove             a record was asked to go from one state to a state it cannot reach
├── Retry                   raised by a task: try me again, then
├── Fenced                  another attempt owns the record now; this one must stop
│   └── CancelRequested     it may not start again: its cancellation was asked for
└── aws.errors.ServiceError an AWS call failed
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar


class WindrowError(Exception):
    """Base of every error that Windrow raises.

    `retryable` answers the only question a worker asks of an error: does another try help?
    An application's own exceptions may carry the same attribute.
    """

    retryable: ClassVar[bool] = False


class ConfigurationError(WindrowError):
    """The deployment is wrong: a setting is missing or impossible."""


class DefinitionError(WindrowError):
    """A task is declared wrong."""


class UnknownTask(WindrowError):
    """No task of this name is registered."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"There is no task {name!r}; the registered tasks are {known}.")


class UnknownPool(WindrowError):
    """There is no pool of this name."""

    def __init__(self, pool: str, known: list[str]) -> None:
        self.pool = pool
        super().__init__(f"There is no pool {pool!r}; known pools are {known}.")


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


class KeyReused(WindrowError):
    """A key names one submission: the same task with the same params."""

    def __init__(self, key: str, name: str) -> None:
        self.key = key
        self.name = name
        super().__init__(f"Key {key!r} was used before, with another task or params than {name!r}.")


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


class TooManyItems(WindrowError):
    """A plan has more items than a map takes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"A map takes at most {limit:,} items, and this plan has more.")


class InvalidItems(WindrowError):
    """An object that a plan names cannot be a map's items: one JSON value a line."""

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        super().__init__(f"The object {key!r} cannot be a map's items: {reason}.")


class OutOfTime(WindrowError):
    """A plan was not through with its items when its invocation's time was up."""

    retryable: ClassVar[bool] = True

    def __init__(self, items: int) -> None:
        self.items = items
        super().__init__(
            f"The plan had named {items:,} items when its invocation's time was up;"
            " plan in a pool with more time, or hand over JsonLines."
        )


class ObjectChanged(WindrowError):
    """An object was to stay as it is, and is another one now, or gone."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"The object {key!r} was changed or removed while it was being used.")


class NotQueued(WindrowError):
    """Only a task that waits can be given another priority; `state` says what this one does."""

    def __init__(self, task_id: str, state: str) -> None:
        self.task_id = task_id
        self.state = state
        super().__init__(f"Task {task_id} is {state}; only a queued one has a place to change.")


class Misused(WindrowError):
    """A task asked its context for what there is not: its author has to change it."""


class WriteRefused(WindrowError):
    """A step's writes were refused together, because of the one at `index`.

    `code` says why, in DynamoDB's words: ConditionalCheckFailed when the write's own condition did
    not hold. `item` is what stood in its way, in DynamoDB's typed form, if the write asked for it
    with ReturnValuesOnConditionCheckFailure. The step is not done: it can be tried with others.
    """

    def __init__(self, step: str, index: int, code: str, item: Mapping[str, Any] | None) -> None:
        self.step = step
        self.index = index
        self.code = code
        self.item = item
        super().__init__(f"Step {step!r}: write {index} was refused: {code}.")


class NothingToRetry(WindrowError):
    """A task has nothing that could be done again; `why` says so."""

    def __init__(self, task_id: str, why: str) -> None:
        self.task_id = task_id
        self.why = why
        super().__init__(f"Task {task_id} cannot begin again: {why}.")


class UniqueKeyHeld(WindrowError):
    """A task cannot begin again: its unique key is another live task's by now, the `holder`."""

    def __init__(self, unique: str, holder: str) -> None:
        self.unique = unique
        self.holder = holder
        super().__init__(f"The unique key {unique!r} is held by task {holder}.")


class IllegalMove(WindrowError):
    """A record was asked to go from one state to a state it cannot reach."""

    def __init__(self, before: str, after: str) -> None:
        self.before = before
        self.after = after
        super().__init__(f"A task that is {before} cannot become {after}.")


class Retry(WindrowError):
    """Raised by a task that wants to be tried again: `raise Retry(after=timedelta(minutes=5))`.

    `after` is a timedelta, seconds, or an instant; without it the task's policy says when. It is an
    attempt that failed and counts as one: when the policy's attempts are used up, or the instant
    lies behind the task's deadline, the task fails with this error as its reason.
    """

    retryable: ClassVar[bool] = True

    def __init__(self, reason: str = "", *, after: timedelta | float | datetime | None = None):
        if isinstance(after, datetime) and after.tzinfo is None:
            raise ValueError(f"Retry(after=...) needs an instant with a time zone, not {after!r}.")
        self.reason = reason
        self.retry_after = after
        super().__init__(reason)

    def __str__(self) -> str:
        if self.reason or self.__cause__ is None:
            return self.reason or "The task asked to be tried again."
        return f"{type(self.__cause__).__name__}: {self.__cause__}"


class Fenced(WindrowError):
    """Another attempt owns the record now, or it has ended: whatever this attempt does is void."""

    def __init__(self, ref: str, attempt: int) -> None:
        self.ref = ref
        self.attempt = attempt
        super().__init__(f"Attempt {attempt} of {ref} no longer owns it.")


class CancelRequested(Fenced):
    """The record may neither wait for another attempt nor be claimed: it is to be cancelled."""


def _said(value: object) -> str:
    """A value for a person: a time in its largest unit, else as Python writes it."""
    if not isinstance(value, timedelta):
        return f"{value!r:.100}"
    if abs(value) < timedelta(days=1):
        return f"{value.total_seconds():g} seconds"
    return f"{value / timedelta(days=1):.10g} days"


def is_retryable(error: BaseException) -> bool:
    """Does another try help? Unknown errors may pass, so they are tried again."""
    return bool(getattr(error, "retryable", True))
