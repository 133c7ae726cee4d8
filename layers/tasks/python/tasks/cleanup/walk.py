"""The walk through a tenant's old tasks, page by page, the same for every attempt.

What a page holds is noted before any of it goes. So an attempt that was cut off is followed by one
that finishes its page, and counts what is gone as if it had done all of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from windrow import Context
from windrow.engine.ended_before import ended_before
from windrow.engine.remove import is_removable, remove, will_remove
from windrow.model.children import may_have_children
from windrow.model.records import Task
from windrow.model.ref import Ref

PAGE = 100
# Nothing is begun any more when so little of an attempt is left: a checkpoint then ends it.
RESERVE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of some old tasks, where the next page begins, and whether they leave children."""

    ids: tuple[str, ...]
    rest: str | None
    has_parents: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a walk is: the number of its page, and what became of those before it.

    below         where the page begins; None for the newest tasks
    place         where in the page to go on, as the step says; None at its beginning
    found, gone   how many old tasks there were, and how many of them are gone
    parts         how many steps were done
    has_parents   tasks with children went in this round: these can go in the next
    """

    page: int = 0
    below: str | None = None
    place: dict[str, Any] | None = None
    found: int = 0
    gone: int = 0
    parts: int = 0
    has_parents: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: how many tasks it found, how many of them are gone, and where in the page
    the next one goes on; None when the page is done.
    """

    found: int
    gone: int
    place: dict[str, Any] | None = None


# What is done with the ids of a page, or with some of them, from the place of the walk on.
type Step = Callable[[Walk, Sequence[str]], Done]


def walked(context: Context, before: datetime, step: Step) -> Walk:
    """Let `step` do every page of tasks that ended before an instant; the walk at its end."""
    will_remove(context.engine, context.tenant, before)
    walk = Walk(**context.cursor) if context.cursor else Walk()
    while True:
        page = _page(context, walk, before)
        if page.ids:
            walk = _after(walk, step(walk, page.ids))
        if walk.place is not None:
            _note(context, walk)
            continue
        has_parents = walk.has_parents or page.has_parents
        if page.rest is None and not has_parents:
            return walk
        # Children are newer than their parents, so they come first; they can go after them.
        begins_anew = page.rest is None
        walk = replace(
            walk,
            page=walk.page + 1,
            below=page.rest,
            has_parents=has_parents and not begins_anew,
        )
        _note(context, walk)


def let_go(context: Context, walk: Walk, task: Task | None, before: datetime) -> bool:
    """Remove a task; True when it is gone. When time is up another attempt goes on with it."""
    if task is None:
        return True
    if not is_removable(context.engine, task, before):
        return False
    is_gone = remove(context.engine, task, context.deadline - RESERVE, others=_reports(task))
    if is_gone is False:
        context.checkpoint(asdict(walk))
    return bool(is_gone)


def read(context: Context, task_id: str) -> Task | None:
    """A task as it stands, expired or not."""
    return context.engine.records.task(Ref(context.tenant, task_id))


def _after(walk: Walk, done: Done) -> Walk:
    found, gone = walk.found + done.found, walk.gone + done.gone
    return replace(walk, place=done.place, found=found, gone=gone, parts=walk.parts + 1)


def _note(context: Context, walk: Walk) -> None:
    """Store how far the walk is; when time is up another attempt goes on from there."""
    context.progress(walk.gone, message=f"{walk.gone:,} tasks are gone")
    context.checkpoint(asdict(walk))


def _page(context: Context, walk: Walk, before: datetime) -> Page:
    def chosen() -> dict[str, Any]:
        tasks, rest = ended_before(
            context.engine, context.tenant, before, below=walk.below, limit=PAGE
        )
        old = [each for each in tasks if is_removable(context.engine, each, before)]
        has_parents = any(map(may_have_children, old))
        return asdict(Page(tuple(each.ref.task for each in old), rest, has_parents))

    return Page(**context.once(f"page-{walk.page}", chosen))


def _reports(task: Task) -> list[str]:
    """Where the files of a task lie that makes reports."""
    if task.pool != "reports":
        return []
    return [f"reports/{task.ref.tenant}/{task.ref.task}."]
