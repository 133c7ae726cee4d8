"""Submit: write the task, then send its hint."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from windrow.engine.definition import Definition, MapDefinition
from windrow.engine.endpoints import check_endpoint
from windrow.engine.engine import Engine
from windrow.engine.modes import check_accepting
from windrow.engine.payloads import have_same_params, keep_params
from windrow.engine.send import look_at, send_for_its_time
from windrow.errors import Draining, InvalidOption, InvalidParams, KeyReused
from windrow.model.draft import Draft
from windrow.model.ids import derived_id, new_id
from windrow.model.payload import params_text, said
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT, Ref
from windrow.model.states import Phase
from windrow.model.system import is_system
from windrow.model.terms import Terms, named
from windrow.model.trace import cause
from windrow.store.aliases import Begun
from windrow.telemetry.metrics import Metric


@dataclass(frozen=True, slots=True)
class Submission:
    """The task that answers a submission, and whether this submission made it.

    is_replay  the same was submitted with the same key before, and met this task
    is_met     the task is another submission's: it holds the unique key that this one asked for, or
               did so when the same was submitted first
    """

    task: Task
    is_new: bool
    is_replay: bool = False
    is_met: bool = False


def submit(
    engine: Engine,
    name: str,
    params: dict[str, Any] | None = None,
    *,
    tenant: str = DEFAULT_TENANT,
    key: str | None = None,
    delay: timedelta | None = None,
    at: datetime | None = None,
    start_within: timedelta | None = None,
    deadline: timedelta | None = None,
    priority: int | None = None,
    unique: str | None = None,
    webhook: str | None = None,
    max_retries: int | None = None,
) -> Submission:
    """Accept a task: durable when this returns.

    The options are those of Terms; `deadline`, `priority` and `unique` override the declaration's.
    With `key` the task's id is derived from it, so that whoever submits the same key meets the same
    task until that task's record expires.
    A task with a unique key that is live already answers in place of this one, which is not stored
    then; it also answers whoever submits the same `key` again, though it may have ended meanwhile.
    A hint that cannot be sent is no error: the sweeper sends it within two minutes.
    Raises UnknownTask, InvalidParams, InvalidOption, TooLarge, KeyReused for a key that came with
    another task, other params or other options, Draining for a pool that accepts nothing for now,
    and ConfigurationError for one without a queue; then nothing is written.
    """
    draft = Draft(
        name,
        params or {},
        delay,
        at,
        start_within,
        deadline,
        priority,
        unique,
        webhook,
        max_retries=max_retries,
    )
    check = Unless(key)
    wanted = prepared(engine, draft, tenant, identity(engine, tenant, key), check)
    met = check.met(engine, wanted)
    submission = accepted(engine, wanted, key, params, draft.terms, met=met)
    if submission.is_new:
        send_for_its_time(engine, submission.task)
    return submission


@dataclass(slots=True)
class Unless:
    """Checks a webhook's endpoint, unless the same was submitted before: it may be gone since."""

    key: str | None
    error: InvalidOption | None = None

    def __call__(self, engine: Engine, tenant: str, endpoint: str) -> None:
        try:
            check_endpoint(engine, tenant, endpoint)
        except InvalidOption as error:
            if self.key is None:
                raise
            self.error = error

    def met(self, engine: Engine, wanted: Task) -> Mapping[Ref, Begun] | None:
        """The task that the key leads to, where the endpoint is gone. Raises InvalidOption."""
        if self.error is None:
            return None
        found = engine.tasks.met(wanted)
        if found is None:
            raise self.error
        return {wanted.ref: found}


def prepared(
    engine: Engine,
    draft: Draft,
    tenant: str,
    task_id: str,
    check: Callable[[Engine, str, str], None] = check_endpoint,
) -> Task:
    """The task that a draft asks for, as it would be stored; nothing is written.

    `check` refuses a webhook that there is not. Raises UnknownTask, InvalidParams, InvalidOption,
    TooLarge and ConfigurationError.
    """
    definition = engine.registry.of_authors(draft.name)
    engine.queue.url(definition.pool)
    if draft.into is not None:
        raise InvalidOption("into", "left out: nothing goes before this task", draft.into)
    params = definition.checked(dict(draft.params))
    if draft.webhook is not None:
        check(engine, tenant, draft.webhook)
    return drafted(engine, definition, params, Ref(tenant, task_id), draft.terms)


