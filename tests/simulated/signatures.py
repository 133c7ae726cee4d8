"""Presigned URLs, simulated: whoever has one may read one object until it expires."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tests.simulated.refusals import Refusal, Unsupported
from tests.simulated.time import Time


class Signatures:
    """The URLs that were signed, and what each of them stands for."""

    def __init__(self, time: Time, read: Callable[[Mapping[str, Any]], bytes]) -> None:
        self._time = time
        self._read = read
        self._signed: dict[str, tuple[int, Mapping[str, Any]]] = {}

    def sign(
        self, service: str, operation: str, parameters: Mapping[str, Any], lifetime: timedelta
    ) -> str:
        """A URL that makes this call; only the reading of objects is simulated."""
        if (service, operation) != ("s3", "GetObject"):
            raise Unsupported(f"The simulation signs no {service} {operation}.")
        expires = self._time.now + lifetime // timedelta(milliseconds=1)
        place = f"https://s3.simulated/{parameters['Bucket']}/{parameters['Key']}"
        url = f"{place}?X-Amz-Expires={lifetime // timedelta(seconds=1)}&signed={expires}"
        self._signed[url] = expires, dict(parameters)
        return url

    def fetch(self, url: str) -> bytes:
        """What a browser gets. Raises Refusal when the URL was never signed, or has expired."""
        expires, parameters = self._signed.get(url, (0, {}))
        if self._time.now >= expires:
            raise Refusal("AccessDenied", "Request has expired", 403)
        return self._read(parameters)
