"""The text of an HTML page from its bytes: by its header, its mark, its own words, or a guess."""

import codecs
import re

MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# https://html.spec.whatwg.org/#determining-the-character-encoding: it stands in the first kilobyte.
DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.I)
NAMED = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{1,40})", re.I)
# What browsers take these for: https://encoding.spec.whatwg.org/#names-and-labels
READ_AS = {"iso8859-1": "cp1252", "ascii": "cp1252"}


def decoded(body: bytes, content_type: str) -> str:
    """The text; what is no character of its encoding becomes U+FFFD."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    named = NAMED.search(content_type)
    declared = DECLARED.search(body[:1024])
    for label in (named[1] if named else "", declared[1].decode() if declared else ""):
        if codec := _codec(label):
            return body.decode(codec, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _codec(label: str) -> str | None:
    """The codec of a label, if it is one of texts: Python also calls zip an encoding."""
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    is_text: bool = getattr(found, "_is_text_encoding", True)
    if not is_text or found.name in ("idna", "punycode", "unicode_escape", "undefined"):
        return None
    return READ_AS.get(found.name, found.name)
