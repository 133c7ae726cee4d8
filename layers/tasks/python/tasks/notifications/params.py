"""What a notification says, and to whom: the body of the request, and the params of the task."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tasks.mail.params import Address, Said, Subject

# With its JSON around it a notification stays below the 10 KB that an event tells with it, unless
# its letters take four bytes each; then the event says where to read it.
LONGEST = 5000


class Notification(BaseModel):
    """What to tell. Nothing is needed."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"title": "Backup done", "message": "12 GB in 4 minutes."}]
        },
    )

    title: Subject = "Notification"
    message: Annotated[Said, Field(max_length=LONGEST)] = (
        "Something has happened that you wanted to know of."
    )
    email: Address | None = Field(
        default=None, description="Who gets it by mail; left out: whoever the deployment names"
    )
