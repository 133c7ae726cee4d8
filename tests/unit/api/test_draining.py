"""What a caller is told while a pool drains."""

from fastapi import APIRouter

from tests.harness import deploy
from windrow import Context, Registry, task
from windrow.engine.control import drain, resume
from windrow.engine.engine import Engine
from windrow.engine.submit import submit


def test_a_submission_to_a_draining_pool_is_told_when_to_come_again() -> None:
    @task("plain")
    def plain(context: Context) -> None: ...

    def routers(engine: Engine) -> list[APIRouter]:
        router = APIRouter()

        @router.post("/tasks")
        def create() -> str:
            return submit(engine, "plain").task.ref.task

        return [router]

    with deploy(Registry([plain]), routers=routers) as deployed:
        drain(deployed.engine)
        refused = deployed.http("POST", "/tasks")
        resume(deployed.engine)
        accepted = deployed.http("POST", "/tasks")

    assert refused.status == 503
    assert refused.headers["retry-after"] == "60"
    assert refused.json() == {"error": "Pool 'default' is draining: it accepts no new tasks."}
    assert accepted.status == 200
    assert "request.failed" not in deployed.telemetry.verbs()
