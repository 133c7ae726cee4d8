"""S3, simulated: objects by key, whole, by a range of bytes, or in parts; reads follow writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import md5
from io import BytesIO
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only
from tests.simulated.signatures import Signatures
from tests.simulated.time import Time

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

MOST_KEYS = 1000
# Every part of an upload but the last one must be as large as this.
SMALLEST_PART = 5 * 1024 * 1024
MOST_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Object:
    """An object as it lies in a bucket; writing it again puts another in its place."""

    body: bytes
    content_type: str
    etag: str


@dataclass(slots=True)
class Upload:
    """An upload under way: its parts by number."""

    bucket: str
    key: str
    content_type: str
    parts: dict[int, Object] = field(default_factory=dict)


class S3:
    """All buckets of a simulated world."""

    def __init__(self, time: Time) -> None:
        self.buckets: dict[str, dict[str, Object]] = {}
        self.uploads: dict[str, Upload] = {}
        self.signatures = Signatures(time, self._signed)
        self._begun = 0
        self._operations: dict[str, Callable[[Parameters], Answer]] = {
            "CreateBucket": self._create,
            "PutObject": self._put,
            "GetObject": self._get,
            "DeleteObject": self._delete,
            "ListObjectsV2": self._list,
            "CreateMultipartUpload": self._begin,
            "UploadPart": self._part,
            "CompleteMultipartUpload": self._complete,
            "AbortMultipartUpload": self._abort,
        }

    def call(self, operation: str, parameters: Parameters) -> Answer:
        """One call. Raises Refusal as AWS refuses, and Unsupported for what is not simulated."""
        if operation not in self._operations:
            raise Unsupported(f"The simulated S3 has no {operation}.")
        return self._operations[operation](parameters)

    def _create(self, parameters: Parameters) -> Answer:
        only(parameters, "CreateBucket", frozenset({"Bucket"}))
        self.buckets[parameters["Bucket"]] = {}
        return {"Location": f"/{parameters['Bucket']}"}

    def _put(self, parameters: Parameters) -> Answer:
        known = {"Bucket", "Key", "Body", "ContentType", "ContentDisposition", "IfNoneMatch"}
        only(parameters, "PutObject", frozenset(known))
        bucket = self._bucket(parameters)
        if parameters.get("IfNoneMatch") == "*" and parameters["Key"] in bucket:
            held = "At least one of the pre-conditions you specified did not hold"
            raise Refusal("PreconditionFailed", held, 412)
        stored = _object(parameters["Body"], parameters.get("ContentType"))
        bucket[parameters["Key"]] = stored
        return {"ETag": stored.etag}

    def _get(self, parameters: Parameters) -> Answer:
        only(parameters, "GetObject", frozenset({"Bucket", "Key", "Range", "IfMatch"}))
        bucket = self._bucket(parameters)
        if parameters["Key"] not in bucket:
            raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
        found = bucket[parameters["Key"]]
        if parameters.get("IfMatch", found.etag) not in (found.etag, "*"):
            held = "At least one of the pre-conditions you specified did not hold"
            raise Refusal("PreconditionFailed", held, 412)
        answer: Answer = {"ContentType": found.content_type, "ETag": found.etag}
        body = found.body
        if "Range" in parameters:
            first, body = _cut(body, parameters["Range"])
            last = first + len(body) - 1
            answer["ContentRange"] = f"bytes {first}-{last}/{len(found.body)}"
        return answer | {"Body": BytesIO(body), "ContentLength": len(body)}

    def _delete(self, parameters: Parameters) -> Answer:
        only(parameters, "DeleteObject", frozenset({"Bucket", "Key"}))
        self._bucket(parameters).pop(parameters["Key"], None)
        return {}

    def _list(self, parameters: Parameters) -> Answer:
        known = frozenset({"Bucket", "Prefix", "MaxKeys", "ContinuationToken"})
        only(parameters, "ListObjectsV2", known)
        bucket = self._bucket(parameters)
        after = parameters.get("ContinuationToken", "")
        prefix = parameters.get("Prefix", "")
        keys = sorted(key for key in bucket if key.startswith(prefix) and key > after)
        page = keys[: parameters.get("MaxKeys", MOST_KEYS)]
        contents = [{"Key": key, "Size": len(bucket[key].body)} for key in page]
        answer: Answer = {"KeyCount": len(page), "IsTruncated": len(page) < len(keys)}
        if contents:
            answer["Contents"] = contents
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = page[-1]
        return answer

    def _begin(self, parameters: Parameters) -> Answer:
        only(parameters, "CreateMultipartUpload", frozenset({"Bucket", "Key", "ContentType"}))
        self._bucket(parameters)
        self._begun += 1
        identity, name, key = f"upload-{self._begun}", parameters["Bucket"], parameters["Key"]
        self.uploads[identity] = Upload(name, key, parameters.get("ContentType", ""))
        return {"Bucket": name, "Key": key, "UploadId": identity}

    def _part(self, parameters: Parameters) -> Answer:
        known = frozenset({"Bucket", "Key", "UploadId", "PartNumber", "Body"})
        only(parameters, "UploadPart", known)
        number = parameters["PartNumber"]
        if not 1 <= number <= MOST_PARTS:
            message = "Part number must be an integer between 1 and 10000, inclusive"
            raise Refusal("InvalidArgument", message)
        part = _object(parameters["Body"], None)
        self._upload(parameters).parts[number] = part
        return {"ETag": part.etag}

    def _complete(self, parameters: Parameters) -> Answer:
        known = frozenset({"Bucket", "Key", "UploadId", "MultipartUpload"})
        only(parameters, "CompleteMultipartUpload", known)
        upload = self._upload(parameters)
        named = [
            (part["PartNumber"], part["ETag"]) for part in parameters["MultipartUpload"]["Parts"]
        ]
        if named != sorted(named):
            raise Refusal("InvalidPartOrder", "The list of parts was not in ascending order.")
        if not named or any(
            number not in upload.parts or upload.parts[number].etag != etag
            for number, etag in named
        ):
            raise Refusal("InvalidPart", "One or more of the specified parts could not be found.")
        bodies = [upload.parts[number].body for number, _ in named]
        if any(len(body) < SMALLEST_PART for body in bodies[:-1]):
            message = "Your proposed upload is smaller than the minimum allowed size"
            raise Refusal("EntityTooSmall", message)
        digests = b"".join(md5(body, usedforsecurity=False).digest() for body in bodies)
        etag = f'"{md5(digests, usedforsecurity=False).hexdigest()}-{len(bodies)}"'
        stored = Object(b"".join(bodies), upload.content_type, etag)
        self.buckets[upload.bucket][upload.key] = stored
        # Another try to complete it meets nothing, as it may on AWS.
        del self.uploads[parameters["UploadId"]]
        return {"Bucket": upload.bucket, "Key": upload.key, "ETag": etag}

    def _abort(self, parameters: Parameters) -> Answer:
        only(parameters, "AbortMultipartUpload", frozenset({"Bucket", "Key", "UploadId"}))
        self._upload(parameters)
        del self.uploads[parameters["UploadId"]]
        return {}

    def _upload(self, parameters: Parameters) -> Upload:
        upload = self.uploads.get(parameters["UploadId"])
        if upload is None or (upload.bucket, upload.key) != (
            parameters["Bucket"],
            parameters["Key"],
        ):
            message = "The specified multipart upload does not exist."
            raise Refusal("NoSuchUpload", message, 404)
        return upload

    def _bucket(self, parameters: Parameters) -> dict[str, Object]:
        if parameters["Bucket"] not in self.buckets:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        return self.buckets[parameters["Bucket"]]

    def _signed(self, parameters: Parameters) -> bytes:
        body: bytes = self._get(parameters)["Body"].read()
        return body


def _object(body: Any, content_type: str | None) -> Object:
    """An object of these bytes; its tag is their digest, quoted as HTTP has it."""
    if not isinstance(body, bytes):
        raise Unsupported("The simulated S3 takes bytes only.")
    etag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
    return Object(body, content_type or "binary/octet-stream", etag)


def _cut(body: bytes, range_: str) -> tuple[int, bytes]:
    """Where a range such as bytes=0-99 begins, and its bytes, ends included."""
    first, _, last = range_.removeprefix("bytes=").partition("-")
    if not first.isdecimal() or not last.isdecimal():
        raise Unsupported(f"The simulated S3 knows ranges such as bytes=0-99, not {range_!r}.")
    if int(first) >= len(body) or int(last) < int(first):
        raise Refusal("InvalidRange", "The requested range is not satisfiable", 416)
    return int(first), body[int(first) : int(last) + 1]
