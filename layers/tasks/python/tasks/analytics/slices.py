"""An object of rows cut into slices of whole rows, so that each can be read by itself.

In CSV a line break between quotes is no end of a row (RFC 4180). As for Python's reader of CSV, a
quote opens a field only where one begins, and another is a letter: 5" pipe.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from windrow.aws.errors import ServiceError
from windrow.errors import InvalidItems
from windrow.store.bucket import Bucket, Piece

SLICE = 1024 * 1024
LARGEST = 1_000_000_000
MOST_COLUMNS = 200
BOM = codecs.BOM_UTF8
# A cell may be as long as its row, and that as a slice; the module's own limit is 131,072.
csv.field_size_limit(SLICE)
# From where a field begins with a quote to its end: one that is not doubled, or none.
QUOTED = re.compile(rb'(?:\A|[,\r\n])(?P<field>"[^"]*+(?:""[^"]*+)*+(?:"|\Z))')


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
    limit = len(body)
    for begins, ends in reversed(list(_quoted(body)) if is_csv else []):
        if end := body.rfind(b"\n", ends, limit) + 1:
            return end
        limit = begins
    return body.rfind(b"\n", 0, limit) + 1


def _first(bucket: Bucket, key: str) -> Piece:
    try:
        return bucket.piece(key, 0, SLICE)
    except ServiceError as error:
        if error.code == "NoSuchKey":
            raise InvalidItems(key, "there is no such object") from error
        raise


def _header(key: str, body: bytes) -> tuple[tuple[str, ...], int]:
    """The names of the columns, and where the rows begin."""
    mark = len(BOM) if body.startswith(BOM) else 0
    end = mark + _end_of_line(body[mark:])
    text = body[mark:end].decode("utf-8", "replace")
    try:
        lines = [line for line in csv.reader(StringIO(text, newline=""), strict=True) if line]
    except csv.Error:
        lines = []
    if len(lines) > 1:
        raise InvalidItems(key, "its lines end with a carriage return alone; use LF, or CR LF")
    columns = tuple(lines[0]) if lines else ()
    if not columns or len(columns) > MOST_COLUMNS or len(set(columns)) < len(columns):
        expected = f"its header must be 1 to {MOST_COLUMNS} different names"
        raise InvalidItems(key, f"{expected}, and it is {text.strip()[:100]!r}")
    return columns, end


def _end_of_line(body: bytes) -> int:
    """Where the first row ends; all of it when it has no end."""
    begins = 0
    for quote, ends in _quoted(body):
        if end := body.find(b"\n", begins, quote) + 1:
            return end
        begins = ends
    return body.find(b"\n", begins) + 1 or len(body)


def _quoted(body: bytes) -> Iterator[tuple[int, int]]:
    """Where the quoted fields of CSV begin and end."""
    return (found.span("field") for found in QUOTED.finditer(body))
