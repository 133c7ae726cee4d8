"""The egress function: an event in, an answer, a refusal or a failure out."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest

from tests.harness import FakeContext, Recorded
from tests.receiver import Told, receiving
from windrow.egress.client import Answer, Request
from windrow.egress.errors import Refused, Trouble, Unreachable
from windrow.egress.policy import Policy
from windrow.errors import ConfigurationError
from windrow.lambdas.egress import build, request

EVENT = {
    "url": "https://hooks.example/",
    "method": "POST",
    "headers": {"content-type": "application/json"},
    "body": b64encode(b'{"a": 1}').decode(),
    "seconds": 15,
    "size": 1024,
}


def answered(value: Answer | Exception, event: dict[str, Any] = EVENT) -> tuple[Any, Any]:
    """What the function answers where a request comes to `value`; and that request."""
    made = []

    def make(asked: Request, policy: Policy) -> Answer:
        made.append((asked, policy))
        if isinstance(value, Exception):
            raise value
        return value

    reply = request(event, Policy(), Recorded(), make)
    return json.loads(json.dumps(reply)), made[0]


def test_an_answer_is_told_as_json() -> None:
    answer = Answer(url="https://hooks.example/", status=204, headers={}, body=b"\xff", is_cut=True)

    reply, (asked, policy) = answered(answer)

    assert reply["status"] == 204
    assert (b64decode(reply["body"]), reply["is_cut"]) == (b"\xff", True)
    assert (asked.method, asked.body, asked.seconds) == ("POST", b'{"a": 1}', 15)
    assert policy == Policy()


def test_of_a_strangers_headers_those_are_passed_on_that_a_caller_acts_on() -> None:
    headers = {
        "set-cookie": "a=b",
        "location": "x" * 4_090,
        "retry-after": "7",
        "content-type": "text/html",
        "x-secret": "1",
    }
    answer = Answer(
        url="https://hooks.example/", status=200, headers=headers, body=b"", is_cut=False
    )

    reply, _ = answered(answer)

    assert reply["headers"] == {"retry-after": "7", "content-type": "text/html"}


def test_a_refusal_and_a_failure_are_told_apart() -> None:
    refused, _ = answered(Refused("its host is inside"))
    failed, _ = answered(Unreachable(Trouble.TIMEOUT, "its time was up"))

    assert refused == {"refused": "its host is inside"}
    assert failed == {"failed": "timeout", "message": "its time was up"}


def test_a_caller_cannot_ask_for_more_than_there_is() -> None:
    greedy = {"url": "https://x.example/", "seconds": 900, "size": 10**9, "redirects": 50}

    _, (asked, _) = answered(Refused("no"), greedy)

    assert (asked.seconds, asked.size, asked.redirects) == (20, 4_000_000, 3)


@pytest.mark.parametrize(("said", "http"), [(True, True), (False, False), ("yes", False)])
def test_plain_http_is_for_whoever_asks_for_it(said: Any, http: bool) -> None:
    _, (_, policy) = answered(Refused("no"), {**EVENT, "http": said})

    assert policy == Policy(http=http)


def test_no_line_of_the_log_says_what_was_asked() -> None:
    telemetry = Recorded()

    def make(asked: Request, policy: Policy) -> Answer:
        raise Refused("its host is inside")

    request({**EVENT, "url": "https://x.example/?token=secret"}, Policy(), telemetry, make)

    assert telemetry.verbs() == ["egress.refused"]
    assert "secret" not in repr(telemetry.events)


def test_the_deployed_function_asks_this_machine_only_where_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving(Told.plain(200, b"hello")) as server:
        event = {"url": f"http://127.0.0.1:{server.port}/"}
        public = build()(event, FakeContext())
        monkeypatch.setenv("WINDROW_RECEIVERS", "local")
        local = build()(event, FakeContext())

    assert "refused" in public
    assert local["status"] == 200


def test_a_word_that_means_neither_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINDROW_RECEIVERS", "everybody")

    with pytest.raises(ConfigurationError):
        build()
