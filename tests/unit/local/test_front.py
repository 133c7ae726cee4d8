"""The front door hands requests on and answers back as they are."""

import errno
import re
import socket
from collections.abc import Iterator

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from windrow.local import front
from windrow.local.emulator import HOST
from windrow.local.errors import PortTaken

BYTES = bytes(range(256))


@pytest.fixture
def upstream(httpserver: HTTPServer) -> HTTPServer:
    return httpserver


@pytest.fixture
def door(upstream: HTTPServer) -> Iterator[httpx.Client]:
    listener = front.listen(0)
    application = front.proxy(upstream.url_for("/stage/$default"), "door.test")
    with (
        front.serve(listener, application),
        httpx.Client(base_url=front.url_of(listener), trust_env=False) as client,
    ):
        yield client


def seen_by(upstream: HTTPServer, answer: Response) -> list[Request]:
    """Everything the upstream is asked from now on; it answers the same each time."""
    requests: list[Request] = []

    def handle(request: Request) -> Response:
        requests.append(request)
        return answer

    upstream.expect_request(re.compile(".*")).respond_with_handler(handle)
    return requests


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_method_goes_through(upstream: HTTPServer, door: httpx.Client, method: str) -> None:
    requests = seen_by(upstream, Response())

    door.request(method, "/x")

    assert requests[0].method == method


def test_path_and_query_go_through_as_they_were_written(
    upstream: HTTPServer, door: httpx.Client
) -> None:
    requests = seen_by(upstream, Response())

    door.get("/c%C3%B4te%20d%2Fx?region=Africa&region=&sort=a%2Bb")

    written = requests[0].environ["REQUEST_URI"]
    assert written == "/stage/$default/c%C3%B4te%20d%2Fx?region=Africa&region=&sort=a%2Bb"


def test_body_and_headers_go_through(upstream: HTTPServer, door: httpx.Client) -> None:
    requests = seen_by(upstream, Response())

    door.post("/x", content=BYTES, headers={"Idempotency-Key": "k", "Accept-Encoding": "zstd"})

    assert requests[0].data == BYTES
    assert requests[0].headers["Idempotency-Key"] == "k"
    assert requests[0].headers["Accept-Encoding"] == "zstd"
    assert requests[0].headers["Host"] == "door.test"


def test_the_answer_comes_back_as_it_is(upstream: HTTPServer, door: httpx.Client) -> None:
    headers = [("Content-Type", "image/png"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    seen_by(upstream, Response(BYTES, 418, headers))

    answer = door.get("/image")

    assert answer.status_code == 418
    assert answer.content == BYTES
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


def test_an_encoded_answer_stays_encoded(upstream: HTTPServer, door: httpx.Client) -> None:
    seen_by(upstream, Response(b"not really zstd", headers={"Content-Encoding": "zstd"}))

    with door.stream("GET", "/x") as answer:
        assert b"".join(answer.iter_raw()) == b"not really zstd"
        assert answer.headers["content-encoding"] == "zstd"


def test_a_stack_that_is_down_is_a_502_in_json() -> None:
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        nobody = f"http://{HOST}:{unused.getsockname()[1]}"
        listener = front.listen(0)
        with front.serve(listener, front.proxy(nobody, "door.test")):
            answer = httpx.get(front.url_of(listener), trust_env=False)

    assert answer.status_code == 502
    assert answer.json() == {"message": "The local stack is not running."}


def test_a_taken_port_is_said_before_anything_starts() -> None:
    with front.listen(0) as first:
        port = first.getsockname()[1]

        with pytest.raises(PortTaken, match=rf"Port {port} .* with PORT="):
            front.listen(port)


def test_a_port_of_the_administrators_is_not_said_to_be_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def bind(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)

    with pytest.raises(PortTaken, match=r"Port 80 .*\(permission denied\): ports below 1024"):
        front.listen(80)


def test_a_name_that_was_made_to_lead_here_is_refused(
    upstream: HTTPServer, door: httpx.Client
) -> None:
    requests = seen_by(upstream, Response())

    answer = door.get("/x", headers={"Host": "rebind.example"})

    assert answer.status_code == 403
    assert requests == []


def test_a_page_that_the_front_door_itself_gave_may_ask(
    upstream: HTTPServer, door: httpx.Client
) -> None:
    requests = seen_by(upstream, Response())

    door.post("/x", headers={"Origin": str(door.base_url), "Sec-Fetch-Site": "same-origin"})

    assert requests[0].headers["Origin"] == str(door.base_url)
