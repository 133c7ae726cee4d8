"""An object that is written as it comes: a small one in one call, a large one in parts."""

from contextlib import suppress
from typing import Any

from windrow.aws.errors import ServiceError
from windrow.store.bucket import Bucket

# S3 takes parts from 5 MB on (all but the last), and 10,000 of them: so at most 80 GB this way.
PART = 8 * 1024 * 1024


class Upload:
    """One object on its way. It is there, whole, once `close` returns; before that it is not.

    It holds one part in memory at most. An upload that is neither closed nor aborted leaves parts
    that nobody can read; a rule of the bucket removes them after a day.
    """

    def __init__(self, bucket: Bucket, key: str, content_type: str) -> None:
        self._bucket = bucket
        self._key = key
        self._content_type = content_type
        self._waiting = bytearray()
        self._upload: dict[str, str] | None = None
        self._parts: list[dict[str, Any]] = []

    def write(self, body: bytes) -> None:
        """Add to the end."""
        self._waiting += body
        if len(self._waiting) >= PART:
            self._send()

    def close(self) -> bytes | None:
        """Finish it. Returns the whole of it when it was small enough for one call."""
        if self._upload is None:
            whole = bytes(self._waiting)
            self._bucket.put(self._key, whole, self._content_type)
            return whole
        if self._waiting:
            self._send()
        parts = {"MultipartUpload": {"Parts": self._parts}}
        try:
            self._bucket.aws.call("s3", "CompleteMultipartUpload", {**self._upload, **parts})
        except ServiceError as error:
            # The answer to the first try may be lost, and the second one meet no upload any more.
            if error.code != "NoSuchUpload":
                raise
            self._bucket.piece(self._key, 0, 1)
        return None

    def abort(self) -> None:
        """Take back what was written, if AWS answers; else the bucket's rule does."""
        if self._upload is not None:
            with suppress(ServiceError):
                self._bucket.aws.call("s3", "AbortMultipartUpload", self._upload)

    def _send(self) -> None:
        aws = self._bucket.aws
        if self._upload is None:
            at = self._bucket.at(self._key)
            begun = aws.call(
                "s3", "CreateMultipartUpload", {**at, "ContentType": self._content_type}
            )
            self._upload = {**at, "UploadId": begun["UploadId"]}
        number = len(self._parts) + 1
        body = bytes(self._waiting)
        answer = aws.call("s3", "UploadPart", {**self._upload, "PartNumber": number, "Body": body})
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._waiting.clear()
