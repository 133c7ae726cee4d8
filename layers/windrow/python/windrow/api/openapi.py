"""The API described as OpenAPI 3.1: what the routes say, and what is true of all of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from windrow.api.errors import says
from windrow.api.v1.door import CHANGING
from windrow.api.v1.problems import EXAMPLES, is_native
from windrow.api.v1.schema import ProblemDetails

COMPONENTS = "#/components/schemas/{model}"
DESCRIPTION = """\
Background tasks that run as serverless functions.

Under `/v1` every error is a problem of RFC 9457, and every body is read strictly: UTF-8, at most
256 KB and 32 levels, no unknown field, no doubled name, no NaN. `X-Request-Id` is taken and
repeated, a W3C `traceparent` is continued. Whose request it is says the authorizer of the
deployment, never the request. A field of which there is no value is absent, never null; an instant
is RFC 3339 in UTC, a duration a number of seconds.
"""
TAGS = {
    "tasks": "Submit tasks, and ask how they are.",
    "pools": "See how each queue and its workers stand, and have them pause, drain or run.",
    "countries": "The countries of the public exercise.",
    "articles": "The vocabulary of articles on the web.",
    "examples": "The routes of seed 002, each with a task that does real work.",
    "notifications": "Telling somebody something, in the background.",
    "task manager": "Tasks in the words of seeds 001 and 004.",
}
HEADERS = {
    "X-Request-Id": {
        "description": "The request's name: the caller's own, or one that was made for it",
        "schema": {"type": "string"},
    },
    "traceparent": {
        "description": "The request's place in a trace (W3C Trace Context)",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "How many requests the tenant may make; absent where there is no limit",
        "schema": {"type": "string"},
        "example": '"default";q=6000;w=60',
    },
    "RateLimit": {
        "description": "What is left, and in how many seconds all of it is back",
        "schema": {"type": "string"},
        "example": '"default";r=5999;t=1',
    },
}

# The member that holds the sentence of an application's error, and the model of a 429 with it.
USED_UP = {"error": "QuotaError", "detail": "QuotaDetail"}

type Document = dict[str, Any]


def describe(app: FastAPI) -> None:
    """Let an application describe itself as `described` has it."""

    def openapi() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def described(app: FastAPI) -> Document:
    """The OpenAPI document of an application."""
    document = get_openapi(
        title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes
    )
    components = document.setdefault("components", {})
    # Named by every route, and the model of none: FastAPI would give it JSON's media type.
    schemas = components.setdefault("schemas", {})
    problem = ProblemDetails.model_json_schema(ref_template=COMPONENTS)
    schemas |= problem.pop("$defs", {})
    schemas["ProblemDetails"] = problem
    _name_apart(schemas)
    components["headers"] = HEADERS
    used = set()
    schemas |= {name: _sentence(member) for member, name in USED_UP.items()}
    for method, path, operation in _operations(document):
        used |= set(operation.get("tags", []))
        for parameter in operation.get("parameters", []):
            _drop_null(parameter["schema"])
        if is_native(path):
            _add_headers(operation, HEADERS)
        elif method.upper() in CHANGING:
            _add_quota(operation, says(app, path))
    document["tags"] = [
        {"name": name, "description": TAGS[name]} for name in sorted(used) if name in TAGS
    ]
    return document


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def _name_apart(schemas: Document) -> None:
    """Call the models of applications by two names where they share one.

    FastAPI tells them apart by their modules, and generated clients know but their titles.
    """
    for name, schema in schemas.items():
        library, *modules = name.split("__")
        if modules and library != "windrow":
            schema["title"] = modules[0].capitalize() + schema["title"]


def _drop_null(schema: Document) -> None:
    """A parameter is there or not: nobody can send a null."""
    kinds = schema.get("anyOf", [])
    if {"type": "null"} in kinds:
        kinds.remove({"type": "null"})
    if len(kinds) == 1:
        schema |= kinds[0]
        del schema["anyOf"]


def _add_headers(operation: Document, names: Iterable[str]) -> None:
    for response in operation["responses"].values():
        headers = response.setdefault("headers", {})
        headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _add_quota(operation: Document, member: str) -> None:
    """What the door may answer for a route of an application, and adds to what it answers."""
    problem = EXAMPLES[429]
    operation["responses"]["429"] = {
        "description": problem.title,
        "content": {
            "application/json": {
                "schema": {"$ref": COMPONENTS.format(model=USED_UP[member])},
                "example": {member: problem.detail},
            }
        },
        "headers": {
            "Retry-After": {
                "description": "Seconds to wait before another try",
                "schema": {"type": "integer"},
            }
        },
    }
    _add_headers(operation, ("RateLimit-Policy", "RateLimit"))


def _sentence(member: str) -> Document:
    return {
        "type": "object",
        "description": "The tenant has no request left",
        "properties": {member: {"type": "string", "title": member.capitalize()}},
        "required": [member],
        "title": USED_UP[member],
        "examples": [{member: EXAMPLES[429].detail}],
    }
