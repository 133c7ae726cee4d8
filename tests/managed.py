"""The task manager deployed in one process, with a task of each of its four types."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from tasks.articles.errors import NotFetched
from tasks.manager import routes, status
from tests.harness import Deployment, deploy
from windrow import Context, Registry, RetryPolicy, task

PATIENT = RetryPolicy(attempts=4)


class Confirmation(BaseModel):
    """Whom to tell of what."""

    fir_id: str
    recipient_email: str


class Page(BaseModel):
    """Where an article is."""

    url: str


@task("email.send_confirmation", params=Confirmation, retry=PATIENT)
def send_confirmation(context: Context, params: Confirmation) -> dict[str, Any]:
    if params.recipient_email == "nobody":
        raise ValueError("No such mailbox")
    return {"status": "success", "message": "Email sent successfully"}


@task("reports.generate_pdf", retry=PATIENT)
def generate_pdf(context: Context) -> dict[str, Any]:
    return {"status": "success"}


@task("analytics.update_dashboard", retry=PATIENT)
def update_dashboard(context: Context) -> None: ...


@task("cleanup.remove_old_tasks", retry=PATIENT)
def remove_old_tasks(context: Context) -> None: ...


@task("articles.extract", params=Page, retry=RetryPolicy(attempts=1))
def extract(context: Context, params: Page) -> dict[str, Any]:
    if "403" in params.url:
        raise NotFetched("403 Forbidden")
    return {"words": "x" * 40_000} if "long" in params.url else {"new_words": 8}


REGISTRY = Registry([send_confirmation, generate_pdf, update_dashboard, remove_old_tasks, extract])


@contextmanager
def deploy_managed() -> Iterator[Deployment]:
    """A deployment of these tasks, with no task in it yet."""
    with deploy(REGISTRY, routers=routes.routers, status_routes=status.routes) as deployed:
        yield deployed
