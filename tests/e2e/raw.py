"""Requests as they are written: no client in between mends a path, a header or a body."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 40


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_documented_refusal(self) -> bool:
        """Does it tell the caller what is wrong in the documented JSON, and nothing besides?"""
        if self.status not in range(400, 500):
            return False
        if self.headers.get("content-type") != "application/json":
            return False
        return is_error(self.json())


def is_error(document: Any) -> bool:
    """Is it {"error": sentence}, or that with "details": {field: sentence}?"""
    match document:
        case {"error": str(), "details": dict(details)} if len(document) == 2:
            return all(isinstance(said, str) for said in details.values())
        case {"error": str()}:
            return len(document) == 1
    return False


def send(
    url: str,
    method: str,
    target: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> RawAnswer:
    """Send one request for `target`, a path with or without a query, to the server at `url`."""
    server = urlsplit(url)
    connection = HTTPConnection(server.hostname or "", server.port, timeout=PATIENCE)
    try:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    return RawAnswer(
        answer.status, {name.lower(): value for name, value in answer.getheaders()}, content
    )
