"""Programs on this machine are answered; pages of the web are not."""

import asyncio
from typing import Any

import pytest

from windrow.local.callers import OnlyFor, names_of

DOOR = "127.0.0.1:3000"


async def answering(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


EMULATOR = OnlyFor(names_of(4566), answering, pages=False, trusted={DOOR})


def answer(application: OnlyFor, kind: str = "http", **headers: str) -> list[dict[str, Any]]:
    """What is sent for a request with these headers; `sec_fetch_site` is Sec-Fetch-Site."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(application({"type": kind, "headers": raw}, receive, send))
    return sent


def status(application: OnlyFor, **headers: str) -> int:
    return int(answer(application, **headers)[0]["status"])


@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "LOCALHOST:4566"])
def test_a_program_here_is_answered(host: str) -> None:
    assert status(EMULATOR, host=host) == 200


@pytest.mark.parametrize("host", ["rebind.example", "rebind.example:4566", "127.0.0.1:80", ""])
def test_a_name_that_was_made_to_lead_here_is_refused(host: str) -> None:
    assert status(EMULATOR, host=host) == 403


def test_a_request_that_names_no_host_is_refused() -> None:
    assert status(EMULATOR) == 403


@pytest.mark.parametrize("header", ["origin", "sec_fetch_site", "sec_fetch_mode"])
def test_a_page_is_refused_with_a_sentence(header: str) -> None:
    start, body = answer(EMULATOR, host="127.0.0.1:4566", **{header: "cross-site"})

    assert start["status"] == 403
    assert b"answers no page of a browser" in body["body"]


def test_what_the_front_door_hands_on_may_come_from_a_page() -> None:
    assert status(EMULATOR, host=DOOR, origin="http://127.0.0.1:3000") == 200


def test_a_websocket_of_a_page_is_closed() -> None:
    (closed,) = answer(EMULATOR, "websocket", host="127.0.0.1:4566", origin="http://evil.example")

    assert closed["type"] == "websocket.close"


def test_the_start_of_the_server_passes() -> None:
    started: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        started.append(scope["type"])

    asyncio.run(OnlyFor(names_of(1), application)({"type": "lifespan"}, answering, answering))  # type: ignore[arg-type]

    assert started == ["lifespan"]


def test_the_port_of_http_may_be_left_out() -> None:
    assert status(OnlyFor(names_of(80), answering), host="localhost") == 200
