"""A page's text from its bytes, whoever says how they are to be read."""

import pytest

from tasks.articles.charset import decoded

PAGE = "<p>Año: „Straße“ €</p>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PAGE.encode(), "text/html"),
        (PAGE.encode(), "text/html; charset=UTF-8"),
        (PAGE.encode("cp1252"), 'text/html; charset="ISO-8859-1"'),
        (PAGE.encode("cp1252"), "text/html; charset=us-ascii"),
        (PAGE.encode("cp1252"), "text/html"),
        (b'<meta charset="windows-1252">' + PAGE.encode("cp1252"), "text/html"),
        (b"<META content='text/html; charset=cp1252'>" + PAGE.encode("cp1252"), "text/html"),
        (b"\xef\xbb\xbf" + PAGE.encode(), "text/html; charset=latin-1"),
        (b"\xff\xfe" + PAGE.encode("utf-16-le"), "text/html"),
        (PAGE.encode(), "text/html; charset=nonsense"),
        (PAGE.encode(), "text/html; charset=zip"),
        (PAGE.encode(), "text/html; charset=idna"),
    ],
)
def test_a_page_is_read_as_it_was_written(body: bytes, content_type: str) -> None:
    assert decoded(body, content_type).endswith(PAGE)


def test_what_is_no_character_is_replaced() -> None:
    assert decoded(b"a\xffb", "text/html; charset=utf-8") == "a\ufffdb"
