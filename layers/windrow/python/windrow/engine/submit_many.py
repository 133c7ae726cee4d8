"""Submit many: up to a thousand tasks by one call, each of which is a task of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from windrow.aws.errors import ServiceError, Unavailable
from windrow.engine.endpoints import listed
from windrow.engine.engine import Engine
from windrow.engine.send import send_all
from windrow.engine.submit import Submission, accepted, identity, prepared
from windrow.errors import (
    InvalidOption,
    NotTried,
    Refused,
    TooLarge,
    WebhooksOff,
    WindrowError,
)
from windrow.model.draft import Draft
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT

# A thousand writes, one after the other, take about six seconds, and a request has less than 30.
MOST = 1_000
# Their params are in memory together, and came in one request.
LARGEST = 5_000_000
# Two items for each: the task, and what its key may have met instead.
READ_AT_ONCE = 50
HINTED_AT_ONCE = 100

type Answer = Submission | WindrowError


def submit_many(
    engine: Engine,
    drafts: Sequence[Draft],
    *,
    tenant: str = DEFAULT_TENANT,
    key: str | None = None,
    until: datetime | None = None,
) -> list[Answer]:
    """Accept up to 1,000 tasks; what is answered with a Submission is durable when this returns.

    All are looked at before the first is stored: when one is wrong, Refused says which and why, and
    nothing is written. After that each stands for itself, and is answered in its place: with its
    Submission, or with the error that kept it from being stored (KeyReused, Draining, Unavailable).
    What follows one for which AWS does not answer, and what is left when `until` has come, is
    answered with NotTried.
    With `key`, whoever repeats the call meets the tasks that are there and stores those that are
    missing: the same drafts in the same order, or KeyReused for those that are not the same.
    Raises Refused, and InvalidOption for a key that is none, or for too many tasks.
    """
    wanted = checked(engine, drafts, lambda number: identity(engine, tenant, key, number), tenant)
    answers: list[Answer] = []
    is_hinting = True
    for some in batched(_answers(engine, wanted, drafts, key, until), HINTED_AT_ONCE):
        answers += some
        new = [each.task for each in some if isinstance(each, Submission) and each.is_new]
        # The first wait for no more than a hundred others to be stored.
        is_hinting = is_hinting and send_all(engine, new, until=until)
    return answers + [NotTried() for _ in wanted[len(answers) :]]


def _answers(
    engine: Engine,
    wanted: Sequence[Task],
    drafts: Sequence[Draft],
    key: str | None,
    until: datetime | None,
) -> Iterator[Answer]:
    """Store one after the other, until time is up or AWS does not answer."""
    for some in batched(zip(wanted, drafts, strict=True), READ_AT_ONCE):
        met = None
        for task, draft in some:
            if until is not None and engine.clock.now() >= until:
                return
            try:
                if key is not None and met is None:
                    met = engine.tasks.all_met([each for each, _ in some])
                answer: Answer = accepted(engine, task, key, draft.params, draft.terms, met=met)
            except WindrowError as error:
                answer = error
            yield answer
            if isinstance(answer, Unavailable):
                return


def checked(
    engine: Engine, drafts: Sequence[Draft], name: Callable[[int], str], tenant: str
) -> list[Task]:
    """The tasks that these drafts ask for, `name` gives each its id; nothing is written.

    Raises Refused, and InvalidOption for none or too many.
    """
    if not 1 <= len(drafts) <= MOST:
        raise InvalidOption("tasks", f"1 to {MOST:,} of them", len(drafts))
    errors: dict[int, WindrowError] = {}
    tasks = list(_prepared(engine, drafts, name, tenant, errors))
    if errors:
        raise Refused(errors, len(drafts))
    size = sum(len(task.params.encode()) for task in tasks)
    if size > LARGEST:
        raise TooLarge("params of all tasks together", size, LARGEST)
    return tasks


def _prepared(
    engine: Engine,
    drafts: Sequence[Draft],
    name: Callable[[int], str],
    tenant: str,
    errors: dict[int, WindrowError],
) -> Iterator[Task]:
    check = _Endpoints().check
    for number, draft in enumerate(drafts):
        task_id = name(number)
        try:
            yield prepared(engine, draft, tenant, task_id, check)
        except ServiceError:
            raise
        except WindrowError as error:
            errors[number] = error


@dataclass
class _Endpoints:
    """The endpoints that drafts may name: all of a tenant's, read when one is named first."""

    known: frozenset[str] | None = None

    def check(self, engine: Engine, tenant: str, endpoint: str) -> None:
        """Raise InvalidOption for one that there is not."""
        if self.known is None:
            try:
                self.known = frozenset(each.id for each in listed(engine, tenant))
            except WebhooksOff:
                self.known = frozenset()
        if endpoint not in self.known:
            raise InvalidOption("webhook", "the id of a registered endpoint", endpoint)
