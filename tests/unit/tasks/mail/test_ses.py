"""Mail through SES: what it is asked for, and what each of its errors leads to."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tasks.mail import ses
from tasks.mail.errors import MailDeferred, MailRefused
from tasks.mail.letter import Letter
from tasks.mail.message import Attachment, Message
from windrow.aws.boto import Boto

LETTER = Letter(
    Message(
        to="ada@example.com",
        subject="Your report",
        text="Here it is.",
        html="<p>Here it is.</p>",
        attachments=(Attachment("report.pdf", b"%PDF-"),),
        reply_to="office@example.com",
    ),
    sender="windrow@example.com",
    task="01KF0Q5M00E4Q8V0J8Z1X2Y3W4",
    number="01KF0Q5M00E4Q8V0J8Z1X2Y3W4.0123456789abcdef",
)
REQUEST = {
    "FromEmailAddress": "windrow@example.com",
    "Destination": {"ToAddresses": ["ada@example.com"]},
    "ReplyToAddresses": ["office@example.com"],
    "Content": {
        "Simple": {
            "Subject": {"Data": "Your report", "Charset": "UTF-8"},
            "Body": {
                "Text": {"Data": "Here it is.", "Charset": "UTF-8"},
                "Html": {"Data": "<p>Here it is.</p>", "Charset": "UTF-8"},
            },
            "Headers": [
                {
                    "Name": "X-Windrow-Mail",
                    "Value": "01KF0Q5M00E4Q8V0J8Z1X2Y3W4.0123456789abcdef",
                }
            ],
            "Attachments": [
                {
                    "FileName": "report.pdf",
                    "RawContent": b"%PDF-",
                    "ContentType": "application/pdf",
                    "ContentDisposition": "ATTACHMENT",
                    "ContentTransferEncoding": "BASE64",
                }
            ],
        }
    },
    "EmailTags": [{"Name": "windrow-task", "Value": "01KF0Q5M00E4Q8V0J8Z1X2Y3W4"}],
}


@pytest.fixture(scope="module")
def client() -> Any:
    """SES's own client, which checks every request against SES's model."""
    return boto3.client("sesv2", region_name="us-east-1")


def port(client: Any) -> Boto:
    return Boto(client=lambda service, config: client)


def test_ses_is_asked_once_for_the_whole_mail(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("send_email", {"MessageId": "0100-abc"}, REQUEST)

        taken = ses.send(port(client), LETTER)

        assert taken == "0100-abc"
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("MessageRejected", 400, MailRefused),
        ("MailFromDomainNotVerifiedException", 400, MailRefused),
        ("BadRequestException", 400, MailRefused),
        ("AccountSuspendedException", 400, MailRefused),
        ("SendingPausedException", 400, MailRefused),
        ("NotFoundException", 404, MailRefused),
        ("AccessDeniedException", 403, MailRefused),
        ("TooManyRequestsException", 429, MailDeferred),
        ("LimitExceededException", 400, MailDeferred),
        ("InternalFailure", 500, MailDeferred),
    ],
)
def test_a_refusal_is_for_good_and_a_throttle_is_not(
    client: Any, code: str, status: int, kind: type[Exception]
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("send_email", code, "the reason", http_status_code=status)

        with pytest.raises(kind, match=f"{code}: the reason"):
            ses.send(port(client), LETTER)


def test_ses_is_not_asked_again_because_its_answer_is_late() -> None:
    asked: dict[str, Any] = {}

    def made(service: str, config: Any) -> Any:
        asked[service] = config
        raise RuntimeError("that is all there is to see")

    for service in ("sesv2", "sns", "dynamodb"):
        with pytest.raises(RuntimeError):
            Boto(client=made).call(service, "SendEmail", {})

    tries = {service: config.retries["total_max_attempts"] for service, config in asked.items()}
    assert tries == {"sesv2": 1, "sns": 1, "dynamodb": 3}
