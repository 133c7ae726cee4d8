"""The guarded client against a real server on this machine that stands for the internet."""

import ssl
import time

import pytest

from tests.receiver import SILENT, Receiver, Told, receiving, trusting
from tests.unit.egress.world import PUBLIC, World
from windrow.egress.client import Answer, Request, ask
from windrow.egress.errors import Refused, Trouble, Unreachable
from windrow.egress.guard import check_url
from windrow.egress.policy import Policy

NAME = "public.example"
OTHER = "other.example"
OK = Told.plain(200, b"hello", content_type="text/plain", set_cookie="a=b")


def asked(
    server: Receiver,
    *,
    url: str = f"https://{NAME}/",
    policy: Policy | None = None,
    world: World | None = None,
    context: ssl.SSLContext | None = None,
    **options: object,
) -> Answer:
    world = world or World()
    world.port = server.port
    request = Request(url=url, **options)  # type: ignore[arg-type]
    return ask(request, policy or Policy(), network=world, context=context or trusting())


def test_an_answer_has_its_status_its_headers_and_its_body() -> None:
    with receiving(OK, names=[NAME]) as server:
        answer = asked(server, url=f"https://{NAME}/a/b?c=d")

    assert (answer.status, answer.body, answer.is_cut) == (200, b"hello", False)
    assert answer.headers["content-type"] == "text/plain"
    assert answer.url == f"https://{NAME}/a/b?c=d"


def test_a_server_is_asked_by_its_name_although_its_address_is_connected_to() -> None:
    world = World()
    with receiving(OK, names=[NAME]) as server:
        asked(server, world=world, method="POST", body=b"{}", headers={"X-One": "1"})

    (request,) = server.asked
    assert request.line == "POST / HTTP/1.1"
    assert request.headers["host"] == NAME
    assert request.headers["x-one"] == "1"
    assert "cookie" not in request.headers
    assert request.body == b"{}"
    assert world.connected == [PUBLIC]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_no_proxy_of_the_environment_has_a_say(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:1")

    with receiving(OK, names=[NAME]) as server:
        answer = asked(server)

    assert answer.status == 200


def test_a_long_answer_that_ends_with_its_connection_is_read_to_its_end() -> None:
    """http.client closes its socket once it knows that nothing else will come by it."""
    body = b"x" * 300_000
    with receiving(Told.plain(200, body, connection="close"), names=[NAME]) as server:
        answer = asked(server, size=1_000_000)

    assert answer.body == body
    assert not answer.is_cut


def test_an_answer_larger_than_asked_for_is_cut_and_says_so() -> None:
    with receiving(Told.plain(200, b"x" * 1000), names=[NAME]) as server:
        answer = asked(server, size=100)

    assert (len(answer.body), answer.is_cut) == (100, True)


@pytest.mark.parametrize("answer", [SILENT, Told(OK.raw, drip=True)])
def test_a_server_that_takes_its_time_is_left_when_the_time_is_up(answer: Told) -> None:
    with receiving(answer, names=[NAME]) as server:
        began = time.monotonic()
        with pytest.raises(Unreachable) as failed:
            asked(server, seconds=0.3)
        took = time.monotonic() - began

    assert failed.value.trouble is Trouble.TIMEOUT
    assert took < 2


def test_redirects_share_the_time_of_the_whole() -> None:
    slow = Told(Told.plain(302, location="/next").raw, drip=True)

    with receiving(slow, names=[NAME]) as server:
        with pytest.raises(Unreachable) as failed:
            asked(server, redirects=3, seconds=2)

        assert failed.value.trouble is Trouble.TIMEOUT
        assert len(server.asked) < 4


def test_a_certificate_for_another_name_is_not_accepted() -> None:
    with receiving(OK, names=[OTHER]) as server, pytest.raises(Unreachable) as failed:
        asked(server)

    assert failed.value.trouble is Trouble.TLS
    assert server.asked == []


def test_a_certificate_of_an_unknown_authority_is_not_accepted() -> None:
    with receiving(OK, names=[NAME]) as server, pytest.raises(Unreachable) as failed:
        asked(server, context=ssl.create_default_context())

    assert failed.value.trouble is Trouble.TLS


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b""])
def test_what_is_no_http_is_no_answer(raw: bytes) -> None:
    with receiving(Told(raw + b""), names=[NAME]) as server, pytest.raises(Unreachable) as failed:
        asked(server)

    assert failed.value.trouble in (Trouble.PROTOCOL, Trouble.CONNECTION)


def test_a_server_where_nobody_listens_is_unreachable() -> None:
    with pytest.raises(Unreachable) as failed:
        ask(Request(url=f"https://{NAME}/"), Policy(), network=World())

    assert failed.value.trouble is Trouble.CONNECTION


