"""/v1/webhooks: who is told of the ends of tasks, and where."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue

from windrow.api.v1.caller import Tenant
from windrow.api.v1.problems import documented
from windrow.api.v1.route import native_router
from windrow.api.v1.schema import Body, Shown
from windrow.engine import endpoints
from windrow.engine.deliveries import try_out
from windrow.engine.endpoints import Wish
from windrow.engine.engine import Engine
from windrow.errors import NoEndpoint
from windrow.model.endpoint import Endpoint
from windrow.model.ref import NAME
from windrow.model.shown import instant, present
from windrow.model.states import State
from windrow.store.endpoints import Try

type End = Literal["succeeded", "failed", "cancelled"]

EXAMPLE: JsonValue = {
    "url": "https://hooks.example.com/windrow",
    "tasks": ["countries.refresh"],
    "states": ["failed"],
}
SHOWN_ONCE = "What its requests are signed with. Nobody is shown it again."


class Terms(Body):
    """What an endpoint is told, and where."""

    tasks: list[str] | None = Field(
        default=None,
        description="The names of the tasks it is told of; none: those alone whose submission"
        " names it",
        max_length=100,
    )
    states: list[End] | None = Field(default=None, description="How these ended", min_length=1)
    description: str | None = Field(default=None, max_length=200)

    def wish(self, **more: Any) -> Wish:
        """What is wished, as the engine takes it."""
        states = None if self.states is None else [State(state) for state in self.states]
        return Wish(tasks=self.tasks, states=states, description=self.description, **more)


class NewEndpoint(Terms):
    """A receiver to register. Without `tasks` and `states` it is told of every end."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    url: str = Field(description="https, on the public internet", max_length=2048)


