"""The bucket: what is too large for a record. Items, params and results lie there."""

from dataclasses import dataclass
from datetime import timedelta

from windrow.aws.errors import ServiceError
from windrow.aws.port import SigningAWS
from windrow.errors import ConfigurationError, ObjectChanged

# What a read of a version says when that version is not there any more.
CHANGED = frozenset({"NoSuchKey", "PreconditionFailed"})


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of an object, the tag of the version they are of, and the size of all of it."""

    body: bytes
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects by key; writing one again replaces it."""

    aws: SigningAWS
    name: str | None

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store an object whole."""
        self.aws.call(
            "s3", "PutObject", {**self.at(key), "Body": body, "ContentType": content_type}
        )

    def get(self, key: str) -> bytes:
        """The whole object."""
        body: bytes = self.aws.call("s3", "GetObject", self.at(key))["Body"].read()
        return body

    def slice(self, key: str, offset: int, length: int, etag: str | None = None) -> bytes:
        """`length` bytes of an object from `offset`; raises ObjectChanged as `piece` does."""
        return self.piece(key, offset, length, etag).body

    def piece(self, key: str, offset: int, length: int, etag: str | None = None) -> Piece:
        """At most `length` bytes of an object from `offset`; none of an empty object.

        With `etag` they are of that version: raises ObjectChanged when another one, or none, is in
        its place.
        """
        wanted = {**self.at(key), "Range": f"bytes={offset}-{offset + length - 1}"}
        try:
            answer = self.aws.call("s3", "GetObject", wanted | ({"IfMatch": etag} if etag else {}))
        except ServiceError as error:
            if error.code == "InvalidRange" and offset == 0:
                return Piece(b"", "", 0)
            if etag and error.code in CHANGED:
                raise ObjectChanged(key) from error
            raise
        size = int(answer["ContentRange"].rpartition("/")[2])
        return Piece(answer["Body"].read(), answer["ETag"], size)

    def url(self, key: str, lifetime: timedelta) -> str:
        """A link that anybody who has it may read the object by, until `lifetime` is over."""
        return self.aws.presigned("s3", "GetObject", self.at(key), lifetime)

    def at(self, key: str) -> dict[str, str]:
        """The parameters that name an object. Raises ConfigurationError."""
        if self.name is None:
            raise ConfigurationError("This function reads or writes objects; set WINDROW_BUCKET.")
        return {"Bucket": self.name, "Key": key}
