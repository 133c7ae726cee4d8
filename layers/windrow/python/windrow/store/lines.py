"""The lines of an object, read piece by piece: however large it is, memory holds two pieces."""

from collections.abc import Iterator
from io import BytesIO

from windrow.errors import TooLarge
from windrow.store.bucket import Bucket

PIECE = 4 * 1024 * 1024


def lines(
    bucket: Bucket, key: str, *, longest: int, offset: int = 0, etag: str | None = None
) -> Iterator[bytes]:
    """Each line of an object from a byte on, its end included; the last one may have none.

    A line ends at a newline and nowhere else. With `etag` only that version is read: raises
    ObjectChanged when it is not there any more. Raises TooLarge for a line longer than `longest`.
    """
    rest = b""
    size = offset + 1
    while offset < size:
        piece = bucket.piece(key, offset, PIECE, etag)
        size, offset = piece.size, offset + len(piece.body)
        for line in BytesIO(rest + piece.body):
            if len(line) > longest:
                raise TooLarge("line", len(line), longest)
            rest = b"" if line.endswith(b"\n") else line
            if not rest:
                yield line
    if rest:
        yield rest
