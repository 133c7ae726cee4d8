"""How sending a mail can fail, told apart by whether another try helps."""

from typing import ClassVar

from windrow.errors import WindrowError


class MailRefused(WindrowError):
    """The provider will not take this mail, however often it is asked."""


class MailDeferred(WindrowError):
    """The provider did not take this mail this time: it is busy, throttles, or was not reached."""

    retryable: ClassVar[bool] = True
