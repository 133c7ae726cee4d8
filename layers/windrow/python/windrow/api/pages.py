"""`GET /docs`: Swagger UI, and a line in its place where its scripts do not come."""

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

PLACE = '<div id="swagger-ui">'
# Swagger UI draws over what is in its place. The link holds behind a stage, too.
INSTEAD = """
    <p>The API is described in <a href="openapi.json">openapi.json</a>. Swagger UI shows it here; it
    comes from cdn.jsdelivr.net, and without the internet there is only this line.</p>"""


def add_docs(app: FastAPI) -> None:
    """Serve the page at `/docs`."""

    async def docs(request: Request) -> HTMLResponse:
        root = str(request.scope.get("root_path", "")).rstrip("/")
        page = get_swagger_ui_html(openapi_url=f"{root}{app.openapi_url}", title="Windrow")
        return HTMLResponse(bytes(page.body).decode().replace(PLACE, PLACE + INSTEAD))

    app.add_route("/docs", docs, include_in_schema=False)
