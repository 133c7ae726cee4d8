"""Inputs that have made somebody answer 500, at every operation: each is refused as a problem."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from scripts.build_openapi import DOCUMENT
from tests.native import Client, deploy_native

PATHS: dict[str, dict[str, Any]] = {
    path: methods
    for path, methods in json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"].items()
    if path.startswith("/v1/")
}
WITH_BODY = [
    (method.upper(), path)
    for path, methods in PATHS.items()
    for method in methods
    if method in ("post", "patch", "put")
]
READ = [path for path, methods in PATHS.items() if "get" in methods]
BODIES = {
    "half a character": '{"a": "\\ud800"}',
    "half a character as a name": '{"\\udfff": 1}',
    "nothing that ends": "{",
    "900 levels": '{"a":' * 900 + "1" + "}" * 900,
    "100,000 levels": "[" * 100_000,
    "NaN": '{"a": NaN}',
    "Infinity": '{"a": -Infinity}',
    "1e999": '{"a": 1e999}',
    "60 digits": '{"a": ' + "7" * 60 + "}",
    "5,000 digits": '{"a": ' + "7" * 5000 + "}",
    "a name twice": '{"a": 1, "a": 2}',
    "a byte order mark": '\ufeff{"a": 1}',
    "300 KB": '{"a": "' + "x" * 300_000 + '"}',
    "a list": "[]",
    "a prototype": '{"__proto__": {"state": "succeeded"}, "constructor": 1}',
    "what is not the caller's to say": '{"tenant": "acme", "state": "succeeded", "attempt": 7}',
}
TEXTS = {
    "nothing": "",
    "dots": "../../v1/pools",
    "a null": "a\x00b",
    "a line break": "a\r\nX-Injected: 1",
    "no ASCII": "\u00e5\U0001f389",
    "a key": "K#default#01K",
    "very long": "x" * 4000,
    "a cursor that is none": "eyJhIjoxfQ.AAAA",
    "a cursor of zeros": "0" * 64,
    "markup": "<script>alert(1)</script>",
    "an expression": "{{7*7}}${jndi:ldap://x}' OR 1=1 --",
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with deploy_native() as made:
        yield made


def assert_refused(client: Client, method: str, path: str, body: str | None = None) -> None:
    answer = client.send(method, path, body)

    assert 400 <= answer.status < 500, (answer.status, answer.body[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(("method", "path"), WITH_BODY, ids=lambda each: str(each))
def test_a_hostile_body_is_refused(client: Client, method: str, path: str, body: str) -> None:
    task_id = client.submitted("plain")
    known = path.replace("{task_id}", task_id).replace("{name}", "default")

    assert_refused(client, method, known, body)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("path", [path for path in PATHS if "{" in path])
def test_a_hostile_id_leads_nowhere(client: Client, path: str, text: str) -> None:
    before, _, after = path.partition("{")
    hostile = before + quote(text, safe="") + after.partition("}")[2]
    method = next(iter(PATHS[path])).upper()
    answer = client.send(method, hostile)

    if path.startswith("/v1/webhooks/") and answer.status == 409:
        # This deployment sends no webhooks, and says so before it looks for an endpoint.
        assert answer.json()["type"] == "urn:problem-type:windrow:webhooks-off"
    else:
        assert answer.status in (404, 405, 422), (answer.status, answer.body[:300])
    assert "x-injected" not in answer.headers


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("path", [path for path in READ if "{" not in path])
def test_a_hostile_parameter_is_refused(client: Client, path: str, text: str) -> None:
    for name in ("cursor", "limit", "state", "priority", "created_after", "unheard-of"):
        answer = client.get(f"{path}?{name}={quote(text, safe='')}")

        # A cursor or a filter of no text at all is as good as none.
        expected = (200, 400, 422) if not text else (400, 422)
        assert answer.status in expected, (name, answer.status, answer.body[:300])
