"""Reports, figures and cleaning up on the local stack: what a caller gets to see, and opens."""

from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from tests.e2e.waiting import eventually

pytestmark = pytest.mark.usefixtures("function_logs")


def done(api: httpx.Client, name: str, params: dict[str, Any]) -> dict[str, Any]:
    """A task as seed 004 shows it once it is over."""
    kind = {"reports": "report"}.get(name.partition(".")[0], name.partition(".")[0])
    body = {"task_name": name, "task_type": kind, "params": params}
    accepted = api.post("/api/tasks/enqueue", json=body)
    assert accepted.status_code == 201, accepted.text
    path = f"/api/tasks/{accepted.json()['task_id']}"
    over = ("completed", "failed", "cancelled")
    answer = eventually(lambda: api.get(path), lambda found: found.json()["status"] in over)
    task: dict[str, Any] = answer.json()
    assert task["status"] == "completed", task
    return task


def test_a_report_is_opened_by_its_link_and_by_a_fresh_one(api: httpx.Client) -> None:
    task = done(api, "reports.generate_pdf", {"fir_id": "fir_12345"})

    linked = httpx.get(task["result"]["report_url"])
    fresh = httpx.get(api.get(f"/api/reports/{task['task_id']}").headers["location"])

    assert linked.content == fresh.content
    assert "fir_12345" in PdfReader(BytesIO(linked.content)).pages[0].extract_text()


def test_figures_are_made_and_nothing_young_is_removed(api: httpx.Client) -> None:
    rows = [{"city": "Lagos", "people": 15_388_000}, {"city": "Ankara", "people": 5_747_325}]

    figures = done(api, "analytics.process_data", {"rows": rows})
    removed = done(api, "cleanup.remove_old_tasks", {"max_age_hours": 24})

    assert figures["result"]["columns"][1]["sum"] == 21_135_325
    assert removed["result"] == {"status": "success", "removed": 0}
    assert api.get(f"/api/tasks/{figures['task_id']}").status_code == 200
