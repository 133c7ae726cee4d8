"""Every error of /v1 is a problem, and every other route keeps its own shape."""

import pytest

from tests.harness import deploy
from tests.native import Client, assert_problem
from windrow import Registry


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/unheard-of", "/v1/tasks/%ff%00/x"])
def test_a_path_that_leads_nowhere_is_a_problem(client: Client, path: str) -> None:
    assert_problem(client.get(path), 404)


@pytest.mark.parametrize("path", ["/v1x", "/api/v1/unheard-of", "/"])
def test_other_paths_keep_the_shape_of_the_applications(client: Client, path: str) -> None:
    answer = client.get(path)

    assert (answer.status, answer.json()) == (404, {"error": "Not found"})


def test_another_method_is_told_which_ones_there_are(client: Client) -> None:
    refused = client.delete("/v1/tasks")

    assert_problem(refused, 405)
    assert "POST" in refused.headers["allow"].split(", ")


def test_what_nobody_expected_says_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("windrow.api.v1.tasks.submit", broken)
    with deploy(Registry([])) as deployed:
        answer = Client(deployed).post("/v1/tasks", {"task": "plain"})

    assert_problem(answer, 500)
    assert b"secret" not in answer.body
    assert "request.failed" in deployed.telemetry.verbs()
