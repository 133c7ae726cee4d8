"""docs/openapi.json: it is current, whole, and says of each request and each error what it is."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.build_openapi import DOCUMENT, text

type Operation = dict[str, Any]

PUBLISHED = json.loads(DOCUMENT.read_text(encoding="utf-8"))
METHODS = {"get", "post", "put", "patch", "delete"}


def operations() -> Iterator[tuple[str, Operation]]:
    for path, methods in PUBLISHED["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", operation


NATIVE = [(name, operation) for name, operation in operations() if " /v1/" in name]


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), "write it anew: make openapi"


def test_it_is_openapi_3_1_without_a_dangling_reference() -> None:
    assert PUBLISHED["openapi"].startswith("3.1.")
    for kind, name in re.findall(r'"#/components/(\w+)/([\w-]+)"', json.dumps(PUBLISHED)):
        assert name in PUBLISHED["components"][kind]


def test_each_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, operation in operations()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("name", "operation"), NATIVE, ids=[name for name, _ in NATIVE])
def test_each_native_operation_is_told_in_full(name: str, operation: Operation) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    if "requestBody" in operation:
        (content,) = operation["requestBody"]["content"].values()
        assert "example" in content or _schema(content["schema"]).get("examples")
    for status, response in operation["responses"].items():
        if status[0] in "45":
            (content,) = response["content"].items()
            assert content[0] == "application/problem+json"
            assert content[1]["example"]["status"] == int(status)
        assert {"X-Request-Id", "traceparent"} <= response["headers"].keys()
    assert {"400", "422", "500", "503"} <= operation["responses"].keys()


def test_no_native_answer_has_a_null() -> None:
    assert not re.search(r'"type": "null"', json.dumps([operation for _, operation in NATIVE]))


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = PUBLISHED["components"]["schemas"][name] if name else schema
    return found
