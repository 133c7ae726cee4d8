"""What arrived, in a browser: a list, one mail, its files.

A mail may hold anything, and this page is served from the same machine as the API. So its HTML is
shown in a frame that runs nothing, loads nothing and is of no origin, and files are only saved.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from windrow.local.mail.box import Box, body, files

SHOWN = 100
COMMON = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
OURS = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
THEIRS = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'"
)
HEADERS = ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "X-Windrow-Mail")
NOTHING = PlainTextResponse("There is no such mail.\n", 404, headers=COMMON)


def pages(box: Box) -> Starlette:
    """An application that shows a box."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )

    def page(template: str, **values: object) -> Response:
        text = environment.get_template(template).render(values)
        return HTMLResponse(text, headers=_under(OURS))

    def listed(_request: Request) -> Response:
        names = box.names()
        found = [(name, box.headers(name)) for name in names[:SHOWN]]
        rows = [
            {"name": name, "to": mail["To"], "subject": mail["Subject"], "date": mail["Date"]}
            for name, mail in found
            if mail is not None
        ]
        return page("list.html", rows=rows, count=len(names), folder=box.folder)

    def one(request: Request) -> Response:
        name = request.path_params["name"]
        mail = box.read(name)
        if mail is None:
            return NOTHING
        return page(
            "mail.html",
            name=name,
            headers=[(each, mail[each]) for each in HEADERS if mail[each]],
            text=body(mail, "plain"),
            has_html=body(mail, "html") is not None,
            files=[(called, len(content)) for called, content in files(mail)],
        )

    def html(request: Request) -> Response:
        mail = box.read(request.path_params["name"])
        text = None if mail is None else body(mail, "html")
        return NOTHING if text is None else HTMLResponse(text, headers=_under(THEIRS))

    def raw(request: Request) -> Response:
        content = box.raw(request.path_params["name"])
        return NOTHING if content is None else _saved(content, "mail.eml")

    def attached(request: Request) -> Response:
        mail = box.read(request.path_params["name"])
        found = [] if mail is None else list(files(mail))
        number = request.path_params["number"]
        if not 1 <= number <= len(found):
            return NOTHING
        called, content = found[number - 1]
        return _saved(content, called)

    return Starlette(
        routes=[
            Route("/", listed),
            Route("/{name}", one),
            Route("/{name}/html", html),
            Route("/{name}/raw", raw),
            Route("/{name}/files/{number:int}", attached),
        ]
    )


def _under(policy: str) -> Mapping[str, str]:
    return {**COMMON, "content-security-policy": policy}


def _saved(content: bytes, called: str) -> Response:
    """A file for the browser to save, and never to show."""
    disposition = f"attachment; filename*=UTF-8''{quote(called, safe='', errors='replace')}"
    return Response(
        content,
        media_type="application/octet-stream",
        headers={**_under(THEIRS), "content-disposition": disposition},
    )
