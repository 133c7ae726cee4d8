"""Why an article gives no words: in the seed's form, for whoever asked."""

from typing import ClassVar

from windrow.errors import WindrowError


class NotFetched(WindrowError):
    """An article cannot be had, and asking again will not help."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Could not fetch article: {why}")


class NotFetchedYet(WindrowError):
    """An article could not be had this time; its server may ask for a longer wait than ours."""

    retryable: ClassVar[bool] = True

    def __init__(self, why: str, retry_after: str | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(f"Could not fetch article: {why}")


class NotUsable(WindrowError):
    """An article is there, and no words can be taken from it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Could not use article: {why}")
