"""What each door loads when it imports the applications, seen from a fresh interpreter."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LAYERS = [ROOT / "layers/windrow/python", ROOT / "layers/tasks/python"]

WORKERS_ONLY = {
    "PIL",
    "jinja2",
    "justext",
    "lxml",
    "reportlab",
    "simplemma",
    "smtplib",
    "trafilatura",
    "urllib3",
    "xlsxwriter",
}
FRAMEWORKS = {"aws_lambda_powertools", "boto3", "fastapi", "mangum", "pydantic", "starlette"}


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, LAYERS))
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def loaded_by(statement: str) -> set[str]:
    """Every module that a statement brings into memory, and the packages they belong to."""
    answer = run(f"{statement}\nimport sys; print(*sys.modules)")
    assert answer.returncode == 0, answer.stderr
    modules = answer.stdout.split()
    return {name.partition(".")[0] for name in modules} | set(modules)


def test_the_polling_routes_load_no_framework_and_no_task() -> None:
    loaded = loaded_by("from tasks.status import routes")

    assert not loaded & (WORKERS_ONLY | FRAMEWORKS)
    assert "tasks.countries.refresh" not in loaded
    assert "windrow.engine" not in loaded


def test_every_public_name_of_the_library_is_found() -> None:
    answer = run("import windrow\nfor name in windrow.__all__: getattr(windrow, name)")

    assert answer.stderr == ""


def test_a_name_that_the_library_does_not_have_is_missed() -> None:
    answer = run("from windrow import Taskk")

    assert "cannot import name 'Taskk'" in answer.stderr


def test_the_registry_loads_nothing_that_only_a_running_task_needs() -> None:
    loaded = loaded_by("from tasks import registry")

    # Params are checked at each door that submits: their models are what it takes of a framework.
    assert not loaded & (WORKERS_ONLY | FRAMEWORKS - {"pydantic"})


def test_the_registry_is_one_object_however_often_it_is_imported() -> None:
    answer = run(
        "import tasks\nfrom tasks import registry\nfrom tasks import registry as again\n"
        "print(registry is again, registry is tasks.registry)"
    )

    assert answer.stdout == "True True\n"


def test_the_applications_have_no_other_lazy_name() -> None:
    answer = run("from tasks import registri")

    assert "cannot import name 'registri'" in answer.stderr


def test_a_worker_that_has_no_key_for_its_upstream_does_not_start() -> None:
    answer = run("from tasks import registry", COUNTRIES_UPSTREAM="http", COUNTRIES_API_KEY_ARN="")

    assert answer.returncode != 0
    assert "COUNTRIES_UPSTREAM=http needs COUNTRIES_API_KEY_ARN" in answer.stderr


def test_a_door_without_an_upstream_starts() -> None:
    assert run("from tasks import registry").returncode == 0
