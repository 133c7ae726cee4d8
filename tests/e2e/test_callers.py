"""No page of the web reaches the emulator, where it could run code; people reach the API."""

from urllib.parse import urlsplit

import pytest

from tests.e2e.raw import send
from windrow.local.stack import LocalStack

FUNCTIONS = "/2015-03-31/functions"
STATUS = "/api/v1/countries/refresh/status"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Content-Type": "text/plain"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "rebind.example"},
    ],
)
def test_a_page_can_make_no_function(stack: LocalStack, headers: dict[str, str]) -> None:
    before = len(stack.clients["lambda"].list_functions()["Functions"])

    answer = send(stack.aws_endpoint, "POST", FUNCTIONS, b'{"FunctionName": "evil"}', headers)

    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers
    assert len(stack.clients["lambda"].list_functions()["Functions"]) == before


def test_the_api_answers_a_browser(stack: LocalStack) -> None:
    headers = {"Origin": stack.url, "Sec-Fetch-Site": "same-origin"}

    assert send(stack.url, "GET", STATUS, headers=headers).status == 200


def test_the_api_answers_to_the_name_localhost(stack: LocalStack) -> None:
    localhost = f"localhost:{urlsplit(stack.url).port}"

    assert send(stack.url, "GET", STATUS, headers={"Host": localhost}).status == 200


def test_the_api_answers_to_no_name_that_was_made_to_lead_here(stack: LocalStack) -> None:
    assert send(stack.url, "GET", STATUS, headers={"Host": "rebind.example"}).status == 403
