"""The HTTP route of the reports: a fresh link to the file of a task."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import JSONResponse, Response

from tasks.reports.names import ROUTE, form_of
from tasks.reports.store import key
from tasks.reports.write import LINK
from windrow.api.detailed import DetailRoute
from windrow.api.reading import add_get
from windrow.api.v1.caller import Tenant
from windrow.aws.errors import ServiceError
from windrow.engine.engine import Engine
from windrow.engine.result import result
from windrow.errors import NotFound, ResultExpired
from windrow.model.ref import Ref
from windrow.model.shown import instant

NOT_FOUND = "Report not found"
NOT_READY = "Report not ready"
RETRY_AFTER = "2"


def routers(engine: Engine) -> list[APIRouter]:
    """One router."""
    router = APIRouter(tags=["reports"], route_class=DetailRoute)

    def report(
        tenant: Tenant, task_id: Annotated[str, Path(description="The task's id")]
    ) -> Response:
        """A redirect to the file, by a link that is good for an hour; its body says the same.

        404 when there is no such task, or it has no report; 409 while it is being made.
        """
        ref = _ref(tenant, task_id)
        place = _place(engine, ref)
        url = engine.bucket.url(place, LINK)
        return JSONResponse(
            {"report_url": url, "expires_at": instant(engine.clock.now() + LINK)},
            status_code=302,
            headers={"Location": url, "Cache-Control": "no-store"},
        )

    responses: dict[int | str, dict[str, Any]] = {
        302: {"description": "Where the file is"},
        404: {"description": "There is no such report"},
        409: {"description": "The report is not ready"},
    }
    add_get(
        router,
        ROUTE,
        report,
        summary="Get the file of a report",
        status_code=302,
        response_class=Response,
        responses=responses,
    )
    return [router]


def _ref(tenant: str, task_id: str) -> Ref:
    try:
        return Ref(tenant, task_id)
    except ValueError:
        raise HTTPException(404, NOT_FOUND) from None


def _place(engine: Engine, ref: Ref) -> str:
    """Where the file lies, which is looked at: a link to nothing would be no answer."""
    try:
        found = result(engine, ref)
    except (NotFound, ResultExpired):
        raise HTTPException(404, NOT_FOUND) from None
    if not found.state.is_over:
        raise HTTPException(409, NOT_READY, {"Retry-After": RETRY_AFTER})
    said = json.loads(found.text) if found.text else None
    file = said.get("generated_file") if isinstance(said, dict) else None
    form = form_of(file) if isinstance(file, str) else None
    if form is None:
        raise HTTPException(404, NOT_FOUND)
    place = key(ref.tenant, ref.task, form)
    try:
        engine.bucket.piece(place, 0, 1)
    except ServiceError as error:
        if error.code != "NoSuchKey":
            raise
        raise HTTPException(404, NOT_FOUND) from error
    return place
