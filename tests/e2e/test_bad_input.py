"""Requests that are wrong, over real HTTP: the documented 4xx as JSON, never a 5xx or a trace.

The same requests meet the handlers alone in tests/functions; here all that stands before them is
there too.
"""

from typing import Any

import pytest

from tests.e2e.raw import send
from tests.e2e.refreshes import COUNTRIES, REFRESH, STATUS, Refreshes
from windrow.local.stack import LocalStack

NOT_FOUND = (404, {"error": "Not found"})
NO_COUNTRY = (404, {"error": "Country not found"})
NOT_ALLOWED = (405, {"error": "Method not allowed"})
SORTS = "gdp_desc, gdp_asc, name_asc, name_desc, population_desc, population_asc"


def invalid(**details: str) -> tuple[int, Any]:
    return 400, {"error": "Validation failed", "details": details}


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "//",
        "/nothing",
        "/api/v1",
        "/api/v2/countries",
        "//api/v1/countries",
        "/api/v1/./countries",
        "/api/v1/nothing/../countries",
        "/..",
        "/api/v1/../../../../_ministack/health",
        "/../../../../_ministack/health",
        "/..%2f..%2f..%2f..%2f_ministack/health",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/_ministack/health",
        "/_ministack/health",
        "/_aws/execute-api/x/$default/status",
        "/api/v1/countries;sort=gdp_desc",
        "/api/v1/countries/%0A%0D",
        "/" + "a/" * 2000,
    ],
    ids=lambda target: target[:60],
)
def test_a_path_that_leads_nowhere_is_not_found_and_leads_nowhere_else(
    stack: LocalStack, target: str
) -> None:
    answer = send(stack.url, "GET", target)

    assert (answer.status, answer.json()) == NOT_FOUND


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "name",
    [
        "Atlantis",
        "",
        "%20",
        "a%2Fb",
        "a/b",
        "..",
        ".",
        "%2e%2e",
        "..%2F..%2Fetc%2Fpasswd",
        "%00",
        "%0A",
        "%09%1B%7F",
        "%FF%FE",
        "%C0%AF",
        "%ED%A0%80",
        "%",
        "%zz",
        "%u0041",
        "a#b",
        '[|]^`{}"<>\\',
        "ROW%23nigeria",
        "'%20OR%201=1--",
        "x" * 2000,
        "x" * 8000,
        "%F0%9F%8F%B4" * 400,
    ],
    ids=lambda name: name[:20] or "empty",
)
def test_a_name_of_no_country_is_not_found_whatever_it_is_made_of(
    stack: LocalStack, method: str, name: str
) -> None:
    answer = send(stack.url, method, f"{COUNTRIES}/{name}")

    assert (answer.status, answer.json()) == NO_COUNTRY


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", COUNTRIES),
        ("POST", COUNTRIES),
        ("DELETE", COUNTRIES),
        ("PATCH", f"{COUNTRIES}/Nigeria"),
        ("PUT", REFRESH),
        ("POST", STATUS),
        ("POST", "/countries/image"),
        ("DELETE", "/status"),
        ("TRACE", "/status"),
        ("BREW", "/status"),
    ],
)
def test_an_unknown_method_is_not_allowed(stack: LocalStack, method: str, target: str) -> None:
    answer = send(stack.url, method, target)

    assert (answer.status, answer.json()) == NOT_ALLOWED
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=biggest", invalid(sort=f"must be one of {SORTS}")),
        ("sort=%00", invalid(sort=f"must be one of {SORTS}")),
        ("region=", invalid(region="must not be empty")),
        ("region=Asia&region=Africa", invalid(region="must be given once")),
        ("a[]=1", invalid(**{"a[]": "is not a known parameter; known are region, currency, sort"})),
        ("&&&=", invalid(**{"": "is not a known parameter; known are region, currency, sort"})),
        ("a=1&" * 1000, invalid(a="is not a known parameter; known are region, currency, sort")),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_wrong_query_is_refused_with_what_is_allowed(
    stack: LocalStack, query: str, expected: tuple[int, Any]
) -> None:
    answer = send(stack.url, "GET", f"{COUNTRIES}?{query}")

    assert (answer.status, answer.json()) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", invalid(body="must be empty or {}; it is not valid JSON")),
        (b"\x00", invalid(body="must be empty or {}; it is not valid JSON")),
        (b"[" * 900, invalid(body="must be empty or {}; it is not valid JSON")),
        (b'{"a":' * 150 + b"1" + b"}" * 150, invalid(a="no field of this name")),
        (b"[]", invalid(body="must be empty or {}")),
        (b"null", invalid(body="must be empty or {}")),
        (b'{"force": true}', invalid(force="no field of this name")),
        (b"x" * 300_000, invalid(body="must be empty or {}; it is larger than 1000 bytes")),
        (b"\xff" * 300_000, invalid(body="must be empty or {}; it is larger than 1000 bytes")),
        (b"[" * 300_000, invalid(body="must be empty or {}; it is larger than 1000 bytes")),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else "",
)
@pytest.mark.parametrize(
    "kind", ["application/json", "application/octet-stream", "application/json; charset=utf-16"]
)
def test_a_post_with_a_wrong_body_is_refused_and_starts_nothing(
    refreshes: Refreshes, body: bytes, expected: tuple[int, Any], kind: str
) -> None:
    before = refreshes.status()

    answer = send(refreshes.stack.url, "POST", REFRESH, body, {"Content-Type": kind})

    assert (answer.status, answer.json()) == expected
    assert refreshes.status() == before


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_a_body_that_is_no_text_is_refused(stack: LocalStack, kind: str) -> None:
    answer = send(stack.url, "POST", REFRESH, b"\xff\xfe", {"Content-Type": kind})

    # What is said to be JSON arrives as text, with what could not be read as such replaced.
    assert (answer.status, answer.json()) in (
        invalid(body="must be empty or {}; it is not UTF-8"),
        invalid(body="must be empty or {}; it is not valid JSON"),
    )
