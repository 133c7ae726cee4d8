"""Cursors: where a list goes on, signed, so that what comes back is what was handed out.

A cursor holds a place in a list and a signature over that and the list's scope: whose it is, and
with which filters. The key is drawn once for a deployment and kept in the table, beside what its
functions may read and write anyway: a cursor opens nothing that its caller may not list, so the key
guards no secret. It keeps callers from building on what a place looks like.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from random import Random

from windrow.aws.dynamodb import decoded, encoded, expression
from windrow.aws.errors import ConditionFailed
from windrow.aws.port import AWS
from windrow.errors import InvalidCursor
from windrow.store.keys import CURSORS_KEY

# As much of a SHA-256 as nobody guesses.
LENGTH = 16
LONGEST = 1024


@dataclass(slots=True)
class Cursors:
    """Makes cursors and opens them; the key is read once, by the first that is needed."""

    aws: AWS
    table: str
    random: Random
    _key: bytes | None = None

    def at(self, scope: str, place: str) -> str:
        """A cursor that leads to a place of a list."""
        text = place.encode()
        return urlsafe_b64encode(self._signature(scope, text) + text).rstrip(b"=").decode()

    def place(self, scope: str, cursor: str) -> str:
        """The place that a cursor of this list leads to.

        Raises InvalidCursor for one of another list, or of nobody.
        """
        try:
            if len(cursor) > LONGEST:
                raise ValueError("too long")
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            text = raw[LENGTH:]
            if hmac.compare_digest(raw[:LENGTH], self._signature(scope, text)):
                return text.decode()
        except ValueError:
            pass
        raise InvalidCursor

    def _signature(self, scope: str, text: bytes) -> bytes:
        if self._key is None:
            self._key = self._read() or self._drawn()
        said = scope.encode()
        return hmac.digest(self._key, b"%d\n%b\n%b" % (len(said), said, text), "sha256")[:LENGTH]

    def _read(self) -> bytes | None:
        get = {"TableName": self.table, "Key": encoded(CURSORS_KEY), "ConsistentRead": True}
        answer = self.aws.call("dynamodb", "GetItem", get)
        return bytes.fromhex(decoded(answer["Item"])["key"]) if "Item" in answer else None

    def _drawn(self) -> bytes:
        """A new key, or the one that somebody else has stored meanwhile."""
        drawn = f"{self.random.getrandbits(256):064x}"
        put = {
            "TableName": self.table,
            "Item": encoded({**CURSORS_KEY, "key": drawn}),
            **expression(condition="attribute_not_exists(#PK)"),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            self.aws.call("dynamodb", "PutItem", put)
        except ConditionFailed as error:
            if error.item is None:
                raise
            return bytes.fromhex(decoded(error.item)["key"])
        return bytes.fromhex(drawn)
