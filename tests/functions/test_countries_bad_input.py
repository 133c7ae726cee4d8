"""Requests that are wrong: the documented 4xx as JSON, and never a 5xx or a trace of our code."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.countries import REFRESH, deploy_countries, status
from tests.harness import Deployment, http_event

NO_COUNTRY = {"error": "Country not found"}
NOT_FOUND = {"error": "Not found"}
NOT_ALLOWED = {"error": "Method not allowed"}
SORTS = "gdp_desc, gdp_asc, name_asc, name_desc, population_desc, population_asc"


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    """One for all: whoever is refused changes nothing."""
    with deploy_countries() as deployed:
        yield deployed


def invalid(**details: str) -> dict[str, Any]:
    return {"error": "Validation failed", "details": details}


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ('{"force": true}', {"force": "no field of this name"}),
        ("[]", {"body": "must be empty or {}"}),
        ("null", {"body": "must be empty or {}"}),
        ("{", {"body": "must be empty or {}; it is not valid JSON"}),
        ("[" * 900, {"body": "must be empty or {}; it is not valid JSON"}),
        ("x" * 5_000_000, {"body": "must be empty or {}; it is larger than 1000 bytes"}),
        ('{"\\ud800": 1}', {"?": "no field of this name"}),
    ],
    ids=["field", "list", "null", "broken", "deep", "5 MB", "half a character"],
)
def test_a_post_with_a_body_is_refused_and_starts_nothing(
    deployment: Deployment, body: str, details: dict[str, str]
) -> None:
    response = deployment.http("POST", REFRESH, body=body)

    assert (response.status, response.json()) == (400, invalid(**details))
    assert status(deployment)["status"] == "idle"


def test_a_body_that_is_no_text_is_refused(deployment: Deployment) -> None:
    event = http_event("POST", REFRESH, "//79", {"content-type": "application/json"})
    event |= {"routeKey": "$default", "isBase64Encoded": True}

    reply = deployment.api(event, deployment.context)

    assert reply["statusCode"] == 400
    assert "it is not UTF-8" in reply["body"]


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ("sort=biggest", {"sort": f"must be one of {SORTS}"}),
        ("sort=", {"sort": "must not be empty"}),
        ("region=", {"region": "must not be empty"}),
        ("region", {"region": "must not be empty"}),
        ("currency=%20", {"currency": "must not be empty"}),
        ("region=Asia&region=Africa", {"region": "must be given once"}),
        ("page=2", {"page": "is not a known parameter; known are region, currency, sort"}),
        (
            "Sort=gdp_desc&currency=",
            {
                "Sort": "is not a known parameter; known are region, currency, sort",
                "currency": "must not be empty",
            },
        ),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_a_wrong_query_is_refused_with_what_is_allowed(
    deployment: Deployment, prefix: str, query: str, details: dict[str, str]
) -> None:
    response = deployment.http("GET", f"{prefix}/countries?{query}")

    assert (response.status, response.json()) == (400, invalid(**details))


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "name",
    [
        "Atlantis",
        "%20",
        "a%2Fb",
        "a/b",
        "%00",
        "%1B%5B2J",
        "%FF%FE",
        "%ED%A0%80",
        "%25",
        "%",
        "..%2F..%2Fetc",
        "ROW%23nigeria",
        "x" * 2000,
        "%F0%9F%8F%B4" * 400,
        "'%20OR%201=1--",
    ],
)
def test_a_name_of_no_country_is_not_found_whatever_it_is_made_of(
    deployment: Deployment, method: str, name: str
) -> None:
    response = deployment.http(method, f"/api/v1/countries/{name}")

    assert (response.status, response.json()) == (404, NO_COUNTRY)


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/api/v1", "/api/v2/countries", "/country", "/countriesx", "/countries/%0Ax"],
)
def test_an_unknown_route_is_not_found(deployment: Deployment, path: str) -> None:
    response = deployment.http("GET", path)

    assert (response.status, response.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/countries"),
        ("POST", "/countries"),
        ("DELETE", "/countries"),
        ("PATCH", "/countries/Nigeria"),
        ("PUT", "/countries/refresh"),
        ("POST", "/countries/refresh/status"),
        ("POST", "/countries/image"),
        ("DELETE", "/status"),
        ("OPTIONS", "/countries"),
    ],
)
def test_an_unknown_method_is_not_allowed(deployment: Deployment, method: str, path: str) -> None:
    response = deployment.http(method, f"/api/v1{path}")

    assert (response.status, response.json()) == (405, NOT_ALLOWED)
    assert response.headers["allow"]


def test_the_page_of_the_documentation_says_something_before_any_script(
    deployment: Deployment,
) -> None:
    page = deployment.http("GET", "/docs").body.decode()

    place = page.partition('<div id="swagger-ui">')[2].partition("</div>")[0]
    assert '<a href="openapi.json">' in place
    assert "url: '/openapi.json'" in page


def test_the_documentation_reads_well(deployment: Deployment) -> None:
    document = deployment.http("GET", "/openapi.json").json()

    assert deployment.http("GET", "/docs").status == 200
    operations = [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        if path.startswith("/api/v1/")
        for method, operation in methods.items()
    ]
    assert [name for name, _ in operations] == [
        "POST /api/v1/countries/refresh",
        "GET /api/v1/countries/refresh/status",
        "GET /api/v1/status",
        "GET /api/v1/countries/image",
        "GET /api/v1/countries",
        "GET /api/v1/countries/{name}",
        "DELETE /api/v1/countries/{name}",
    ]
    for name, operation in operations:
        assert operation["summary"], name
        assert operation["description"], name
        # FastAPI would say 422 of every route; only a key that is used again is answered so.
        assert ("422" in operation["responses"]) == (name == "POST /api/v1/countries/refresh")
    for used in set(re.findall(r"#/components/schemas/(\w+)", json.dumps(operations))):
        schema = document["components"]["schemas"][used]
        assert schema.get("examples") or schema.get("enum")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/countries/France", "DELETE, GET, HEAD"),
        ("POST", "/api/v1/countries", "GET, HEAD"),
        ("DELETE", "/status", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    deployment: Deployment, method: str, path: str, allowed: str
) -> None:
    response = deployment.http(method, path)

    assert response.status == 405
    assert response.json() == {"error": "Method not allowed"}
    assert response.headers["allow"] == allowed
