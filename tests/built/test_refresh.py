"""The built functions do a whole refresh, and what the artifacts lack would show."""

import json
from base64 import b64decode
from collections.abc import Mapping

from tests.built.deployment import STATUS, Deployment
from tests.built.emulator import Start
from tests.built.functions import Function

REFRESH = "/api/v1/countries/refresh"
IMAGE = "/api/v1/countries/image"
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_refresh_runs_from_the_request_to_the_image(deployment: Deployment) -> None:
    asked = deployment.http("POST", REFRESH)
    again = deployment.http("POST", REFRESH)
    running = deployment.poll()
    hints = deployment.work(deployment["WorkerFunction"])
    over = deployment.poll()
    image = deployment.http("GET", IMAGE)
    listed = deployment.http("GET", "/countries?sort=gdp_desc")

    assert json.loads(asked["body"])["status"] == "started"
    assert asked["headers"]["location"] == STATUS
    assert json.loads(again["body"])["status"] == "already_running"
    assert json.loads(running["body"])["status"] == "running"
    assert hints >= 6, "one that plans, and one for each chunk of 50"
    assert json.loads(over["body"]) | {"started_at": "", "completed_at": ""} == {
        "is_running": False,
        "status": "completed",
        "started_at": "",
        "completed_at": "",
        "countries_processed": 250,
        "error": None,
    }
    assert image["headers"]["content-type"] == "image/png"
    assert image["isBase64Encoded"] is True
    assert b64decode(image["body"]).startswith(PNG)
    assert len(json.loads(listed["body"])) == 250


def test_without_pillow_in_the_workers_artifact_the_image_is_missing(
    deployment: Deployment, functions: Mapping[str, Function], start: Start
) -> None:
    """Pillow is imported when the image is drawn, so its absence shows no earlier than that."""
    worker = functions["WorkerFunction"]

    deployment.http("POST", REFRESH)
    with start(worker, deployment.world.variables(worker), without="PIL") as incomplete:
        deployment.work(incomplete)

    assert json.loads(deployment.poll()["body"])["countries_processed"] == 250
    assert deployment.http("GET", IMAGE)["statusCode"] == 404
