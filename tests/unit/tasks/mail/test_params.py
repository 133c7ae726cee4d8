"""What a submission of a mail must look like; each wrong field is named."""

from typing import Any

import pytest

from tasks import registry
from tests.harness import Deployment
from windrow.errors import InvalidParams

TO = {"recipient_email": "ada@example.com"}
MAIL = {"to": "ada@example.com", "subject": "Hello", "text": "Hello Ada"}
ADDRESS = "must be one address such as ada@example.com, in ASCII"


def details(name: str, params: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidParams) as refused:
        registry.get(name).checked(params)
    return dict(refused.value.details)


@pytest.mark.parametrize(
    ("name", "params", "field", "said"),
    [
        ("email.send_confirmation", {"fir_id": "f", "recipient_email": "a"}, "recipient_email", ""),
        ("email.send_confirmation", {**TO, "fir_id": 7}, "fir_id", "text"),
        ("email.send_confirmation", {**TO, "fir_id": "f\nBcc: e"}, "fir_id", "must be one line"),
        ("email.send_confirmation", {**TO, "fir_id": "=?utf-8?q?f?="}, "fir_id", "encoded word"),
        ("email.send_fir_confirmation", TO, "fir_id", "a value"),
        ("email.send_notification", {**TO, "subject": "s"}, "message", "a value"),
        ("email.send_notification", {**TO, "subject": "s", "message": " "}, "message", "must say"),
        ("email.send_message", {**MAIL, "cc": "eve@example.com"}, "cc", "no field of this name"),
        ("email.send_message", {**MAIL, "reply_to": "a@b\nBcc: e"}, "reply_to", ADDRESS),
        ("email.send_message", {**MAIL, "text": None}, "params", "must have a text, or html"),
        (
            "email.send_message",
            {**MAIL, "attachments": [{"filename": "a.txt", "content_base64": "%"}]},
            "attachments.0.content_base64",
            "must be base64",
        ),
        (
            "email.send_message",
            {**MAIL, "attachments": [{"filename": "a.txt"}]},
            "attachments.0",
            "must have either content_base64 or report",
        ),
    ],
)
def test_a_wrong_field_is_named(name: str, params: dict[str, Any], field: str, said: str) -> None:
    assert said in details(name, params)[field]


def test_a_submission_over_http_is_refused_by_the_field(deployment: Deployment) -> None:
    answer = deployment.http(
        "POST",
        "/v1/tasks",
        body='{"task": "email.send_notification", "params": {"recipient_email": "ada"}}',
        headers={"content-type": "application/json"},
    )

    assert answer.status == 422
    assert {each["field"] for each in answer.json()["errors"]} == {
        "params.message",
        "params.recipient_email",
        "params.subject",
    }
