"""What an author has declared: a task, or a map."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from windrow.engine.completed import completed
from windrow.engine.context import Context
from windrow.engine.options import (
    ErrorHook,
    Params,
    UniqueFunction,
    refuse_impossible,
)
from windrow.errors import DefinitionError, InvalidParams
from windrow.model.expected import UNKNOWN
from windrow.model.items import LARGEST_CHUNK
from windrow.model.places import expectations
from windrow.model.records import Progress
from windrow.model.retry import RetryFunction, RetryPolicy
from windrow.model.schedule import Schedule, is_id

type Plan = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a map's items ended, for its finish function."""

    total: int
    succeeded: int
    failed: int

    @classmethod
    def of(cls, progress: Progress) -> "Outcome":
        return cls(progress.total, progress.succeeded, progress.failed)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limited task's name, and how many of its attempts may run at once."""

    name: str
    count: int


@dataclass(kw_only=True)
class Definition:
    """A declared task. It stays callable: a call runs the function, here and now.

    name       what submissions, records and logs call it
    pool       which workers run it
    priority   1 to 10, 10 first
    params     the model that a submission's params must fit; None for a task without params
    unique     a key that no two live tasks may share: a second submission meets the first; or a
               function that makes one from the params
    retry      when a failed attempt is tried again: a RetryPolicy, or function(error, failures),
               which answers a wait, or None to give up
    on_error   called after each failed attempt as function(context, error); it may answer a wait or
               GIVE_UP, and with None leaves the decision to `retry`
    timeout    how long one attempt may take at most, if that is less than its pool's workers give
               it. Python code cannot be stopped: once another attempt has started, what an attempt
               that overran writes to its record or through its context is refused
    limit      how many of its attempts may run at once, over all workers; a map's chunks included
    deadline   how long after its submission it fails if it has not ended
    schedule   when it starts by itself: a Schedule, or several that have an id each
    keep_result  how long its result can be had once it has succeeded; at most as long as its record
    """

    name: str
    function: Callable[..., Any]
    pool: str = "default"
    priority: int = 5
    params: type[Params] | None = None
    unique: str | UniqueFunction | None = None
    retry: RetryPolicy | RetryFunction = field(default_factory=RetryPolicy)
    on_error: ErrorHook | None = None
    timeout: timedelta | None = None
    limit: int | None = None
    deadline: timedelta = timedelta(days=1)
    keep_result: timedelta = timedelta(days=1)
    schedule: Schedule | Sequence[Schedule] | None = None

    def __post_init__(self) -> None:
        refuse_impossible(
            self.name,
            priority=self.priority,
            params=self.params,
            unique=self.unique,
            retry=self.retry,
            on_error=self.on_error,
            timeout=self.timeout,
            limit=self.limit,
            deadline=self.deadline,
            keep_result=self.keep_result,
            schedule=self.schedule,
        )
        self._check_schedules()

    @property
    def slots(self) -> "Limit | None":
        """What its attempts need one of, if their number is limited."""
        return None if self.limit is None else Limit(self.name, self.limit)

    @property
    def schedules(self) -> list[tuple[str, Schedule]]:
        """Its schedules by their ids; the only one is called as the task, if it says nothing."""
        if self.schedule is None:
            return []
        listed = [self.schedule] if isinstance(self.schedule, Schedule) else self.schedule
        return [(each.id or self.name, each) for each in listed]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def checked(self, params: dict[str, Any]) -> dict[str, Any]:
        """The params as they are stored. Raises InvalidParams, which names the wrong fields."""
        if self.params is None:
            if params:
                raise InvalidParams(self.name, dict.fromkeys(params, UNKNOWN))
            return {}
        try:
            dumped: dict[str, Any] = self.params.model_validate(params).model_dump(mode="json")
        except ValueError as error:
            raise InvalidParams(self.name, expectations(error, params)) from error
        return dumped

    def unique_key(self, params: dict[str, Any]) -> str | None:
        """The unique key of a task with these params, as `checked` answers them."""
        if self.unique is None or isinstance(self.unique, str):
            return self.unique
        made = self.unique(self._model(self.params, params)) if self.params else None
        if not isinstance(made, str) or not made:
            raise DefinitionError(
                f"Task {self.name!r}: its function for the unique key answered {made!r};"
                " a key is a text."
            )
        return made

    def arguments(self, context: Context, params: dict[str, Any]) -> tuple[Any, ...]:
        """What the function is called with: the context, and the params if there is a model.

        Raises InvalidParams for what a submission stored under another model.
        """
        if self.params is None:
            return (context,)
        return (context, self._model(self.params, params))

    def _check_schedules(self) -> None:
        """Raise DefinitionError for schedules that could not be made."""
        called = [schedule_id for schedule_id, _ in self.schedules]
        for schedule_id, schedule in self.schedules:
            if not is_id(schedule_id) or called.count(schedule_id) > 1:
                raise DefinitionError(
                    f"Task {self.name!r}: each of its schedules needs an id of its own, of letters,"
                    f" digits, dots, hyphens and underscores, and one is {schedule_id!r}."
                )
            try:
                self.checked(dict(schedule.params))
            except InvalidParams as error:
                raise DefinitionError(f"Schedule {schedule_id!r}: {error}") from error

    def _model(self, model: type[Params], params: dict[str, Any]) -> Any:
        """Stored params as their model, which may be another one by now. Raises InvalidParams."""
        try:
            return model.model_validate(params)
        except ValueError as error:
            # Not `from error`: pydantic's own sentences repeat the params, and these go to the log.
            raise InvalidParams(self.name, expectations(error, params)) from None


@dataclass(kw_only=True)
class MapDefinition(Definition):
    """A declared map: its function plans the items, `chunk` or `each` does them."""

    chunk_size: int = 50
    chunk_function: Callable[..., Any] | None = None
    item_function: Callable[..., Any] | None = None
    finish_function: Callable[..., Any] | None = None
    is_finish_best_effort: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.chunk_size) is not int or not 1 <= self.chunk_size <= LARGEST_CHUNK:
            raise DefinitionError(
                f"Map {self.name!r}: chunk_size must be a whole number from 1 to {LARGEST_CHUNK:,},"
                f" not {self.chunk_size!r}."
            )

    def chunk[F: Callable[..., Any]](self, function: F) -> F:
        """Declare what is done with one chunk: function(context, items).

        It may be done again after a crash: a second time must change nothing.
        """
        if self.chunk_function is not None:
            raise DefinitionError(f"Map {self.name!r} has a chunk or each function already.")
        self.chunk_function = function
        return function

    def each[F: Callable[..., Any]](self, function: F) -> F:
        """Declare what is done with one item: function(context, item).

        One that raises holds up no other: the policy tries it again alone, and in the end it is
        listed as failed. A chunk whose time is up goes on with its next item in another attempt.
        """

        def every(context: Context, items: list[Any]) -> None:
            for item in items:
                completed(function(context, item))

        self.chunk(every)
        self.item_function = function
        return function

    def finish[F: Callable[..., Any]](self, *, best_effort: bool = False) -> Callable[[F], F]:
        """Declare what is done once all chunks have ended: function(context, outcome) -> result.

        With `best_effort` the map succeeds even when its finish fails for good.
        """

        def declare(function: F) -> F:
            self.finish_function = function
            self.is_finish_best_effort = best_effort
            return function

        return declare
