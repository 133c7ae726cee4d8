"""The FastAPI application: the native API, and the routers of the applications."""

from collections.abc import Iterable
from functools import partial

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

import windrow
from windrow.api.errors import install, methods, refused
from windrow.api.openapi import describe
from windrow.api.pages import add_docs
from windrow.api.v1.door import Door
from windrow.api.v1.routers import routers as native
from windrow.engine.engine import Engine


def create_app(engine: Engine, routers: Iterable[APIRouter]) -> FastAPI:
    """An ASGI application that serves the native API and these routers with this engine."""
    # Behind API Gateway a redirect that adds a slash can lose the stage.
    app = FastAPI(
        title="Windrow",
        version=windrow.__version__,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    add_docs(app)
    app.state.routes = []
    for router in (*native(engine), *routers):
        app.include_router(router)
        app.state.routes += [route for route in router.routes if isinstance(route, APIRoute)]
    install(app, engine.telemetry)
    app.add_middleware(
        Door, engine=engine, methods=partial(methods, app), refused=partial(refused, app)
    )
    describe(app)
    return app