class Changes(Terms):
    """What is to be another. What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"disabled": False}]})

    url: str | None = Field(default=None, max_length=2048)
    all_tasks: Literal[True] | None = Field(
        default=None, description="Told of all tasks again, whatever `tasks` said"
    )
    disabled: bool | None = Field(default=None, description="Whether it is told nothing")


class EndpointShown(Shown):
    """A registered receiver."""

    id: str = Field(examples=["01KF0Q5M00E4Q8V0J8Z1X2Y3W4"])
    url: str
    tasks: list[str] | None = Field(default=None, description="Of all tasks, if this is absent")
    states: list[End]
    description: str | None = None
    created_at: datetime
    failing_since: datetime | None = Field(
        default=None, description="When it failed first since it last took something"
    )
    disabled_at: datetime | None = Field(default=None, description="Since when it is told nothing")
    disabled_reason: str | None = None
    old_secret_until: datetime | None = Field(
        default=None, description="Until then the secret before the last rotation signs too"
    )


class EndpointRegistered(EndpointShown):
    """A registered receiver, and its secret."""

    secret: str = Field(description=SHOWN_ONCE, examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class EndpointList(Shown):
    """Every registered receiver, oldest first."""

    endpoints: list[EndpointShown]


class Attempt(Shown):
    """One try to deliver."""

    event: str = Field(description="The event's id", examples=["evt_01KF0Q5M00E4Q8V0J8Z1X2Y3W4"])
    type: str = Field(examples=["windrow.task.failed.v1"])
    task: str = Field(description="The task that delivers it")
    attempt: int
    at: datetime
    outcome: Literal["taken", "later", "failed", "gone"]
    status: int | None = Field(default=None, description="What the receiver answered, if it did")
    reason: str | None = None


class Deliveries(Shown):
    """The last tries of a week, newest first."""

    deliveries: list[Attempt]


class Trial(Shown):
    """A delivery that is on its way."""

    task: str = Field(description="The task that delivers it")


def _endpoint_id(
    endpoint: Annotated[
        str,
        Path(description="An endpoint", json_schema_extra={"pattern": f"^{NAME.pattern}$"}),
    ],
) -> str:
    """What is no id is that of no endpoint: 404, and not 422."""
    if not NAME.fullmatch(endpoint):
        raise NoEndpoint(endpoint[:80])
    return endpoint


Id = Annotated[str, Depends(_endpoint_id)]
Limit = Annotated[int, Query(description="How many", ge=1, le=100)]


def router(engine: Engine) -> APIRouter:
    """The routes of webhook endpoints."""
    made = native_router("webhooks")
    _add_register(made, engine)
    _add_one(made, engine)
    _add_verbs(made, engine)
    return made


def _add_register(made: APIRouter, engine: Engine) -> None:
    @made.post(
        "",
        status_code=201,
        summary="Register a receiver of webhooks",
        response_model=EndpointRegistered,
        responses=documented(409),
    )
    def register_endpoint(body: NewEndpoint, tenant: Tenant) -> JSONResponse:
        """Answers with its secret, this once. At most 50 may be registered."""
        registered = endpoints.register(engine, tenant, body.wish(url=body.url))
        shown = _shown(registered.endpoint) | {"secret": registered.secret}
        location = f"/v1/webhooks/{registered.endpoint.id}"
        return JSONResponse(shown, 201, headers={"Location": location})

    @made.get(
        "",
        summary="List the receivers of webhooks",
        response_model=EndpointList,
        responses=documented(409),
    )
    def list_endpoints(tenant: Tenant) -> JSONResponse:
        """All of them: there are 50 at most."""
        found = endpoints.listed(engine, tenant)
        return JSONResponse({"endpoints": [_shown(each) for each in found]})


def _add_one(made: APIRouter, engine: Engine) -> None:
    @made.get(
        "/{endpoint}",
        summary="See a receiver of webhooks",
        response_model=EndpointShown,
        responses=documented(404, 409),
    )
    def get_endpoint(endpoint: Id, tenant: Tenant) -> JSONResponse:
        """Its secret is not shown."""
        return JSONResponse(_shown(endpoints.read(engine, tenant, endpoint)))

    @made.patch(
        "/{endpoint}",
        summary="Change a receiver of webhooks",
        response_model=EndpointShown,
        responses=documented(404, 409),
    )
    def change_endpoint(endpoint: Id, body: Changes, tenant: Tenant) -> JSONResponse:
        """Its secret stays the same, also at another URL."""
        wish = body.wish(
            url=body.url, is_disabled=body.disabled, all_tasks=body.all_tasks is not None
        )
        return JSONResponse(_shown(endpoints.change(engine, tenant, endpoint, wish)))

    @made.delete(
        "/{endpoint}",
        status_code=204,
        summary="Delete a receiver of webhooks",
        response_class=Response,
        responses=documented(404, 409),
    )
    def delete_endpoint(endpoint: Id, tenant: Tenant) -> Response:
        """What is on its way to it is dropped."""
        endpoints.remove(engine, tenant, endpoint)
        return Response(status_code=204)


def _add_verbs(made: APIRouter, engine: Engine) -> None:
    @made.post(
        "/{endpoint}/test",
        status_code=202,
        summary="Send a receiver an event that says nothing",
        response_model=Trial,
        responses=documented(404, 409),
    )
    def test_endpoint(endpoint: Id, tenant: Tenant) -> JSONResponse:
        """How it went shows in its deliveries."""
        task = try_out(engine, tenant, endpoint).ref.task
        return JSONResponse({"task": task}, 202, headers={"Location": f"/v1/tasks/{task}"})

    @made.post(
        "/{endpoint}/rotate-secret",
        summary="Give a receiver another secret",
        response_model=EndpointRegistered,
        responses=documented(404, 409),
    )
    def rotate_secret(endpoint: Id, tenant: Tenant) -> JSONResponse:
        """Answers with it, this once. For 24 hours every request has a signature of each."""
        registered = endpoints.rotate(engine, tenant, endpoint)
        return JSONResponse(_shown(registered.endpoint) | {"secret": registered.secret})

    @made.get(
        "/{endpoint}/deliveries",
        summary="See how the last deliveries to a receiver went",
        response_model=Deliveries,
        responses=documented(404, 409),
    )
    def list_deliveries(endpoint: Id, tenant: Tenant, limit: Limit = 20) -> JSONResponse:
        """Each try of the last seven days, newest first."""
        found = endpoints.tries(engine, tenant, endpoint, limit)
        return JSONResponse({"deliveries": [_tried(each) for each in found]})


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return present(
        id=endpoint.id,
        url=endpoint.url,
        tasks=None if endpoint.tasks is None else sorted(endpoint.tasks),
        states=sorted(endpoint.states),
        description=endpoint.description,
        created_at=instant(endpoint.created),
        failing_since=_if_any(endpoint.failing_since),
        disabled_at=_if_any(endpoint.disabled),
        disabled_reason=endpoint.reason,
        old_secret_until=_if_any(endpoint.old_until),
    )


def _tried(tried: Try) -> dict[str, Any]:
    return present(
        event=tried.event,
        type=tried.kind,
        task=tried.task,
        attempt=tried.attempt,
        at=instant(tried.at),
        outcome=tried.outcome,
        status=tried.status,
        reason=tried.reason,
    )


def _if_any(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)
