"""An HTTP server on this machine that answers as the two APIs do, on their good and bad days."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tasks.countries.upstreams.rates_cache import CachedRates


@dataclass(frozen=True)
class Answer:
    """What the server sends; `missing` bytes of the promised body never come."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0
    silent: bool = False
    """Takes the request and says nothing at all."""

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class QuietServer(ThreadingHTTPServer):
    # So that closing waits for the threads of silent answers, which `over` wakes.
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may leave in the middle of an answer."""


class UpstreamServer:
    """Gives its answers in order, the last one again and again, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[Request] = []
        self.over = threading.Event()
        self._server = QuietServer(("127.0.0.1", 0), handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/api"

    def will_answer(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def handler_of(server: UpstreamServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            server.requests.append(Request(parts.path, query, dict(self.headers)))
            answer = server.next_answer()
            if answer.silent:
                server.over.wait()
                return
            body = answer.content()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + answer.missing))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = answer.missing > 0

        def log_message(self, *_: Any) -> None:
            """Tests are silent."""

    return Handler


@contextmanager
def upstream_server() -> Iterator[UpstreamServer]:
    server = UpstreamServer()
    try:
        yield server
    finally:
        server.close()


def country(number: int, **changes: Any) -> dict[str, Any]:
    """A country as restcountries v5 writes it."""
    return {
        "names": {"common": f"Country {number}"},
        "capitals": [{"name": f"Capital {number}", "attributes": {"primary": True}}],
        "region": "Africa",
        "population": 1000 + number,
        "flag": {"url_svg": f"https://flags.example/{number}.svg"},
        "currencies": [{"code": "NGN", "name": "Nigerian naira", "symbol": "₦"}],
    } | changes


def page(countries: list[dict[str, Any]], *, total: int = 250, more: bool = True) -> Answer:
    meta = {"total": total, "count": len(countries), "limit": 100, "more": more, "request_id": "r"}
    return Answer({"data": {"objects": countries, "meta": meta}})


def three_pages() -> list[Answer]:
    """All 250 countries, as the free plan gives them."""
    countries = [country(number) for number in range(250)]
    return [
        page(countries[:100]),
        page(countries[100:200]),
        page(countries[200:], more=False),
    ]


def deprecated() -> Answer:
    """What versions 1 to 4 of restcountries answer to everything, with a status of 200."""
    message = "This API version has been deprecated. Please migrate to v5."
    return Answer({"success": False, "data": None, "errors": [{"message": message}]})


def codes(count: int) -> list[str]:
    """Made-up currency codes: AAA, AAB, ..."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return ["A" + letters[number // 26] + letters[number % 26] for number in range(count)]


def rates(**changes: Any) -> Answer:
    """A good answer of open.er-api.com: updated on 22 November 2026, new again the day after."""
    return Answer(
        {
            "result": "success",
            "provider": "https://www.exchangerate-api.com",
            "time_last_update_unix": 1795305751,
            "time_next_update_unix": 1795392151,
            "time_eol_unix": 0,
            "base_code": "USD",
            "rates": {"USD": 1, "EUR": 0.895095, "NGN": 1500.25} | dict.fromkeys(codes(157), 2.5),
        }
        | changes
    )


@dataclass
class FakeClock:
    """A clock that stands still but for the waits asked of it, which it keeps."""

    time: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)
    waits: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        return self.time

    def sleep(self, duration: timedelta) -> None:
        self.waits.append(duration)
        self.time += duration


class MemoryRatesCache:
    """A cache of the test's own making."""

    def __init__(self, kept: CachedRates | None = None) -> None:
        self.kept = kept

    def get(self) -> CachedRates | None:
        return self.kept

    def put(self, rates_json: str, until: datetime) -> None:
        self.kept = CachedRates(rates_json, until)
