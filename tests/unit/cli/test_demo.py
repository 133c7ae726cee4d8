"""The demo ends well only when 250 countries came, and says otherwise what happened."""

import io
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest
from rich.console import Console

from tests.clock import FakeClock
from windrow.cli import demo
from windrow.local.errors import DemoFailed, EmulatorFailed


def status(processed: int, state: str = "running", error: str | None = None) -> dict[str, Any]:
    return {
        "is_running": state == "running",
        "status": state,
        "started_at": "2024-01-15T10:30:00",
        "completed_at": None,
        "countries_processed": processed,
        "error": error,
    }


def api(statuses: Iterable[dict[str, Any]], post: dict[str, Any] | None = None) -> httpx.Client:
    """An API whose refresh goes through these statuses; the last one stays."""
    remaining = list(statuses)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(202, json=post or {"status": "started"})
        return httpx.Response(200, json=remaining.pop(0) if len(remaining) > 1 else remaining[0])

    return httpx.Client(base_url="http://api.test", transport=httpx.MockTransport(answer))


def refresh(client: httpx.Client) -> str:
    """What is shown without a terminal while the refresh runs."""
    output = io.StringIO()
    demo.refresh(client, Console(file=output, highlight=False), nothing_wrong)
    return output.getvalue()


def nothing_wrong() -> None:
    """The stack is alive."""


def test_progress_is_plain_lines_without_a_terminal() -> None:
    shown = refresh(api([status(0), status(100), status(100), status(250, "completed")]))

    assert shown.split("\n") == [
        "  0 of 250 countries",
        "  100 of 250 countries",
        "  250 of 250 countries",
        "",
    ]


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (lambda: api([status(249, "completed")]), "with 249 countries, not 250"),
        (lambda: api([status(0, "error", "Failed to fetch")]), "'error': Failed to fetch"),
        (lambda: api([], {"status": "already_running"}), "did not start"),
    ],
)
def test_anything_but_250_countries_is_a_failure(
    client: Callable[[], httpx.Client], said: str
) -> None:
    with pytest.raises(DemoFailed, match=said):
        refresh(client())


def test_a_refresh_without_progress_is_given_up_after_a_minute() -> None:
    clock = FakeClock()
    started = clock.now()

    with pytest.raises(DemoFailed, match="no progress for 60 s, at 50 countries"):
        demo.follow(api([status(0), status(50)]), clock, lambda _: None, nothing_wrong)

    assert 60 <= (clock.now() - started).total_seconds() < 62


def test_a_stack_that_ends_meanwhile_is_not_waited_for(tmp_path: Any) -> None:
    def ended() -> None:
        raise EmulatorFailed("has ended", tmp_path)

    with pytest.raises(EmulatorFailed):
        demo.follow(api([status(0)]), FakeClock(), lambda _: None, ended)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(500, text="boom"), "answered 500: boom"),
        (httpx.Response(202, text="<html>"), "answered no JSON"),
    ],
)
def test_an_answer_that_is_none_is_said(answer: httpx.Response, said: str) -> None:
    transport = httpx.MockTransport(lambda _: answer)

    with pytest.raises(DemoFailed, match=said):
        refresh(httpx.Client(base_url="http://api.test", transport=transport))


def test_nulls_in_a_country_do_not_break_the_table() -> None:
    row = {
        "name": "Nowhere",
        "region": None,
        "population": 1000,
        "currency_code": None,
        "estimated_gdp": 0,
    }
    output = io.StringIO()

    Console(file=output, width=100).print(demo.table([row]))

    assert "Nowhere" in output.getvalue()
    assert "1,000" in output.getvalue()
