"""Specs: the children of a group or a chain as its params hold them, checked at its submission.

A spec says all that a child's birth needs: the worker that begins it need not know its task.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from windrow.engine.engine import Engine
from windrow.engine.payloads import keep_params, params_of
from windrow.engine.send import look_at
from windrow.engine.submit import drafted
from windrow.errors import InvalidOption, InvalidParams
from windrow.model.draft import Draft
from windrow.model.ids import derived_id
from windrow.model.payload import params_text
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.states import Phase
from windrow.store.keys import milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One child: times are in seconds, counted from its birth; `into` as Draft explains it."""

    name: str
    pool: str
    priority: int
    params: dict[str, Any]
    is_map: bool = False
    delay: float = 0
    start_within: float | None = None
    deadline: float
    into: str | None = None
    max_retries: int | None = None

    @property
    def lasting(self) -> timedelta:
        """How long after its birth it is over at the latest."""
        return timedelta(seconds=self.delay + self.deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a group or a chain is made of, and what follows its end.

    all_must_succeed  a group fails when one of its children did not succeed, not only when none did
    """

    children: tuple[Spec, ...]
    callback: Spec | None = None
    all_must_succeed: bool = False


def checked_spec(engine: Engine, draft: Draft) -> Spec:
    """The spec of a draft; nothing is written.

    Raises UnknownTask, InvalidParams, InvalidOption, TooLarge and ConfigurationError.
    """
    definition = engine.registry.of_authors(draft.name)
    engine.queue.url(definition.pool)
    if draft.at is not None:
        raise InvalidOption("at", "left out of what belongs together: say a delay", draft.at)
    if definition.unique is not None:
        expected = "one without a unique key: no part of a group or a chain has one"
        raise InvalidOption("task", expected, draft.name)
    if draft.unique is not None:
        raise InvalidOption(
            "unique", "left out: no part of a group or a chain has one", draft.unique
        )
    if draft.into is not None and definition.params is None:
        raise InvalidOption("into", "left out: the task takes no params", draft.into)
    params = dict(draft.params)
    try:
        params = definition.checked(params)
    except InvalidParams as invalid:
        # What comes in that field is not known yet: the rest must fit.
        wrong = {
            field: expected
            for field, expected in invalid.details.items()
            if draft.into is None or field.partition(".")[0] != draft.into
        }
        if wrong:
            raise InvalidParams(draft.name, wrong) from invalid
    task = drafted(engine, definition, params, Ref("default", "draft"), draft.terms)
    return Spec(
        name=task.name,
        pool=task.pool,
        priority=task.priority,
        params=params,
        is_map=task.phase is Phase.PLAN,
        delay=(task.not_before - task.created).total_seconds(),
        start_within=draft.start_within.total_seconds() if draft.start_within else None,
        deadline=(task.deadline - task.not_before).total_seconds(),
        into=draft.into,
        max_retries=task.max_retries,
    )


def to_params(plan: Plan) -> dict[str, Any]:
    """A plan as the params of its group or chain."""
    made = asdict(plan)
    return {**made, "children": list(made["children"])}


def plan_of(engine: Engine, parent: Task) -> Plan:
    """What a group or a chain is made of. Raises ObjectChanged when its params are gone."""
    params = params_of(engine, parent)
    return Plan(
        children=tuple(Spec(**spec) for spec in params["children"]),
        callback=Spec(**params["callback"]) if params["callback"] else None,
        all_must_succeed=params["all_must_succeed"],
    )


def filled(spec: Spec, value: Any) -> Spec:
    """The spec with what came before it in its params, if it asks for that.

    Whether it fits is found when the task runs: it fails then, and says so.
    """
    if spec.into is None:
        return spec
    return replace(spec, params={**spec.params, spec.into: value})


def child_of(
    engine: Engine, parent: Task, number: int, spec: Spec, *, previous: str | None = None
) -> Task:
    """A child as it is born now. Its id is derived, so that nobody can bear it a second time.

    It must end by its parent's deadline, and is kept for as long as its parent may begin again.
    """
    named = f"{parent.ref.task}\n{milliseconds(parent.created)}\nchild\n{number}"
    child = _born(engine, parent, named, spec)
    return replace(as_child(engine, parent, child, number), previous=previous)


def callback_of(engine: Engine, parent: Task, spec: Spec) -> Task:
    """The task that follows the end of this round of a group or a chain."""
    return replace(_born(engine, parent, _callback(parent), spec), previous=parent.ref.task)


def callback_id(parent: Task) -> str:
    """The id of that task, if there is one."""
    return derived_id(parent.ref.tenant, _callback(parent))


def _callback(parent: Task) -> str:
    return f"{parent.ref.task}\n{milliseconds(parent.created)}\ncallback\n{parent.round}"


def as_child(engine: Engine, parent: Task, child: Task, number: int) -> Task:
    """A task as a child of this parent."""
    lasting = parent.lasting or engine.registry.get(parent.name).deadline
    needed = max(parent.deadline, parent.created + lasting, parent.needed_until or parent.created)
    deadline = min(child.deadline, parent.deadline)
    return replace(
        child,
        parent=parent.ref.task,
        number=number,
        deadline=deadline,
        # Its own time may come after its parent's deadline.
        due=min(child.due or deadline, deadline),
        needed_until=needed,
        round=parent.round,
    )


def _born(engine: Engine, parent: Task, named: str, spec: Spec) -> Task:
    now = engine.clock.now()
    ref = Ref(parent.ref.tenant, derived_id(parent.ref.tenant, named))
    not_before = now + timedelta(seconds=spec.delay)
    start_by = not_before + timedelta(seconds=spec.start_within) if spec.start_within else None
    deadline = not_before + timedelta(seconds=spec.deadline)
    text, key = keep_params(engine, ref, params_text(spec.params), deadline)
    task = Task(
        ref=ref,
        owner=f"{engine.random.getrandbits(64):016x}",
        name=spec.name,
        pool=spec.pool,
        priority=spec.priority,
        params=text,
        params_object=key,
        max_retries=spec.max_retries,
        start_by=start_by,
        phase=Phase.PLAN if spec.is_map else None,
        trace=parent.trace,
        created=now,
        queued=now,
        not_before=not_before,
        deadline=deadline,
    )
    due = look_at(task, now)
    return replace(task, due=min(due, start_by) if start_by else due)


def sent(draft: Draft) -> dict[str, Any]:
    """What a caller said of a task, as JSON: what tells one submission of a key from another."""
    said = {name: getattr(draft, name) for name in draft.__slots__}
    return {name: _plain(value) for name, value in said.items() if value is not None}


def _plain(value: Any) -> Any:
    match value:
        case timedelta():
            return value.total_seconds()
        case datetime():
            return value.isoformat()
        case _:
            return json.loads(json.dumps(value, default=dict))
