"""A reminder that is sent half a minute after it was asked for."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tasks.examples.names import REMINDER
from tasks.examples.settings import Settings
from tasks.examples.times import naive
from windrow import Context, task
from windrow.aws.dynamodb import encoded

DELAY = timedelta(seconds=30)
KEPT = timedelta(days=30)

Address = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[^\s@,;:<>\"()\\]+@[^\s@,;:<>\"()\\]+$",
        description="An e-mail address",
        examples=["ada@example.com"],
    ),
]


class Reminder(BaseModel):
    """Whom to remind."""

    model_config = ConfigDict(extra="forbid", strict=True)

    to: Address | None = Field(default=None, description="Left out: whoever the deployment names")


@task(REMINDER, params=Reminder)
def send_reminder(context: Context, params: Reminder) -> dict[str, str]:
    """Leave the reminder in the outbox: one row for one task, however often it is attempted."""
    sent = naive(context.clock.now())
    row = {
        "PK": f"REMINDERS#{context.tenant}",
        "SK": context.task_id,
        "to": params.to,
        "sent_at": sent,
        "expires": round((context.clock.now() + KEPT).timestamp()),
    }
    table = Settings.from_environment().table
    context.transact("reminder", [{"Put": {"TableName": table, "Item": encoded(row)}}])
    return {"notification": "Reminder sent", "timestamp": sent}
