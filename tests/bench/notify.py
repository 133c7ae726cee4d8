"""How long a notification holds its request: `python -m tests.bench.notify`.

Seed 003's own code, FastAPI's BackgroundTasks with a task of two seconds, is put into a function of
its own behind Mangum, with the packages of our API. Both functions are given the same event, in
turns, by the same emulator: so what is measured is what Lambda's caller waits for.
"""

import io
import json
import os
import platform
import re
import sys
import zipfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.answer_times import in_turns, milliseconds, percentile
from tests.harness import http_event
from windrow.local import package, template
from windrow.local.machine import Machine, adapted
from windrow.local.project import Project
from windrow.local.stack import LocalStack

ROOT = Path(__file__).parents[2]
SEED = ROOT / "tests" / "contract" / "seeds" / "003.md"
NOTIFY = "/api/notifications/notify"
ANSWER = {"ok": True, "message": "Notification scheduled in background"}
TURNS = 20
BEFORE = """
import logging
from fastapi import APIRouter, FastAPI
from mangum import Mangum

logger = logging.getLogger()
router = APIRouter(prefix="/api/notifications")
"""
AFTER = """
app = FastAPI()
app.include_router(router)
handler = Mangum(app, lifespan="off")
"""


def seeds_own() -> str:
    """The seed's implementation, word for word, and what it takes to run it."""
    blocks: list[str] = re.findall(r"```python\n(.*?)```", SEED.read_text("utf-8"), re.DOTALL)
    (implementation,) = [block for block in blocks if "BackgroundTasks" in block]
    return BEFORE + implementation + AFTER


def deploy_held(stack: LocalStack, project: Project) -> str:
    """Make a function of the seed's code with the packages of the API; its name."""
    sources = package.sources(adapted(template.read(project.template), Machine.here()), ROOT)
    (api,) = [source for source in sources if source.logical_id == "ApiFunction"]
    packages = package.packages(project, api)
    assert packages is not None
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("held.py", seeds_own())
        for path in packages.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(packages))
    stack.clients["lambda"].create_function(
        FunctionName="held",
        Runtime=Machine.here().runtime,
        Role="arn:aws:iam::000000000000:role/held",
        Handler="held.handler",
        Code={"ZipFile": made.getvalue()},
        Timeout=30,
        MemorySize=512,
    )
    return "held"


def ask(stack: LocalStack, function: str) -> None:
    """Hand a function the request, as API Gateway would, and wait for its answer."""
    event = http_event("POST", NOTIFY, None, {})
    event["routeKey"] = "$default"
    answer = stack.clients["lambda"].invoke(
        FunctionName=function, Payload=json.dumps(event).encode()
    )
    payload = json.loads(answer["Payload"].read())
    assert json.loads(payload["body"]) == ANSWER, payload


def main() -> int:
    console = Console(width=120)
    before = os.getloadavg()[0]
    project = Project.at(ROOT)
    with LocalStack(project) as stack:
        held, own = deploy_held(stack, project), stack.resources["ApiFunction"]
        ask(stack, held)
        ask(stack, own)
        times = in_turns(TURNS, lambda: ask(stack, own), lambda: ask(stack, held))
    made = Table(title="POST /api/notifications/notify, functions warm", title_justify="left")
    for name in ("what", "times", "p50", "p95"):
        made.add_column(name, justify="left" if name == "what" else "right")
    for name, taken in zip(("Windrow", "BackgroundTasks behind Mangum"), times, strict=True):
        made.add_row(
            name,
            str(len(taken)),
            milliseconds(percentile(taken, 50)),
            milliseconds(percentile(taken, 95)),
        )
    console.print(made)
    ratio = percentile(times[1], 50) / percentile(times[0], 50)
    console.print(f"The peer holds its caller {ratio:.0f} times as long.")
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}; load average before: {before:.1f}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
