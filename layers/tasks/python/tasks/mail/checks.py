"""What may stand in a mail: pure checks, each of which says what it expected.

A line break in an address, a subject or the name of a file would begin a header of its own, and so
let whoever wrote it address the mail anew. No control character passes, and no encoded word, which
readers would decode: what is asked for is what arrives.
"""

import re

# RFC 5321, 4.5.3.1: 64 octets before the @, and 254 of an address in all (RFC 3696, erratum 1690).
LONGEST_LOCAL = 64
LONGEST_ADDRESS = 254
LONGEST_SUBJECT = 255
LONGEST_FILENAME = 255

# A dot-atom (RFC 5322, 3.2.3) at a name of DNS. No quoted local part: nobody has one, and readers
# of addresses disagree about them. No letters but ASCII's: SES takes them in neither part.
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(
    r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
# C0 and C1, DEL, and what Unicode calls the ends of lines and paragraphs.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
SURROGATE = re.compile("[\ud800-\udfff]")
# RFC 2047's =?utf-8?q?...?=, as widely as its most lenient readers have it: Python's makes other
# letters of it, among them the control characters above, and SES hands it on to be decoded.
ENCODED_WORD = re.compile(r"=\?.*\?=", re.DOTALL)


def address(text: str) -> str:
    """A mail address, bare, as `ada@example.com`. Raises ValueError."""
    local, _, domain = text.rpartition("@")
    is_one = (
        len(text) <= LONGEST_ADDRESS
        and len(local) <= LONGEST_LOCAL
        and LOCAL.fullmatch(local)
        and DOMAIN.fullmatch(domain)
    )
    if not is_one:
        raise ValueError(
            "must be one address such as ada@example.com, in ASCII"
            " (a domain in other letters is written xn--...)"
        )
    return text


def subject(text: str) -> str:
    """A subject. Raises ValueError."""
    if not text.strip() or len(text) > LONGEST_SUBJECT or CONTROL.search(text):
        raise ValueError(f"must be one line of 1 to {LONGEST_SUBJECT} characters")
    return literal(text)


def filename(text: str) -> str:
    """The name of an attached file, without a folder. Raises ValueError."""
    is_hidden = not text.strip(". ")
    if is_hidden or len(text) > LONGEST_FILENAME or CONTROL.search(text) or set(text) & set('/\\"'):
        raise ValueError(
            f"must be a file's name of 1 to {LONGEST_FILENAME} characters on one line,"
            " without slashes and quotes"
        )
    return literal(text)


def literal(text: str) -> str:
    """A text that means its own letters when it stands in a header. Raises ValueError."""
    if ENCODED_WORD.search(text):
        raise ValueError("must not hold an encoded word (=?...?=): write the letters that it means")
    return encodable(text)


def encodable(text: str) -> str:
    """A text that UTF-8 can hold: half of a surrogate pair is JSON, and no text. ValueError."""
    if SURROGATE.search(text):
        raise ValueError("must be text in UTF-8")
    return text
