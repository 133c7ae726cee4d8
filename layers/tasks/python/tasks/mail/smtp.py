"""Hand a letter to an SMTP server: the sink of the local stack, or a relay within reach."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from tasks.mail.errors import MailDeferred, MailRefused
from tasks.mail.letter import HEADER, Letter
from tasks.mail.settings import Relay

# For each answer of the server. A worker has a minute, and a server that hangs holds it.
SECONDS = 10.0


def send(relay: Relay, letter: Letter, now: datetime) -> str:
    """Have the server take a letter; its Message-ID. Raises MailRefused, MailDeferred."""
    with _told(), smtplib.SMTP(relay.host, relay.port, timeout=SECONDS) as server:
        server.send_message(mime(letter, now), letter.sender, [letter.message.to])
    return letter.message_id


def mime(letter: Letter, now: datetime) -> EmailMessage:
    """The letter as it is sent: a text with its HTML alternative, and files beside them."""
    message = letter.message
    made = EmailMessage(policy=SMTP)
    made["From"] = letter.sender
    made["To"] = message.to
    made["Subject"] = message.subject
    if message.reply_to:
        made["Reply-To"] = message.reply_to
    made["Date"] = format_datetime(now)
    made["Message-ID"] = letter.message_id
    made[HEADER] = letter.number
    if message.text is not None:
        made.set_content(message.text)
        if message.html is not None:
            made.add_alternative(message.html, subtype="html")
    else:
        made.set_content(message.html, subtype="html")
    for each in message.attachments:
        main, _, sub = each.content_type.partition("/")
        made.add_attachment(each.content, maintype=main, subtype=sub, filename=each.filename)
    return made


@contextmanager
def _told() -> Iterator[None]:
    """What the server said, as one of the mail's own errors: 4xx is for now, 5xx for good."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        # One recipient a mail, so all of them were refused.
        ((code, said),) = error.recipients.values()
        raise _failure(code, said) from error
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused(f"The mail server cannot take this mail: {error}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailDeferred(f"The mail server did not answer ({error}).") from error


def _failure(code: int, said: bytes | str) -> MailDeferred | MailRefused:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    kind = MailRefused if 500 <= code < 600 else MailDeferred
    return kind(f"The mail server answered {code} {' '.join(text.split())}.")
