"""Bodies that two readers could take for two things, at a route and at the parser."""

import pytest

from tests.native import Client, assert_problem
from windrow.api.v1.strict import DEEPEST, LARGEST, Malformed, parsed


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff\xfe{\x00}\x00", "body"),
        (b'{"a": "\xed\xa0\x80"}', "body"),
        (b"\xef\xbb\xbf{}", "body"),
        (b'{"a": NaN}', "a"),
        (b'{"a": [0, -Infinity]}', "a.1"),
        (b'{"a": 1e999}', "a"),
        (b'{"a": 9223372036854775809}', "a"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a"),
        (b'{"a": {"b": 1, "b": 2}}', "a.b"),
        (b'{"a": "\\ud800"}', "a"),
        (b'{"\\ud800": 1}', "body"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "0"),
        (b"[" * 100_000, "body"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "a"),
    ],
)
def test_what_is_refused_is_named(raw: bytes, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        parsed(raw)

    assert refused.value.wrong.field == field


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"[" * DEEPEST + b"]" * DEEPEST, DEEPEST),
        (b"9223372036854775808", 2**63),
        (b"-9223372036854775808", -(2**63)),
        ('{"name": "Åsa 🎉"}'.encode(), {"name": "Åsa 🎉"}),
        (b'"\\ud83c\\udf89"', "🎉"),
        (b"1.5", 1.5),
    ],
)
def test_what_everybody_reads_alike_is_accepted(raw: bytes, value: object) -> None:
    read = parsed(raw)

    assert read == value or _depth(read) == value


def test_a_body_that_is_larger_than_allowed_is_refused(client: Client) -> None:
    refused = client.send("POST", "/v1/tasks", '"' + "x" * LARGEST + '"')

    assert_problem(refused, 413)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/json; charset=latin-1", "application/xml"]
)
def test_a_body_of_another_type_is_refused(client: Client, content_type: str) -> None:
    headers = {"content-type": content_type}

    refused = client.send("POST", "/v1/tasks", '{"task": "plain"}', headers)

    assert_problem(refused, 415)


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8"])
def test_json_is_accepted_however_its_type_is_spelt(client: Client, content_type: str) -> None:
    headers = {"content-type": content_type}

    assert client.send("POST", "/v1/tasks", '{"task": "plain"}', headers).status == 202


def test_an_unknown_or_doubled_parameter_is_named(client: Client) -> None:
    assert_problem(client.post("/v1/tasks?wait=1", {"task": "plain"}), 422, field="wait")


def _depth(value: object) -> int:
    depth = 0
    while isinstance(value, list):
        depth, value = depth + 1, value[0] if value else None
    return depth
