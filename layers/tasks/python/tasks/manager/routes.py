"""The HTTP routes of the task manager."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from tasks.manager import schema, status
from windrow.api.reading import add_polled
from windrow.engine.engine import Engine

NOT_FOUND: Mapping[int | str, dict[str, Any]] = {
    404: {"model": schema.Refused, "description": "There is no such task"},
    422: {"model": schema.Unprocessable, "description": "A parameter is not what it must be"},
}


def routers(engine: Engine) -> list[APIRouter]:
    """The router of the task manager."""
    router = APIRouter(tags=["task manager"])
    add_polled(
        router,
        engine,
        status.TASK,
        status.polled,
        name="show_managed_task",
        summary="Show a task in the words of the seed that it comes from",
        response_model=schema.ManagedTask | schema.ExtractedArticle,
        responses={304: {"description": "Nothing has changed; there is no body"}, **NOT_FOUND},
        dependencies=[Depends(_documented)],
    )
    return [router]


def _documented(
    id: Annotated[str, Path(description="The task's id")],
    view: Annotated[
        str | None,
        Query(
            description="Whose words: those of seed 001, of seed 004, or Windrow's own",
            json_schema_extra={"enum": list(status.VIEWS)},
        ),
    ] = None,
) -> None: ...
