"""Where mail is kept that the local stack sent: a file each, as it came."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

# So that names sort by time, and two stacks in one folder meet each other's no more than by sight.
NAME = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{8}")
KEPT = 1000


@dataclass(frozen=True, slots=True)
class Box:
    """A folder of mails, named by when they came; the oldest go when there are a thousand."""

    folder: Path

    def keep(self, content: bytes, came: datetime) -> str:
        """Store a mail; its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{came.astimezone(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}"
        # Whoever lists the folder meanwhile must not find half a mail.
        part = self.folder / f"{name}.part"
        part.write_bytes(content)
        part.rename(self.path(name))
        for old in self.names()[KEPT:]:
            self.path(old).unlink(missing_ok=True)
        return name

    def names(self) -> list[str]:
        """Every mail, the newest first."""
        stems = (path.stem for path in self.folder.glob("*.eml"))
        return sorted((stem for stem in stems if NAME.fullmatch(stem)), reverse=True)

    def raw(self, name: str) -> bytes | None:
        """A mail as it came; None if there is none of that name."""
        if not NAME.fullmatch(name):
            return None
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            return None

    def read(self, name: str) -> EmailMessage | None:
        """A mail, parsed; None if there is none of that name."""
        raw = self.raw(name)
        return None if raw is None else parsed(raw)

    def headers(self, name: str) -> EmailMessage | None:
        """The headers of a mail without the rest, of which there may be 40 MB."""
        try:
            with self.path(name).open("rb") as file:
                return BytesHeaderParser(policy=default).parse(file)
        except FileNotFoundError:
            return None

    def path(self, name: str) -> Path:
        """The file of a mail."""
        return self.folder / f"{name}.eml"


def parsed(raw: bytes) -> EmailMessage:
    """A mail's parts; one that is broken has those that there are."""
    return message_from_bytes(raw, policy=default)


def body(mail: EmailMessage, kind: str) -> str | None:
    """The text (`plain`) or the HTML (`html`) of a mail, whatever it was sent as."""
    part = mail.get_body((kind,))
    if part is None:
        return None
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        text = raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def files(mail: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """The name and the content of each attached file."""
    for number, part in enumerate(mail.iter_attachments(), 1):
        content = part.get_payload(decode=True)
        yield part.get_filename(f"file-{number}"), content if isinstance(content, bytes) else b""
