"""The bucket: what is too large for a record. A map's items lie there as JSON Lines."""

from dataclasses import dataclass

from windrow.aws.port import AWS
from windrow.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects by key; writing one again replaces it."""

    aws: AWS
    name: str | None

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store an object whole."""
        self.aws.call(
            "s3",
            "PutObject",
            {"Bucket": self._named(), "Key": key, "Body": body, "ContentType": content_type},
        )

    def get(self, key: str) -> bytes:
        """The whole object."""
        return self._read({"Key": key})

    def slice(self, key: str, offset: int, length: int) -> bytes:
        """`length` bytes of an object from `offset`."""
        return self._read({"Key": key, "Range": f"bytes={offset}-{offset + length - 1}"})

    def _read(self, wanted: dict[str, str]) -> bytes:
        answer = self.aws.call("s3", "GetObject", {"Bucket": self._named(), **wanted})
        body: bytes = answer["Body"].read()
        return body

    def _named(self) -> str:
        if self.name is None:
            raise ConfigurationError("This function reads or writes objects; set WINDROW_BUCKET.")
        return self.name
