"""S3, simulated: objects by key, whole or by a range of bytes; reads follow writes at once."""

from collections.abc import Callable, Mapping
from hashlib import md5
from io import BytesIO
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported, only

type Parameters = Mapping[str, Any]
type Answer = dict[str, Any]

MOST_KEYS = 1000


class S3:
    """All buckets of a simulated world."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, tuple[bytes, str]]] = {}
        self._operations: dict[str, Callable[[Parameters], Answer]] = {
            "CreateBucket": self._create,
            "PutObject": self._put,
            "GetObject": self._get,
            "DeleteObject": self._delete,
            "ListObjectsV2": self._list,
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
        only(parameters, "PutObject", frozenset({"Bucket", "Key", "Body", "ContentType"}))
        body = parameters["Body"]
        if not isinstance(body, bytes):
            raise Unsupported("The simulated S3 takes bytes only.")
        content_type = parameters.get("ContentType", "binary/octet-stream")
        self._bucket(parameters)[parameters["Key"]] = (body, content_type)
        return {"ETag": _etag(body)}

    def _get(self, parameters: Parameters) -> Answer:
        only(parameters, "GetObject", frozenset({"Bucket", "Key", "Range"}))
        bucket = self._bucket(parameters)
        if parameters["Key"] not in bucket:
            raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
        body, content_type = bucket[parameters["Key"]]
        etag = _etag(body)
        if "Range" in parameters:
            body = _cut(body, parameters["Range"])
        return {
            "Body": BytesIO(body),
            "ContentLength": len(body),
            "ContentType": content_type,
            "ETag": etag,
        }

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
        contents = [{"Key": key, "Size": len(bucket[key][0])} for key in page]
        answer: Answer = {"KeyCount": len(page), "IsTruncated": len(page) < len(keys)}
        if contents:
            answer["Contents"] = contents
        if answer["IsTruncated"]:
            answer["NextContinuationToken"] = page[-1]
        return answer

    def _bucket(self, parameters: Parameters) -> dict[str, tuple[bytes, str]]:
        if parameters["Bucket"] not in self.buckets:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        return self.buckets[parameters["Bucket"]]


def _etag(body: bytes) -> str:
    """The digest of the whole object, quoted as HTTP has it."""
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'


def _cut(body: bytes, range_: str) -> bytes:
    """The bytes of a range such as bytes=0-99, ends included."""
    first, _, last = range_.removeprefix("bytes=").partition("-")
    if not first.isdecimal() or not last.isdecimal():
        raise Unsupported(f"The simulated S3 knows ranges such as bytes=0-99, not {range_!r}.")
    if int(first) >= len(body) or int(last) < int(first):
        raise Refusal("InvalidRange", "The requested range is not satisfiable", 416)
    return body[int(first) : int(last) + 1]
