"""Requests that nobody wrote: none is answered with a 5xx, or in a shape of its own."""

from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.raw import send
from windrow.local.stack import LocalStack

PLACES = [
    "",
    "/api/v1",
    "/countries",
    "/api/v1/countries",
    "/countries/refresh",
    "/status",
    "/docs",
]
# Not OPTIONS: the emulator answers it itself, where AWS hands it on.
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
# What may stand in a request line besides what is percent-encoded, well-formed or not.
AS_WRITTEN = st.text("abc.~-_!$&'()*+,;=:@/%[]{}|^`\\\"<>#0", max_size=20)
ENCODED = st.binary(max_size=20).map(quote)
PIECES = st.one_of(AS_WRITTEN, ENCODED, st.sampled_from(["..", ".", "refresh", "image", "Nigeria"]))
NAMES = st.sampled_from(["sort", "region", "currency", "", "sort[]"]) | ENCODED
QUERIES = st.lists(st.tuples(NAMES, PIECES).map("=".join), max_size=3).map("&".join)
BODIES = st.binary(max_size=50) | st.sampled_from([b"{}", b"[]", b'{"a": {}}', b"\xef\xbb\xbf{}"])
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(str.strip)
HEADERS = st.dictionaries(
    st.sampled_from(["Accept", "Content-Type", "If-None-Match", "Cookie", "X-Forwarded-For"]),
    VALUES,
    max_size=3,
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    method=st.sampled_from(METHODS),
    place=st.sampled_from(PLACES),
    path=st.lists(PIECES, max_size=3),
    query=QUERIES,
    body=BODIES,
    headers=HEADERS,
)
def test_any_request_is_answered_or_refused_as_documented(
    stack: LocalStack,
    method: str,
    place: str,
    path: list[str],
    query: str,
    body: bytes,
    headers: dict[str, Any],
) -> None:
    target = "/".join([place, *path]) or "/"
    answer = send(stack.url, method, f"{target}?{query}" if query else target, body, headers)

    assert answer.status < 400 or method == "HEAD" or answer.is_documented_refusal
    assert answer.status < 500
    assert b"Traceback" not in answer.body
