"""Compose: accept a group, whose tasks run side by side, or a chain, whose tasks follow each other.

Either is a task itself: it has an id, a state and a progress, is polled, cancelled and begun again
like any other. It has no function. Its children are begun by workers, and it ends after them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from windrow.engine.engine import Engine
from windrow.engine.modes import check_accepting
from windrow.engine.send import send_for_its_time
from windrow.engine.specs import Plan, checked_spec, sent, to_params
from windrow.engine.submit import Submission, accepted, drafted, identity
from windrow.engine.system import CHAIN, GROUP
from windrow.errors import Draining, InvalidOption, Refused, WindrowError
from windrow.model.children import MOST_CHILDREN
from windrow.model.draft import Draft
from windrow.model.records import Progress
from windrow.model.ref import DEFAULT_TENANT, Ref
from windrow.model.states import Phase
from windrow.model.terms import LONGEST, Terms

# What beginning a thousand children may take, if the workers are busy.
SLACK = timedelta(hours=1)


def submit_group(
    engine: Engine,
    drafts: Sequence[Draft],
    *,
    callback: Draft | None = None,
    all_must_succeed: bool = False,
    tenant: str = DEFAULT_TENANT,
    key: str | None = None,
    delay: timedelta | None = None,
    at: datetime | None = None,
    deadline: timedelta | None = None,
) -> Submission:
    """Accept up to 1,000 tasks that run side by side and end as one: durable when this returns.

    The group succeeds when one of its tasks has, with errors if others have not; it fails when none
    has, or with `all_must_succeed` when not all have. `callback` is begun when all have ended,
    however, by the very write that ends the group: once, also after a cancel.
    `delay`, `at` and `deadline` are the group's: no task of it starts before the one or may go on
    after the other. Without a deadline it has as long as the longest of them, and an hour.
    `key` is as in `submit`. Raises Refused, which names each draft that is wrong (the callback
    comes after the last of them), InvalidOption, TooLarge, KeyReused, Draining; then nothing is
    stored.
    """
    plan = _plan(engine, drafts, callback, all_must_succeed=all_must_succeed)
    longest = max(spec.lasting for spec in plan.children) + SLACK
    asked = Terms(delay=delay, at=at, deadline=deadline)
    terms = replace(asked, deadline=deadline or min(longest, LONGEST))
    return _submit(engine, GROUP, plan, [*drafts, callback], terms, asked, tenant, key)


def submit_chain(
    engine: Engine,
    drafts: Sequence[Draft],
    *,
    callback: Draft | None = None,
    tenant: str = DEFAULT_TENANT,
    key: str | None = None,
    delay: timedelta | None = None,
    at: datetime | None = None,
    deadline: timedelta | None = None,
) -> Submission:
    """Accept up to 1,000 tasks of which each begins when the one before it has succeeded.

    A step reads the result of the one before it as `context.previous`, or has it in the field
    `into` of its params. The result of the last one is the chain's. A step that fails or is
    cancelled ends the chain as failed, with a reason that names the step; `retry_again` lets it go
    on from there.
    Without a deadline it has as long as all of its steps together, and an hour.
    The rest is as with `submit_group`; the first step has no `into`.
    """
    if drafts and drafts[0].into is not None:
        wrong = InvalidOption("into", "left out of the first step", drafts[0].into)
        raise Refused({0: wrong}, len(drafts))
    plan = _plan(engine, drafts, callback)
    longest = sum((spec.lasting for spec in plan.children), SLACK)
    asked = Terms(delay=delay, at=at, deadline=deadline)
    terms = replace(asked, deadline=deadline or min(longest, LONGEST))
    return _submit(engine, CHAIN, plan, [*drafts, callback], terms, asked, tenant, key)


def _plan(
    engine: Engine,
    drafts: Sequence[Draft],
    callback: Draft | None,
    *,
    all_must_succeed: bool = False,
) -> Plan:
    if not 1 <= len(drafts) <= MOST_CHILDREN:
        raise InvalidOption("tasks", f"1 to {MOST_CHILDREN:,} of them", len(drafts))
    specs, errors = [], {}
    for number, draft in enumerate([*drafts, *([callback] if callback else [])]):
        try:
            specs.append(checked_spec(engine, draft))
        except WindrowError as error:
            errors[number] = error
    if errors:
        raise Refused(errors, len(drafts))
    return Plan(
        children=tuple(specs[: len(drafts)]),
        callback=specs[-1] if callback else None,
        all_must_succeed=all_must_succeed,
    )


def _submit(
    engine: Engine,
    name: str,
    plan: Plan,
    drafts: Sequence[Draft | None],
    terms: Terms,
    asked: Terms,
    tenant: str,
    key: str | None,
) -> Submission:
    definition = engine.registry.get(name)
    ref = Ref(tenant, identity(engine, tenant, key))
    task = drafted(engine, definition, to_params(plan), ref, terms)
    wanted = replace(
        task,
        phase=Phase.MAKE,
        progress=Progress(len(plan.children)),
        lasting=task.deadline - task.not_before,
    )
    said: dict[str, Any] = {"tasks": [sent(each) if each else None for each in drafts]}
    said |= {"all_must_succeed": plan.all_must_succeed}
    _check_pools(engine, plan, lambda: key is not None and engine.tasks.met(wanted) is not None)
    submission = accepted(engine, wanted, key, said, asked)
    if submission.is_new:
        send_for_its_time(engine, submission.task)
    return submission


def _check_pools(engine: Engine, plan: Plan, is_replay: Callable[[], bool]) -> None:
    """Raise Draining where one of the tasks could not be submitted by itself."""
    try:
        for pool in sorted({spec.pool for spec in plan.children}):
            check_accepting(engine, pool)
    except Draining:
        if not is_replay():
            raise
