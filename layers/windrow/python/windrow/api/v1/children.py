"""/v1/tasks/{task_id}/children: the tasks of a group or a chain, and those of any other parent."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from windrow.api.v1.ids import TaskRef
from windrow.api.v1.listing import PAGED, Cursor, Limit, paged_by_number
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Shown, Task
from windrow.engine.children_page import children_page
from windrow.engine.engine import Engine
from windrow.engine.list_tasks import LIMIT
from windrow.errors import NotFound
from windrow.model.shown import shown


class ChildrenShown(Shown):
    """Tasks in the order in which their parent has them; there are more while there is a cursor."""

    children: list[Task]
    cursor: str | None = None


def router(engine: Engine) -> APIRouter:
    """The route of a task's children."""
    made = native_router("tasks")

    @made.get(
        "/{task_id}/children",
        summary="List the tasks that a task is made of",
        response_model=ChildrenShown,
        responses=PAGED | documented(404),
    )
    def list_children(ref: TaskRef, cursor: Cursor = None, limit: Limit = LIMIT) -> JSONResponse:
        """The children as they stand, those so far; of a task without any, none.

        The steps of a chain that have not begun are not there yet.
        """
        parent = engine.records.task(ref)
        now = engine.clock.now()
        if parent is None or parent.has_expired(now):
            raise NotFound(ref.task)

        def found(start: int) -> tuple[list[dict[str, Any]], int | None]:
            page = children_page(engine, parent, start=start, limit=limit)
            return [shown(child, now) for child in page.children], page.following

        return paged_by_number(engine, ref, "children", found, limit=limit, cursor=cursor)

    return made
