"""Submit many: up to a thousand tasks by one call, each of which is a task of its own."""

from collections.abc import Callable, Iterator, Sequence

from windrow.aws.errors import Unavailable
from windrow.engine.engine import Engine
from windrow.engine.send import send_all
from windrow.engine.submit import Submission, accepted, identity, prepared
from windrow.errors import InvalidOption, Refused, TooLarge, WindrowError
from windrow.model.draft import Draft
from windrow.model.records import Task
from windrow.model.ref import DEFAULT_TENANT

# A thousand writes, one after the other, take about six seconds, and a request has less than 30.
MOST = 1_000
# Their params are in memory together, and came in one request.
LARGEST = 5_000_000

type Answer = Submission | WindrowError


def submit_many(
    engine: Engine,
    drafts: Sequence[Draft],
    *,
    tenant: str = DEFAULT_TENANT,
    key: str | None = None,
) -> list[Answer]:
    """Accept up to 1,000 tasks; what is answered with a Submission is durable when this returns.

    All are looked at before the first is stored: when one is wrong, Refused says which and why, and
    nothing is written. After that each stands for itself, and is answered in its place: with its
    Submission, or with the error that kept it from being stored (KeyReused, Draining, Unavailable).
    When AWS does not answer for one of them, those after it are not tried.
    With `key`, whoever repeats the call meets the tasks that are there and stores those that are
    missing: the same drafts in the same order, or KeyReused for those that are not the same.
    Raises Refused, and InvalidOption for a key that is none, or for too many tasks.
    """
    wanted = checked(engine, drafts, lambda number: identity(engine, tenant, key, number), tenant)
    answers: list[Answer] = []
    for task, draft in zip(wanted, drafts, strict=True):
        if answers and isinstance(answers[-1], Unavailable):
            answers.append(answers[-1])
            continue
        try:
            answers.append(accepted(engine, task, key, draft.params))
        except WindrowError as error:
            answers.append(error)
    send_all(
        engine, [each.task for each in answers if isinstance(each, Submission) and each.is_new]
    )
    return answers


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
    for number, draft in enumerate(drafts):
        task_id = name(number)
        try:
            yield prepared(engine, draft, tenant, task_id)
        except WindrowError as error:
            errors[number] = error
