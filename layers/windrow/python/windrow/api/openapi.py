"""The description of the API as OpenAPI 3.1."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from windrow.api.v1.schema import ProblemDetails

COMPONENTS = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Let an application describe itself, the schema of problems included."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = described(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    # Named by every route, and the model of none: FastAPI would give it JSON's media type.
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDetails.model_json_schema(ref_template=COMPONENTS)
    schemas |= problem.pop("$defs", {})
    schemas["ProblemDetails"] = problem
    return document
