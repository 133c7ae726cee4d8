"""The articles, deployed in one process, with a web of a test's own behind the egress function."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import tasks.articles
from tasks import registry
from tasks.articles.names import EXTRACT, TASK
from tasks.routes import routers
from tasks.status import routes
from tests.harness import ENVIRONMENT, Deployment, Response, deploy
from windrow.aws.dynamodb import decoded
from windrow.engine.submit import submit

SAMPLES = Path(tasks.articles.__file__).parent / "samples"
URL = "https://news.example/story"

type Answer = dict[str, Any]
type Call = Callable[[str, str, Any], Any]


def answered(status: int, body: bytes = b"", **headers: str) -> Answer:
    """What the egress function says of an answer; `retry_after="5"` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "url": URL,
        "status": status,
        "headers": named,
        "body": b64encode(body).decode(),
        "is_cut": False,
    }


def page(body: str | bytes) -> Answer:
    """A page of HTML."""
    raw = body if isinstance(body, bytes) else body.encode()
    return answered(200, raw, content_type="text/html; charset=utf-8")


def sample(name: str) -> Answer:
    """One of the articles that come with the application."""
    return page((SAMPLES / f"{name}.html").read_bytes())


def moved(location: str) -> Answer:
    return answered(302, location=location)


def story(*sentences: str) -> Answer:
    """A page with these sentences as its article, long enough to be one."""
    paragraphs = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return page(f"<html><body><article><h1>Story</h1>{paragraphs}</article></body></html>")


@dataclass
class Web:
    """Pages by URL, each a list of answers of which the last is given again and again.

    What is not there is 404, so that no host has a robots.txt unless a test says so.
    """

    deployment: Deployment
    pages: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    requests: list[Mapping[str, Any]] = field(default_factory=list)

    def __call__(self, request: Mapping[str, Any]) -> Answer:
        self.asked.append((request["url"], self.deployment.clock.now()))
        self.requests.append(request)
        answers = self.pages.get(request["url"], [answered(404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    @property
    def urls(self) -> list[str]:
        return [url for url, _ in self.asked]


@dataclass
class Press:
    """A deployment and its web."""

    deployment: Deployment
    web: Web

    def post(self, body: str, **headers: str) -> Response:
        """POST an extraction, as it is."""
        given = {"content-type": "application/json", **headers}
        return self.deployment.http("POST", EXTRACT, body=body, headers=given)

    def poll(self, task_id: str) -> Any:
        return self.deployment.http("GET", f"/api/tasks/{task_id}").json()

    def extract(self, url: str = URL, **params: Any) -> Any:
        """The answer to a poll once all that is to be done at once is done."""
        task_id = self.start(url, **params)
        self.deployment.pump()
        return self.poll(task_id)

    def start(self, url: str = URL, **params: Any) -> str:
        """The id of a submitted extraction. Not by HTTP: making an API takes a while."""
        submission = submit(self.deployment.engine, TASK, {"url": url, **params})
        return submission.task.ref.task

    def rows(self) -> dict[str, dict[str, Any]]:
        """The words of the table, by lemma."""
        table = self.deployment.services.dynamodb.tables["ApplicationTable"]
        items = [decoded(row.item) for row in table.rows.values()]
        return {item["lemma"]: item for item in items if item["PK"].startswith("WORDS#")}


@contextmanager
def press(**settings: str) -> Iterator[Press]:
    """The applications, with nothing on the web yet; told more by the environment `settings`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**ENVIRONMENT, "WINDROW_EGRESS": "egress", **settings}.items():
            patch.setenv(name, value)
        with deploy(registry, routers=routers, status_routes=routes) as deployment:
            web = Web(deployment)
            deployment.services.invoked.functions["egress"] = web
            yield Press(deployment, web)


def answering(stand: Press, service: str, answer: Call, patch: pytest.MonkeyPatch) -> None:
    """Let a service that the simulation does not have answer so."""
    inner = stand.deployment.port.inner
    call = inner.call

    def called(name: str, operation: str, parameters: Any) -> Any:
        if name == service:
            return answer(name, operation, parameters)
        return call(name, operation, parameters)

    patch.setattr(inner, "call", called)
