"""Which failures are the same one: their kind, and their message without what varies in it."""

import re
from hashlib import blake2b

from windrow.model.records import Failure

LONGEST = 200
# In this order: what is quoted may hold a number, an id may hold one too.
VARYING = (
    # Of an address its host says where it failed; the rest is each request's own.
    (re.compile(r"(https?://[^/\s'\"]+)[^\s'\"]*"), r"\1"),
    # Not the apostrophe within a word.
    (re.compile(r"(?<!\w)(['\"`])(?:(?!\1).)*\1(?!\w)"), "'…'"),
    # An id: a long word with a digit in it.
    (re.compile(r"\b(?=[\w-]*\d)[\w-]{8,}\b"), "#"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
    (re.compile(r"\s+"), " "),
)


def normalised(message: str) -> str:
    """A message without the numbers, ids and quoted values that vary; at most 200 characters."""
    for pattern, instead in VARYING:
        message = pattern.sub(instead, message)
    return message.strip()[:LONGEST]


def fingerprint(failure: Failure) -> str:
    """16 hexadecimal digits, the same for failures of one kind whose messages differ in values."""
    text = f"{failure.kind}\n{normalised(failure.message)}"
    return blake2b(text.encode(), digest_size=8).hexdigest()
