"""A reminder that is sent by mail, half a minute after it was asked for."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tasks.examples.names import REMINDER
from tasks.examples.times import naive
from tasks.mail.message import Message
from tasks.mail.names import POOL
from tasks.mail.params import Address
from tasks.mail.send import RETRY, send
from tasks.mail.settings import Settings
from windrow import Context, task

DELAY = timedelta(seconds=30)
SUBJECT = "Your reminder"


class Reminder(BaseModel):
    """Whom to remind."""

    model_config = ConfigDict(extra="forbid", strict=True)

    to: Annotated[
        Address | None,
        Field(
            description="A mail address; left out, that in whose name the deployment sends",
            examples=["ada@example.com"],
        ),
    ] = None


@task(REMINDER, params=Reminder, pool=POOL, retry=RETRY)
def send_reminder(context: Context, params: Reminder) -> dict[str, str]:
    """Send the mail, once for one task. It fails where the deployment has no name to send in."""
    asked = naive(context.created)
    mail = Message(
        to=params.to or Settings.from_environment().sender,
        subject=SUBJECT,
        text=f"At {asked} (UTC) you asked to be reminded. This is the reminder.\n",
    )
    send(context, mail)
    return {"notification": "Reminder sent", "timestamp": naive(context.clock.now())}
