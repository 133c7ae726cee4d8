"""Task ids: 26 characters of Crockford's base32, sortable by time unless derived from a key."""

import hashlib
import re
from datetime import datetime

# https://www.crockford.com/base32.html: no I, L, O, U, so an id survives being read aloud.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
ID = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
RANDOM_BITS = 80


def new_id(now: datetime, random_bits: int) -> str:
    """A ULID: 48 bits of milliseconds, then 80 random bits (https://github.com/ulid/spec)."""
    milliseconds = int(now.timestamp() * 1000)
    return _encoded(milliseconds << RANDOM_BITS | random_bits % (1 << RANDOM_BITS))


def derived_id(tenant: str, key: str) -> str:
    """The one id of a key: who submits the same key again meets the same task."""
    digest = hashlib.sha256(f"{tenant}\n{key}".encode()).digest()
    return _encoded(int.from_bytes(digest) >> (256 - 5 * LENGTH))


def _encoded(number: int) -> str:
    characters = []
    for _ in range(LENGTH):
        characters.append(ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(characters))
