"""The header Idempotency-Key: a client that repeats a request is given its first answer again.

As in https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/: any POST that
submits a task may take it. A second request with the same key meets the first one's task; with
another body it is answered 422.
"""

import re
from typing import Annotated

from fastapi import Depends, Header

from windrow.engine.submit import Submission
from windrow.errors import InvalidOption

HEADER = "Idempotency-Key"
PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")
# The keys of schedules and of deliveries: a client that guessed one would answer for their task.
RESERVED = ("schedule/", "webhook/")


def _checked(
    idempotency_key: Annotated[
        str | None,
        Header(
            description="1 to 255 printable ASCII characters that name this request: repeat it with"
            " the same key, and it is done once"
        ),
    ] = None,
) -> str | None:
    if idempotency_key is None:
        return None
    if not PRINTABLE.fullmatch(idempotency_key):
        raise InvalidOption(HEADER, "1 to 255 printable ASCII characters", idempotency_key)
    if idempotency_key.startswith(RESERVED):
        raise InvalidOption(
            HEADER, f"a key that does not start with {' or '.join(RESERVED)}", idempotency_key
        )
    return idempotency_key


# For the parameter of a route: `def create(key: IdempotencyKey) -> Response`.
IdempotencyKey = Annotated[str | None, Depends(_checked)]


def replayed(submission: Submission) -> dict[str, str]:
    """The header that tells a client that this answer is its first one again."""
    return {"Idempotent-Replayed": "true"} if submission.is_replay else {}
