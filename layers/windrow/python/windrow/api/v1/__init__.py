"""The native API: one module a noun, one shape for every body and every error.

How to add a noun, say `pools`:

1. `pools.py` has `def router(engine: Engine) -> APIRouter`, which makes `native_router("pools")`
   and adds its routes: ordinary FastAPI, `def` and not `async def`, for boto3 waits.
2. Bodies in are models that extend `schema.Body`: the route reads them strictly before FastAPI
   does (route.py), so an unknown field or parameter, a doubled name or a NaN never reaches it.
3. Bodies out are plain dicts (`model/shown.py` renders a task) in a JSONResponse; the model that
   documents them extends `schema.Shown` and is the route's `response_model`.
4. Whose request it is says the parameter `tenant: Tenant` (caller.py), nothing else.
5. Errors are raised: those of windrow.errors become problems in `model/problem.py`, one line each.
   A route documents what it adds to the common ones: `responses=documented(404, 409)`.
6. `routers.py` names it, and docs/openapi.json is written anew: `make openapi`.
"""
