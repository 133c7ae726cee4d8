"""A mail on its way: the message, its sender, and a name that stays the same over all tries."""

from dataclasses import dataclass
from hashlib import sha256

from tasks.mail.message import Message

# Whoever receives a mail twice can tell by this header that it is one mail. SES writes a Message-ID
# of its own over ours; a header of ours it leaves alone.
HEADER = "X-Windrow-Mail"
# The tag by which SES tells of a mail's fate: deliveries, bounces, complaints.
TAG = "windrow-task"


@dataclass(frozen=True, slots=True)
class Letter:
    """What a transport is given; `number` is made from the task and the step alone."""

    message: Message
    sender: str
    task: str
    number: str

    @property
    def message_id(self) -> str:
        """As in the header Message-ID."""
        return f"<{self.number}@{self.sender.rpartition('@')[2]}>"


def numbered(task: str, key: str) -> str:
    """The number of a mail: its task, so that it can be found, and which of the task's mails."""
    return f"{task}.{sha256(key.encode()).hexdigest()[:16]}"