def test_the_next_address_is_tried_where_the_first_takes_no_connection() -> None:
    class FirstIsDown(World):
        def connect(self, address: str, *rest: object) -> object:  # type: ignore[override]
            if address == "2606:4700::1":
                self.connected.append(address)
                raise OSError(101, "Network is unreachable")
            return super().connect(address, *rest)  # type: ignore[arg-type]

    world = FirstIsDown({NAME: [["2606:4700::1", PUBLIC]]})
    with receiving(OK, names=[NAME]) as server:
        asked(server, world=world)

    assert world.connected == ["2606:4700::1", PUBLIC]


def test_a_redirect_is_followed_where_it_may_be() -> None:
    with receiving(Told.plain(301, location="/new?x=1"), OK, names=[NAME]) as server:
        answer = asked(server, redirects=3)

    assert answer.url == f"https://{NAME}/new?x=1"
    assert [request.line for request in server.asked] == [
        "GET / HTTP/1.1",
        "GET /new?x=1 HTTP/1.1",
    ]


def test_another_server_is_not_shown_what_was_meant_for_the_first() -> None:
    redirect = Told.plain(307, location=f"https://{OTHER}/")
    with receiving(redirect, OK, names=[NAME, OTHER]) as server:
        asked(server, redirects=1, headers={"Authorization": "x", "Accept": "text/html"})

    assert server.asked[0].headers["authorization"] == "x"
    assert "authorization" not in server.asked[1].headers
    assert server.asked[1].headers["accept"] == "text/html"
    assert server.asked[1].headers["host"] == OTHER


def test_a_redirect_is_the_answer_where_none_is_to_be_followed() -> None:
    with receiving(Told.plain(302, location="https://127.0.0.1/"), names=[NAME]) as server:
        answer = asked(server, method="POST", body=b"{}", redirects=0)

    assert (answer.status, len(server.asked)) == (302, 1)


def test_what_was_posted_is_not_sent_anywhere_else() -> None:
    with receiving(Told.plain(307, location=f"https://{OTHER}/"), names=[NAME]) as server:
        answer = asked(server, method="POST", body=b"secret", redirects=3)

    assert (answer.status, len(server.asked)) == (307, 1)


def test_a_fourth_redirect_is_one_too_many() -> None:
    with receiving(Told.plain(302, location="/on"), names=[NAME]) as server:
        with pytest.raises(Refused, match="more than 3 times"):
            asked(server, redirects=3)

        assert len(server.asked) == 4


def test_plain_http_is_asked_for_explicitly() -> None:
    with receiving(OK) as server:
        with pytest.raises(Refused):
            asked(server, url=f"http://{NAME}/")
        answer = asked(server, url=f"http://{NAME}/", policy=Policy(http=True))

    assert answer.status == 200
    assert len(server.asked) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/"])
def test_this_machine_is_asked_where_a_developer_has_allowed_it(url: str) -> None:
    with receiving(OK) as server:
        here = url.format(port=server.port)
        answer = ask(Request(url=here), Policy(local=True))
        with pytest.raises(Refused):
            ask(Request(url=here), Policy())

    assert answer.body == b"hello"


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "https://169.254.169.254/", "http://public.example:8080/"]
)
def test_a_developer_has_allowed_nothing_else(url: str) -> None:
    world = World()

    with pytest.raises(Refused):
        ask(Request(url=url), Policy(local=True), network=world)

    assert world.connected == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "x"},
        {"Content-Length": "0"},
        {"Proxy-Authorization": "x"},
        {"Cookie": "x"},
        {"X": "a\r\nY: b"},
        {"X Y": "a"},
        {"X:": "a"},
    ],
)
def test_headers_that_are_not_the_callers_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refused):
        ask(Request(url=f"https://{NAME}/", headers=headers), Policy(), network=World())


def test_a_method_that_nobody_needs_is_refused() -> None:
    with pytest.raises(Refused):
        ask(Request(url=f"https://{NAME}/", method="CONNECT"), Policy(), network=World())


@pytest.mark.parametrize(
    ("url", "policy", "is_fine"),
    [
        ("https://hooks.example/x", Policy(), True),
        ("https://1.1.1.1/x", Policy(), True),
        ("http://hooks.example/x", Policy(), False),
        ("https://hooks.example:444/", Policy(), False),
        ("https://127.0.0.1/", Policy(), False),
        ("https://[::1]/", Policy(), False),
        ("http://127.0.0.1:8000/", Policy(local=True), True),
        ("http://localhost:8000/", Policy(local=True), True),
        ("http://10.0.0.1:8000/", Policy(local=True), False),
    ],
)
def test_a_url_is_judged_without_asking_any_resolver(
    url: str, policy: Policy, is_fine: bool
) -> None:
    if is_fine:
        assert check_url(url, policy).url == url
        return

    with pytest.raises(Refused):
        check_url(url, policy)
