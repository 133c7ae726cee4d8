"""The options of `@task` and `@task.map`: their types, and a sentence for each wrong one."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Protocol, TypedDict

from windrow.errors import DefinitionError
from windrow.model.retry import RetryFunction, RetryPolicy
from windrow.model.schedule import Schedule

type UniqueFunction = Callable[[Any], str]
# Called with the context and the error; typed loosely, for a hook may be `def` or `async def`.
type ErrorHook = Callable[..., Any]


class Params(Protocol):
    """A model of params: pydantic's BaseModel is one."""

    @classmethod
    def model_validate(cls, obj: Any) -> Any: ...

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...


class TaskOptions(TypedDict, total=False):
    """What may be said of any task; `Definition` explains each option and has its default."""

    pool: str
    priority: int
    params: type[Params] | None
    unique: str | UniqueFunction | None
    retry: RetryPolicy | RetryFunction
    on_error: ErrorHook | None
    timeout: timedelta | None
    limit: int | None
    deadline: timedelta
    keep_result: timedelta
    schedule: Schedule | Sequence[Schedule] | None


class MapOptions(TaskOptions, total=False):
    """What may be said of a map."""

    chunk_size: int


def refuse_unknown(name: object, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise DefinitionError for a name that is no text, and for an option that does not exist."""
    if not isinstance(name, str) or not name:
        raise DefinitionError(
            f'A task is declared with its name, @task("name"), and not with {name!r}.'
        )
    known = sorted(known)
    for option in given:
        if option not in known:
            raise DefinitionError(
                f"Task {name!r} has an unknown option {option!r}{_meant(option, known)}"
                f" The options are {', '.join(known)}."
            )


def _meant(option: str, known: list[str]) -> str:
    # Only where it is needed: a declaration without mistakes costs no import.
    from difflib import get_close_matches

    close = get_close_matches(option, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else "."


def refuse_impossible(
    name: str,
    *,
    priority: object,
    params: object,
    unique: object,
    retry: object,
    on_error: object,
    timeout: object,
    limit: object,
    deadline: object,
    keep_result: object,
    schedule: object,
) -> None:
    """Raise DefinitionError for a value that its option cannot have."""
    expectations = [
        (
            "priority",
            priority,
            "a whole number from 1 to 10",
            isinstance(priority, int) and not isinstance(priority, bool) and 1 <= priority <= 10,
        ),
        (
            "params",
            params,
            "a model such as a class of pydantic's BaseModel",
            params is None or hasattr(params, "model_validate"),
        ),
        (
            "unique",
            unique,
            "a key, or a function that makes one from the params",
            unique is None or (bool(unique) and (isinstance(unique, str) or callable(unique))),
        ),
        (
            "retry",
            retry,
            "a RetryPolicy, or a function of the error and the number of failed attempts",
            isinstance(retry, RetryPolicy) or (callable(retry) and not isinstance(retry, type)),
        ),
        (
            "on_error",
            on_error,
            "a function of the context and the error",
            on_error is None or callable(on_error),
        ),
        ("timeout", timeout, "a positive timedelta", timeout is None or _is_positive(timeout)),
        (
            "limit",
            limit,
            "a whole number from 1 on",
            limit is None or (type(limit) is int and limit >= 1),
        ),
        ("deadline", deadline, "a positive timedelta", _is_positive(deadline)),
        ("keep_result", keep_result, "a positive timedelta", _is_positive(keep_result)),
        ("schedule", schedule, "a Schedule, or a list of Schedules", _are_schedules(schedule)),
    ]
    for option, value, expected, is_met in expectations:
        if not is_met:
            raise DefinitionError(f"Task {name!r}: {option} must be {expected}, not {value!r}.")
    if callable(unique) and params is None:
        raise DefinitionError(
            f"Task {name!r}: its unique key is made from its params, but it declares no params."
        )


def _are_schedules(value: object) -> bool:
    if value is None:
        return True
    listed = value if isinstance(value, list | tuple) else [value]
    return all(isinstance(each, Schedule) for each in listed)


def _is_positive(value: object) -> bool:
    return isinstance(value, timedelta) and value > timedelta()
