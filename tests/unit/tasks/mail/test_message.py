"""A mail as an application writes it: what cannot be sent is refused before anybody is asked."""

from typing import Any

import pytest

from tasks.mail.message import (
    LARGEST_ATTACHMENTS,
    LARGEST_BODY,
    MOST_ATTACHMENTS,
    Attachment,
    InvalidMessage,
    Message,
)
from tasks.mail.templates import written
from windrow.errors import is_retryable

WHOLE = {"to": "ada@example.com", "subject": "Hello", "text": "Hello Ada"}
SMALL = Attachment("a.txt", b"a")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"to": "ada@example.com\nBcc: eve@example.com"}, "one address"),
        ({"reply_to": "eve"}, "one address"),
        ({"subject": "Hello\nBcc: eve@example.com"}, "one line"),
        ({"text": None}, "neither a text nor an HTML body"),
        ({"text": " \n"}, "neither a text nor an HTML body"),
        ({"text": "t" * (LARGEST_BODY + 1)}, "more than 1,000,000 bytes"),
        ({"html": "ü" * LARGEST_BODY}, "more than 1,000,000 bytes"),
        ({"html": "half of a pair \ud83d"}, "UTF-8"),
        ({"attachments": (Attachment("../a", b""),)}, "a file's name"),
        ({"attachments": (SMALL,) * (MOST_ATTACHMENTS + 1)}, "this one has 21 of 21"),
        ({"attachments": (Attachment("a", b"a" * LARGEST_ATTACHMENTS), SMALL)}, "10,000,001"),
    ],
)
def test_what_cannot_be_sent_is_refused_for_good(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidMessage, match=said) as refused:
        Message(**{**WHOLE, **change})

    assert not is_retryable(refused.value)


@pytest.mark.parametrize(
    ("filename", "kind"),
    [
        ("Report.PDF", "application/pdf"),
        ("r.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("r.csv", "text/csv"),
        ("r.csv.gz", "application/octet-stream"),
        ("mail.eml", "application/octet-stream"),
        ("README", "application/octet-stream"),
    ],
)
def test_the_name_of_a_file_tells_its_type(filename: str, kind: str) -> None:
    assert Attachment(filename, b"").content_type == kind


def test_what_is_put_into_html_is_escaped_and_into_text_is_not() -> None:
    mail = written(
        "notification", "ada@example.com", subject="a < b & c", message="<script>alert(1)</script>"
    )

    assert mail.html is not None
    assert "<script>" not in mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in mail.html
    assert "<title>a &lt; b &amp; c</title>" in mail.html
    assert mail.subject == "a < b & c"
    assert mail.text is not None
    assert mail.text.startswith("<script>alert(1)</script>\n")


def test_a_name_that_a_template_misses_is_an_error() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="fir_id"):
        written("confirmation", "ada@example.com", fir="fir_12345")
