"""/v1/tasks/{task_id}/explain: why a task is not running."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue

from windrow.api.v1.ids import TaskRef
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Shown
from windrow.engine.engine import Engine
from windrow.engine.explain import explain
from windrow.model.explanation import Reason
from windrow.model.explanation.shown import shown

EXAMPLE: JsonValue = {
    "reason": "behind_others",
    "sentence": "It waits for a worker of pool 'default', behind 3 of higher priority.",
    "facts": {"pool": "default", "higher": 3, "older": 0, "is_partial": False},
}


class Holding(Shown):
    """One reason that holds."""

    reason: Reason
    sentence: str = Field(description="For people; its wording may change")
    facts: dict[str, Any] = Field(description="What the sentence says, by name")


class Explained(Holding):
    """The strongest reason why a task does not run, or what became of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    also: list[Holding] | None = Field(default=None, description="What holds besides")


def router(engine: Engine) -> APIRouter:
    """The route of explanations."""
    made = native_router("tasks")

    @made.get(
        "/{task_id}/explain",
        summary="Say why a task is not running",
        response_model=Explained,
        responses=documented(404),
    )
    def explain_task(ref: TaskRef) -> JSONResponse:
        """One sentence and its facts, as of now: what a task waits for, or what became of it.

        It costs more reads than a poll does: ask when something seems wrong.
        """
        return JSONResponse(shown(explain(engine, ref)))

    return made
