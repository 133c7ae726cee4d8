"""What docs/writing-tasks.md shows runs, and does what the page says of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.harness import deploy
from tests.house.test_papers import snippets
from windrow import Registry
from windrow.aws.dynamodb import decoded, encoded
from windrow.engine.definition import Definition
from windrow.engine.options import MapOptions
from windrow.engine.submit import submit
from windrow.model.records import Progress, Task
from windrow.model.states import State

ROOT = Path(__file__).parents[2]
PAPER = "docs/writing-tasks.md"
HOUR = timedelta(hours=1)
INVOICE = {"customer": "Ada"}

type Run = Callable[..., Task]


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Everything that the page declares."""
    world: dict[str, Any] = {"__name__": "writing_tasks"}
    for snippet in snippets(PAPER):
        exec(compile(snippet, PAPER, "exec"), world)
    return world


@pytest.fixture
def run(page: dict[str, Any]) -> Run:
    """Submits a task of the page, and lets an hour pass."""

    def ended(name: str, params: dict[str, Any] | None = None) -> Task:
        tasks = [each for each in page.values() if isinstance(each, Definition)]
        with deploy(Registry(tasks)) as deployment:
            task_id = submit(deployment.engine, name, params).task.ref.task
            deployment.pump()
            deployment.run_for(HOUR)
            return deployment.task(task_id)

    return ended


@pytest.mark.parametrize(
    ("name", "params", "result"),
    [
        ("invoice.send", INVOICE, '{"sent_to":"Ada"}'),
        ("report.build", INVOICE, "null"),
        ("rates.store", None, "null"),
        ("export.wait", None, '"ready"'),
        ("photos.resize", None, '"40 photos"'),
        ("ledger.walk", None, "500"),
        ("order.pay", None, '"receipt of attempt 1"'),
        ("account.deposit", None, "true"),
        ("squares", None, '{"squared":120}'),
    ],
)
def test_a_task_of_the_page_succeeds(
    run: Run, name: str, params: dict[str, Any] | None, result: str
) -> None:
    ended = run(name, params)

    assert (ended.state, ended.result) == (State.SUCCEEDED, result)


def test_what_the_page_gives_up_fails_at_once(run: Run, page: dict[str, Any]) -> None:
    for name in ("rates.fetch", "folder.copy"):
        ended = run(name)
        assert (ended.state, ended.attempt) == (State.FAILED, 1)

    assert page["failures"][-1].endswith("failed on attempt 1: not your folder")


def test_the_photos_report_how_far_they_are(run: Run) -> None:
    ended = run("photos.resize")

    assert ended.progress == Progress(total=40, succeeded=40)
    assert ended.message == "Resized 39.jpg"


def test_the_report_is_unique_for_its_customer(run: Run) -> None:
    assert run("report.build", INVOICE).unique == "report/Ada"


def test_the_deposit_arrives(page: dict[str, Any]) -> None:
    with deploy(Registry([page["deposit"]])) as deployment:
        submit(deployment.engine, "account.deposit")
        deployment.pump()

        row = {"TableName": "ApplicationTable", "Key": encoded(page["ACCOUNT"])}
        answer = deployment.engine.aws.call("dynamodb", "GetItem", row)
        assert decoded(answer["Item"])["cents"] == 500


def test_the_page_has_every_option() -> None:
    text = (ROOT / PAPER).read_text()

    assert {option for option in MapOptions.__optional_keys__ if f"`{option}`" not in text} == set()


def test_the_pages_own_test_passes(page: dict[str, Any]) -> None:
    page["test_an_invoice_is_sent"]()
