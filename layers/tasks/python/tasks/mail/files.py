"""The files that go with a mail, read."""

from base64 import b64decode
from collections.abc import Sequence

from tasks.mail.errors import MailRefused
from tasks.mail.message import LARGEST_ATTACHMENTS, Attachment
from tasks.mail.params import File
from tasks.mail.settings import Settings
from windrow import Context
from windrow.aws.errors import ServiceError

# A mail may carry what reports wrote for its own tenant, and no other object of the bucket.
REPORTS = "reports"
MISSING = frozenset({"NoSuchKey", "AccessDenied"})


def read(context: Context, files: Sequence[File]) -> tuple[Attachment, ...]:
    """The attachments with their content. Raises MailRefused, ServiceError, ConfigurationError."""
    return tuple(
        Attachment(
            each.filename,
            b64decode(each.content_base64)
            if each.content_base64 is not None
            else _report(context, each.report or ""),
        )
        for each in files
    )


def _report(context: Context, key: str) -> bytes:
    own = f"{REPORTS}/{context.tenant}/"
    if not key.startswith(own) or {"", ".", ".."} & set(key.split("/")):
        raise MailRefused(f"{key!r} is no report: the keys of this tenant's begin with {own!r}.")
    bucket = Settings.from_environment().bucket
    try:
        answer = context.aws.call("s3", "GetObject", {"Bucket": bucket, "Key": key})
    except ServiceError as error:
        if error.code in MISSING:
            raise MailRefused(f"There is no report {key!r}, or not any more.") from error
        raise
    if answer["ContentLength"] > LARGEST_ATTACHMENTS:
        raise MailRefused(
            f"The report {key!r} has {answer['ContentLength']:,} bytes, and a mail carries"
            f" {LARGEST_ATTACHMENTS:,}."
        )
    content: bytes = answer["Body"].read()
    return content
