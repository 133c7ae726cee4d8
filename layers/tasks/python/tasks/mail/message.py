"""A mail as an application writes it, before anybody sends it."""

from dataclasses import dataclass

from tasks.mail import checks

# Of SES's 40 MB, which count what base64 adds: a worker holds a mail three times while it is sent.
LARGEST_BODY = 1_000_000
LARGEST_ATTACHMENTS = 10_000_000
MOST_ATTACHMENTS = 20
# What Python's list learnt in 3.14 only.
TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class InvalidMessage(ValueError):
    """A mail cannot be as it was written; another try does not mend it."""

    retryable = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail; its type is told by its name."""

    filename: str
    content: bytes

    @property
    def content_type(self) -> str:
        """By the name's ending; bytes for what we do not know, and for a mail or parts of one."""
        # Here, for only who sends asks. A copy of Python's own list: a machine has others.
        from mimetypes import MimeTypes

        kind, encoding = MimeTypes().guess_type(self.filename.lower())
        kind = kind or TYPES.get(self.filename.lower().rpartition(".")[2])
        is_whole = kind and not encoding and not kind.startswith(("message/", "multipart/"))
        return kind if kind and is_whole else "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail to one address, with a text, an HTML body, or both.

    Who writes to many sends each a mail: so a refused address concerns nobody else, and a mail is
    sent again to those alone who have none. Raises InvalidMessage for what cannot be sent.
    """

    to: str
    subject: str
    text: str | None = None
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None

    def __post_init__(self) -> None:
        try:
            checks.address(self.to)
            checks.subject(self.subject)
            if self.reply_to is not None:
                checks.address(self.reply_to)
            for each in self.attachments:
                checks.filename(each.filename)
            self._check_bodies()
        except ValueError as error:
            raise InvalidMessage(f"This mail cannot be sent: {error}.") from None
        size = sum(len(each.content) for each in self.attachments)
        if len(self.attachments) > MOST_ATTACHMENTS or size > LARGEST_ATTACHMENTS:
            raise InvalidMessage(
                f"A mail carries up to {MOST_ATTACHMENTS} files of {LARGEST_ATTACHMENTS:,} bytes in"
                f" all; this one has {len(self.attachments)} of {size:,}."
            )

    def _check_bodies(self) -> None:
        bodies = [body for body in (self.text, self.html) if body is not None]
        if not any(body.strip() for body in bodies):
            raise ValueError("it has neither a text nor an HTML body")
        for body in bodies:
            if len(checks.encodable(body).encode()) > LARGEST_BODY:
                raise ValueError(f"its body has more than {LARGEST_BODY:,} bytes")
