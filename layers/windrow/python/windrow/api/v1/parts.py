"""/v1/tasks/{task_id}/failures and /chunks: a map, item by item and chunk by chunk."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from windrow.api.v1.ids import TaskRef
from windrow.api.v1.listing import PAGED, Cursor, Limit, paged_by_number
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Reason, Shown, State
from windrow.engine.chunks import chunks_page
from windrow.engine.engine import Engine
from windrow.engine.failures import FailedItem, failures_page
from windrow.engine.list_tasks import LIMIT
from windrow.errors import NoMap, NotFound
from windrow.model.records import Task
from windrow.model.ref import Ref
from windrow.model.shown import shown_chunk


class FailedItemShown(Shown):
    """An item that has not succeeded, though its chunk has ended."""

    number: int = Field(description="Its place in the map, from 0")
    item: Any = Field(description="As it was planned")
    error: Reason | None = Field(default=None, description="Why; absent where it was cancelled")


class FailuresShown(Shown):
    """Failed and cancelled items, in the map's order; there are more while there is a cursor."""

    failures: list[FailedItemShown]
    cursor: str | None = None


class ChunkShown(Shown):
    """Some items of a map that are done together."""

    number: int = Field(description="Its place in the map, from 0")
    state: State
    first_item: int
    items: int = Field(description="How many")
    attempts: int
    succeeded: int | None = None
    failed: int | None = None
    cancelled: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: Reason | None = None


class ChunksShown(Shown):
    """Chunks in the map's order; there are more while there is a cursor."""

    chunks: list[ChunkShown]
    cursor: str | None = None


def router(engine: Engine) -> APIRouter:
    """The routes of a map's parts."""
    made = native_router("tasks")

    @made.get(
        "/{task_id}/failures",
        summary="List the failed items of a map",
        response_model=FailuresShown,
        responses=PAGED | documented(404),
    )
    def list_failures(ref: TaskRef, cursor: Cursor = None, limit: Limit = LIMIT) -> JSONResponse:
        """The items that failed or were cancelled, and why; of a map that runs, those so far.

        A page may hold fewer than were asked for, even none, while it has a cursor.
        """
        task = _map(engine, ref)

        def found(start: int) -> tuple[list[dict[str, Any]], int | None]:
            page = failures_page(engine, task, start=start, limit=limit)
            return [_shown(each) for each in page.items], page.following

        return paged_by_number(engine, ref, "failures", found, limit=limit, cursor=cursor)

    @made.get(
        "/{task_id}/chunks",
        summary="List the chunks of a map",
        response_model=ChunksShown,
        responses=PAGED | documented(404),
    )
    def list_chunks(ref: TaskRef, cursor: Cursor = None, limit: Limit = LIMIT) -> JSONResponse:
        """The chunks as they stand; while the map is being cut, those so far."""
        task = _map(engine, ref)

        def found(start: int) -> tuple[list[dict[str, Any]], int | None]:
            page = chunks_page(engine, task, start=start, limit=limit)
            return [shown_chunk(chunk) for chunk in page.chunks], page.following

        return paged_by_number(engine, ref, "chunks", found, limit=limit, cursor=cursor)

    return made


def _map(engine: Engine, ref: Ref) -> Task:
    """The map that is meant. Raises NotFound, and NoMap for another task."""
    task = engine.records.task(ref)
    if task is None or task.has_expired(engine.clock.now()):
        raise NotFound(ref.task)
    if task.phase is None or task.phase.is_of_children:
        raise NoMap(ref.task)
    return task


def _shown(each: FailedItem) -> dict[str, Any]:
    shown: dict[str, Any] = {"number": each.number, "item": each.item}
    if each.error:
        shown["error"] = {"kind": each.error.kind, "message": each.error.message}
    return shown