def identity(engine: Engine, tenant: str, key: str | None, number: int | None = None) -> str:
    """The id of a new task: the one that a key derives, if there is one. Raises InvalidOption.

    With `number` it is that of one task among several of one key, and no other key derives it.
    """
    if key is None:
        return new_id(engine.clock.now(), engine.random.getrandbits(80))
    if expected := named(key):
        raise InvalidOption("key", expected, key)
    # A key has no line break, so none can be made to look like another's task.
    return derived_id(tenant, key if number is None else f"{key}\n{number}")


def accepted(
    engine: Engine,
    wanted: Task,
    key: str | None,
    params: Mapping[str, Any] | None = None,
    terms: Terms | None = None,
    *,
    met: Mapping[Ref, Begun] | None = None,
) -> Submission:
    """Store a prepared task, or meet the one that answers in its place; no hint is sent.

    `params` and `terms` are those that were sent; `met` are the tasks that keys lead to, where
    somebody has looked. Raises KeyReused, Draining, ServiceError.
    """
    if key is not None:
        wanted = replace(wanted, said=said(dict(params or {}), (terms or Terms()).given))
    begun = _begun(engine, wanted, key, met)
    task = begun.task
    is_new = (task.ref, task.owner) == (wanted.ref, wanted.owner)
    is_own = begun.alias is not None or task.ref == wanted.ref
    if is_own and not _is_same(begun, wanted):
        raise KeyReused(key or task.ref.task, wanted.name)
    if is_new and not is_system(task.name):
        engine.telemetry.count(Metric.TASKS_SUBMITTED)
    engine.telemetry.event(
        "task.submitted" if is_new else "task.met", **task.ref.ids, task_name=task.name
    )
    return Submission(task, is_new, is_replay=not is_new and is_own, is_met=task.ref != wanted.ref)


def _begun(engine: Engine, wanted: Task, key: str | None, met: Mapping[Ref, Begun] | None) -> Begun:
    """The task itself, now that it is stored, or the one that is there already."""
    if met is not None and wanted.ref in met:
        return met[wanted.ref]
    try:
        # What is told of accepted work is no new work: a drain waits for it, as for the work.
        if not is_system(wanted.name):
            check_accepting(engine, wanted.pool)
    except Draining:
        # What was accepted before may be asked for again: nothing is accepted by that.
        before = engine.tasks.met(wanted) if key is not None and met is None else None
        if before is None:
            raise
        return before
    text, key_of_params = keep_params(engine, wanted.ref, wanted.params, wanted.deadline)
    wanted = replace(wanted, params=text, params_object=key_of_params)
    retention = engine.retention if key is not None else None
    return engine.tasks.begin(wanted, retention=retention, is_unmet=met is not None)


def drafted(
    engine: Engine,
    definition: Definition,
    params: dict[str, Any],
    ref: Ref,
    terms: Terms,
) -> Task:
    """A task with these params, as `checked` answers them; nothing is written.

    Raises InvalidParams, InvalidOption, TooLarge.
    """
    now = engine.clock.now()
    not_before = terms.not_before(now)
    trace = cause().trace
    start_by = not_before + terms.start_within if terms.start_within else None
    task = Task(
        ref=ref,
        # Tells this submission from another of the same key in the same millisecond.
        owner=f"{engine.random.getrandbits(64):016x}",
        name=definition.name,
        pool=definition.pool,
        priority=terms.priority or definition.priority,
        params=_stored(definition, params),
        unique=terms.unique or definition.unique_key(params),
        trace=str(trace) if trace else None,
        webhook=terms.webhook,
        max_retries=terms.max_retries,
        start_by=start_by,
        phase=Phase.PLAN if isinstance(definition, MapDefinition) else None,
        created=now,
        queued=now,
        not_before=not_before,
        deadline=not_before + (terms.deadline or definition.deadline),
    )
    due = look_at(task, now)
    return replace(task, due=min(due, start_by) if start_by else due)


def _is_same(begun: Begun, wanted: Task) -> bool:
    """Is it the same task with the same params, on the same terms?"""
    if begun.alias is not None:
        return begun.alias.is_for(wanted)
    task = begun.task
    return task.name == wanted.name and have_same_params(task, wanted)


def _stored(definition: Definition, params: dict[str, Any]) -> str:
    try:
        return params_text(params)
    except ValueError as error:
        raise InvalidParams(definition.name, {"params": "text in UTF-8"}) from error
