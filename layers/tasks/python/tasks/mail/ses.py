"""Send a letter through Amazon SES: SendEmail of its second API, which makes the MIME itself."""

from typing import Any

from tasks.mail.errors import MailDeferred, MailRefused
from tasks.mail.letter import HEADER, TAG, Letter
from windrow.aws.errors import ServiceError, Unavailable
from windrow.aws.port import AWS

CHARSET = "UTF-8"
# Beside what the port knows to be passing: the account has sent as much as it may for today.
PASSING = frozenset({"LimitExceededException"})


def send(aws: AWS, letter: Letter) -> str:
    """Have SES take a letter; its id for it. Raises MailRefused, MailDeferred.

    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
    """
    try:
        answer = aws.call("sesv2", "SendEmail", request(letter))
    except ServiceError as error:
        is_passing = isinstance(error, Unavailable) or error.code in PASSING
        kind = MailDeferred if is_passing else MailRefused
        raise kind(f"SES did not take the mail: {error}") from error
    number: str = answer["MessageId"]
    return number


def request(letter: Letter) -> dict[str, Any]:
    """The parameters of SendEmail for a letter."""
    message = letter.message
    simple: dict[str, Any] = {
        "Subject": _part(message.subject),
        "Body": {
            **({"Text": _part(message.text)} if message.text is not None else {}),
            **({"Html": _part(message.html)} if message.html is not None else {}),
        },
        "Headers": [{"Name": HEADER, "Value": letter.number}],
    }
    if message.attachments:
        simple["Attachments"] = [
            {
                "FileName": each.filename,
                "RawContent": each.content,
                "ContentType": each.content_type,
                "ContentDisposition": "ATTACHMENT",
                "ContentTransferEncoding": "BASE64",
            }
            for each in message.attachments
        ]
    return {
        "FromEmailAddress": letter.sender,
        "Destination": {"ToAddresses": [message.to]},
        **({"ReplyToAddresses": [message.reply_to]} if message.reply_to else {}),
        "Content": {"Simple": simple},
        "EmailTags": [{"Name": TAG, "Value": letter.task}],
    }


def _part(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": CHARSET}
