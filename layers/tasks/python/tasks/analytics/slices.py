"""An object of rows cut into slices of whole rows, so that each can be read by itself.

In CSV a line break between quotes is no end of a row. Quotes come in pairs there, so a row ends
where a line does and the number of quotes before is even (RFC 4180).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from windrow.aws.errors import ServiceError
from windrow.errors import InvalidItems
from windrow.store.bucket import Bucket, Piece

SLICE = 1024 * 1024
LARGEST = 1_000_000_000
MOST_COLUMNS = 200
# A cell may be as long as its row, and that as a slice; the module's own limit is 131,072.
csv.field_size_limit(SLICE)


@dataclass(frozen=True, slots=True)
class Slice:
    """Some whole rows of an object, of the version that was seen when it was cut.

    columns  the header of CSV; none of JSON Lines, whose rows say it themselves
    """

    number: int
    key: str
    etag: str
    offset: int
    length: int
    columns: tuple[str, ...] | None


def slices(bucket: Bucket, tenant: str, key: str, *, is_csv: bool) -> Iterator[Slice]:
    """Every slice of an object, about a megabyte each. It is read once, a slice at a time.

    Raises InvalidItems for an object that is not there or not the tenant's, that is too large, or
    has a row which no slice can hold.
    """
    if not key.startswith(f"items/{tenant}/"):
        raise InvalidItems(key, f"it does not lie under items/{tenant}/")
    first = _first(bucket, key)
    if first.size > LARGEST:
        raise InvalidItems(key, f"it has {first.size:,} bytes, and {LARGEST:,} are the most")
    columns, offset = _header(key, first.body) if is_csv and first.body else (None, 0)
    number = 0
    while offset < first.size:
        body = bucket.slice(key, offset, SLICE, first.etag)
        is_last = offset + len(body) >= first.size
        length = len(body) if is_last else end_of_rows(body, is_csv=is_csv)
        if not length:
            raise InvalidItems(key, f"the row at byte {offset:,} is longer than {SLICE:,} bytes")
        yield Slice(number, key, first.etag, offset, length, columns)
        number, offset = number + 1, offset + length


def end_of_rows(body: bytes, *, is_csv: bool) -> int:
    """Up to where whole rows go, in bytes that begin with one; 0 when there is none."""
    end = body.rfind(b"\n") + 1
    if not is_csv:
        return end
    quotes = body.count(b'"', 0, end)
    while end and quotes % 2:
        before = body.rfind(b"\n", 0, end - 1) + 1
        quotes -= body.count(b'"', before, end)
        end = before
    return end


def _first(bucket: Bucket, key: str) -> Piece:
    try:
        return bucket.piece(key, 0, SLICE)
    except ServiceError as error:
        if error.code == "NoSuchKey":
            raise InvalidItems(key, "there is no such object") from error
        raise


def _header(key: str, body: bytes) -> tuple[tuple[str, ...], int]:
    """The names of the columns, and where the rows begin."""
    end = body.find(b"\n") + 1
    while end and body.count(b'"', 0, end) % 2:
        end = body.find(b"\n", end) + 1
    end = end or len(body)
    text = body[:end].decode("utf-8-sig", "replace")
    columns = tuple(next(csv.reader(StringIO(text, newline="")), []))
    if not columns or len(columns) > MOST_COLUMNS or len(set(columns)) < len(columns):
        expected = f"its header must be 1 to {MOST_COLUMNS} different names"
        raise InvalidItems(key, f"{expected}, and it is {text.strip()[:100]!r}")
    return columns, end
