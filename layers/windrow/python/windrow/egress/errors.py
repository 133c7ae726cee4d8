"""How a request to the outside can fail.

Refused        it may not be made, and asking again will not help
Unreachable    nobody answered, or not in time, or not in HTTP: another try may help
"""

from enum import StrEnum
from typing import ClassVar

from windrow.errors import WindrowError


class Refused(WindrowError):
    """A request was not made, because of where it would have gone. Says no address of ours."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"The request was refused: {why}.")


class Trouble(StrEnum):
    """What went wrong on the way."""

    NAME = "name"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


class Unreachable(WindrowError):
    """No answer came."""

    retryable: ClassVar[bool] = True

    def __init__(self, trouble: Trouble, why: str) -> None:
        self.trouble = trouble
        self.why = why
        super().__init__(f"No answer came ({trouble}): {why}.")
