"""What may stand in a mail, and what would let its writer address it anew."""

import pytest

from tasks.mail import checks


@pytest.mark.parametrize(
    "text",
    ["ada@example.com", "ada+b.c@mail.example.co.uk", "o'neil_1@xn--bcher-kva.example"],
)
def test_an_address_is_taken_as_it_is(text: str) -> None:
    assert checks.address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@localhost",
        "ada@127.0.0.1",
        "ada@[127.0.0.1]",
        "ada@example..com",
        "ada@-example.com",
        "a..da@example.com",
        ".ada@example.com",
        '"ada b"@example.com',
        "ada@example.com ",
        "Ada <ada@example.com>",
        "ada@example.com, eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\n",
        "ada\x00@example.com",
        "bücher@example.com",
        "ada@bücher.example",
        f"{'a' * 65}@example.com",
        f"ada@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.example",
    ],
)
def test_what_is_not_one_bare_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="one address such as"):
        checks.address(text)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00"])
def test_nothing_that_ends_a_line_passes_in_a_subject_or_a_files_name(end: str) -> None:
    injected = f"Hello{end}Bcc: eve@example.com"

    with pytest.raises(ValueError, match="one line"):
        checks.subject(injected)
    with pytest.raises(ValueError, match="one line"):
        checks.filename(injected)


@pytest.mark.parametrize(
    "text",
    ["=?utf-8?q?a=0D=0ABcc:_eve@example.com?=", "Hello =?nope?x?y z?= you", "=?utf-8?b?w6k=?="],
)
def test_nothing_passes_that_readers_would_decode_to_other_letters(text: str) -> None:
    for check in (checks.subject, checks.filename, checks.literal):
        with pytest.raises(ValueError, match="encoded word"):
            check(text)


@pytest.mark.parametrize("text", ["", "  ", "s" * 256, "half of a pair \ud83d"])
def test_a_subject_says_something_in_a_few_words(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        checks.subject(text)


@pytest.mark.parametrize("text", ["", ".", "..", "a/b.pdf", "..\\b.pdf", 'a".pdf', "f" * 256])
def test_a_files_name_leads_nowhere(text: str) -> None:
    with pytest.raises(ValueError, match="a file's name"):
        checks.filename(text)


def test_a_subject_and_a_files_name_may_be_in_any_script() -> None:
    assert checks.subject("Grüße, 日本 🌾") == "Grüße, 日本 🌾"
    assert checks.subject("Is 2+2=? Really?") == "Is 2+2=? Really?"
    assert checks.filename("relatório de março.pdf") == "relatório de março.pdf"
