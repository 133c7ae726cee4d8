"""The summary image in the bucket: one object a tenant, replaced by each refresh."""

from dataclasses import dataclass

from windrow.aws.errors import ServiceError
from windrow.aws.port import AWS

CONTENT_TYPE = "image/png"


@dataclass(frozen=True, slots=True)
class Image:
    """The picture, and the tag that changes when it does."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class ImageStore:
    """Where a tenant's summary image lies."""

    aws: AWS
    bucket: str
    tenant: str

    @property
    def key(self) -> str:
        return f"countries/{self.tenant}/summary.png"

    def put(self, png: bytes) -> None:
        """Store the image in place of the one before."""
        self.aws.call(
            "s3",
            "PutObject",
            {"Bucket": self.bucket, "Key": self.key, "Body": png, "ContentType": CONTENT_TYPE},
        )

    def get(self) -> Image | None:
        """The image; None before the first."""
        try:
            answer = self.aws.call("s3", "GetObject", {"Bucket": self.bucket, "Key": self.key})
        except ServiceError as error:
            if error.code == "NoSuchKey":
                return None
            raise
        return Image(answer["Body"].read(), answer["ETag"])
