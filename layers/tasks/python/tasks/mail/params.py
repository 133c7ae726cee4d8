"""What the tasks of the mail are given. The API imports this: no library of mail here."""

from base64 import b64decode
from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tasks.mail import checks
from tasks.mail.message import LARGEST_BODY, MOST_ATTACHMENTS

LONGEST_KEY = 1024


def _with(check: Callable[[str], str]) -> AfterValidator:
    """A check of ours as pydantic's: its own words would begin with "Value error"."""

    def validate(text: str) -> str:
        try:
            return check(text)
        except ValueError as error:
            raise PydanticCustomError("mail", "{said}", {"said": str(error)}) from None

    return AfterValidator(validate)


def _line(text: str) -> str:
    if checks.CONTROL.search(text) or not text.strip():
        raise ValueError("must be one line that says something")
    return checks.literal(text)


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("must say something")
    return checks.encodable(text)


def _base64(text: str) -> str:
    try:
        b64decode(text, validate=True)
    except ValueError:
        raise ValueError("must be base64") from None
    return text


Address = Annotated[str, _with(checks.address)]
Subject = Annotated[str, _with(checks.subject)]
Said = Annotated[str, _with(_said)]
Body = Annotated[Said, Field(max_length=LARGEST_BODY)]


class _Params(BaseModel):
    # Texts as they are, and no field that we do not know.
    model_config = ConfigDict(extra="forbid", strict=True)


class Confirmation(_Params):
    """Of `email.send_confirmation` and `email.send_fir_confirmation`."""

    fir_id: Annotated[str, Field(max_length=100), _with(_line)]
    recipient_email: Address


class Notification(_Params):
    """Of `email.send_notification`: a subject, and what it is about in plain text."""

    recipient_email: Address
    subject: Subject
    message: Body


class File(_Params):
    """A file that goes with a mail: its content, or the key of a report of this deployment."""

    filename: Annotated[str, _with(checks.filename)]
    content_base64: Annotated[str, _with(_base64)] | None = None
    report: Annotated[str, Field(max_length=LONGEST_KEY), _with(_line)] | None = None

    @model_validator(mode="after")
    def _has_one_content(self) -> Self:
        if (self.content_base64 is None) == (self.report is None):
            raise PydanticCustomError("mail", "must have either content_base64 or report")
        return self


class Mail(_Params):
    """Of `email.send_message`: any mail to one address, with a text, an HTML body, or both."""

    to: Address
    subject: Subject
    text: Body | None = None
    html: Body | None = None
    attachments: Annotated[list[File], Field(max_length=MOST_ATTACHMENTS)] = []
    reply_to: Address | None = None

    @model_validator(mode="after")
    def _has_a_body(self) -> Self:
        if self.text is None and self.html is None:
            raise PydanticCustomError("mail", "must have a text, or html")
        return self
