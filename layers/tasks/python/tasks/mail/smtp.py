"""Hand a letter to an SMTP server: the sink of the local stack, or a relay within reach."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from tasks.mail.errors import MailDeferred, MailRefused
from tasks.mail.letter import HEADER, Letter
from tasks.mail.settings import Relay
from windrow.clock import Clock

# For each answer until the mail itself is asked for. A worker has a minute, and a server that hangs
# holds it.
SECONDS = 10.0
# For the answer to QUIT, which nothing depends on.
GOODBYE_SECONDS = 1.0
# What is kept of an attempt to note that the mail is sent; and with less left than that for the
# server's last answer a mail is not begun.
MARGIN = timedelta(seconds=5)
LEAST = timedelta(seconds=5)


def send(relay: Relay, letter: Letter, clock: Clock, until: datetime) -> str:
    """Have the server take a letter; its Message-ID. `until` is when the attempt is cut off.

    Raises MailRefused, MailDeferred.
    """
    with _told(), _connected(relay, lambda: until - MARGIN - clock.now()) as server:
        server.send_message(mime(letter, clock.now()), letter.sender, [letter.message.to])
    return letter.message_id


class _Server(smtplib.SMTP):
    """A server whose last answer is waited for as long as there is time.

    Once it has all of a mail it may take it although nobody waits any more, and it would then be
    sent again: RFC 5321, 4.5.3.2.6 wants ten minutes for this answer.
    """

    def __init__(self, relay: Relay, left: Callable[[], timedelta]) -> None:
        self._left = left
        super().__init__(relay.host, relay.port, timeout=SECONDS)

    def send(self, s: Any) -> None:
        """Commands are text; the mail itself is bytes."""
        if isinstance(s, str):
            super().send(s)
            return
        if self._left() < LEAST:
            raise MailDeferred("The mail server was too slow: no time was left for its answer.")
        self.wait(self._left().total_seconds())
        super().send(s)
        self.wait(max(self._left().total_seconds(), GOODBYE_SECONDS))

    def wait(self, seconds: float) -> None:
        """Wait so long for what comes now."""
        if self.sock is not None:
            self.sock.settimeout(seconds)


@contextmanager
def _connected(relay: Relay, left: Callable[[], timedelta]) -> Iterator[_Server]:
    """A server that is closed in the end. smtplib's own `with` fails where QUIT does: the mail is
    the server's by then, and would be sent again.
    """
    server = _Server(relay, left)
    try:
        yield server
        with suppress(smtplib.SMTPException, OSError):
            server.wait(GOODBYE_SECONDS)
            server.quit()
    finally:
        server.close()


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
